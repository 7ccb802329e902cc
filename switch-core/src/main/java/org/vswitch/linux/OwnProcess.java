package org.vswitch.linux;

/// What the kernel knows about this process and Java does not say.
public final class OwnProcess {
    private OwnProcess() {
    }

    /// The user whose rights this process has.
    ///
    /// @return the effective user id; 0 for root
    public static int userId() {
        return LibC.geteuid();
    }

    /// The group whose rights this process has.
    ///
    /// @return the effective group id
    public static int groupId() {
        return LibC.getegid();
    }
}
