package org.vswitch.control;

/// Who may use a socket in the file system.
///
/// @param mode permission bits, for example 0600
/// @param group the group that owns the socket, or [#NO_GROUP] to leave it as it is created
public record SocketPermissions(int mode, int group) {
    /// No particular group.
    public static final int NO_GROUP = -1;
    /// Only the owner may use it.
    public static final SocketPermissions DEFAULT = new SocketPermissions(0600, NO_GROUP);
}
