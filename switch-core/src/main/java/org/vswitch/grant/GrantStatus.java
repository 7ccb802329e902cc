package org.vswitch.grant;

import java.util.Optional;

/// What the broker answers. The order is the number in the message.
public enum GrantStatus {
    /// Here is the tap.
    GRANTED("granted"),
    /// No request at all.
    MALFORMED("the request makes no sense"),
    /// A request of another version.
    VERSION("the broker speaks another version"),
    /// No line of the policy fits the user.
    USER("the policy says nothing of this user"),
    /// The name is none, is not among those of this user, or an interface has it.
    NAME("not a name that this user may give an interface"),
    /// The bridge is not among those of this user.
    BRIDGE("not a bridge that this user may join"),
    /// The tap may not have that address.
    ADDRESS("not an address that this user may give an interface"),
    /// The MAC address is no station's, or not to be chosen beside a bridge.
    MAC("not a MAC address that this user may give an interface"),
    /// The MTU is out of bounds, or not the bridge's.
    MTU("not an MTU that this user may give an interface"),
    /// The user has as many taps as the policy allows.
    USER_QUOTA("this user has no tap left"),
    /// All users together have as many taps as the policy allows.
    TOTAL_QUOTA("all users together have no tap left"),
    /// The interface exists already.
    EXISTS("there is an interface of that name"),
    /// The kernel refused.
    KERNEL("the kernel refuses");

    private final String text;

    GrantStatus(String text) {
        this.text = text;
    }

    /// What it means.
    ///
    /// @return words for people
    public String text() {
        return text;
    }

    static Optional<GrantStatus> of(int number) {
        return number < values().length ? Optional.of(values()[number]) : Optional.empty();
    }
}
