package org.vswitch.link;

/// A tap as it stands on a port: of one queue ([TapLink]) or several ([TapQueues]).
interface TapPort extends MeasuredLink {
    /// The interface's name.
    ///
    /// @return as the kernel gave it
    String name();

    /// Whether the interface has gone; to be asked once the link was detached.
    ///
    /// @return false if the link was taken out of use
    boolean hasEnded();
}
