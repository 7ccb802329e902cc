package org.vswitch.link;

/// A tap as it stands on a port: of one queue ([TapLink]) or several ([TapQueues]), a port of
/// a bridge ([BridgedTap]), or a macvtap ([MacvtapLink]).
interface TapPort extends MeasuredLink {
    /// The interface's name.
    ///
    /// @return as the kernel gave it
    String name();

    /// Whether the interface has gone; to be asked once the link was detached.
    ///
    /// @return false if the link was taken out of use
    boolean hasEnded();

    /// Begins to look after the interface, for kinds whose descriptor does not tell what becomes of it. Called once, on
    /// the control side, when the link is in use.
    ///
    /// @param onGone called when the interface has gone, if nothing else shows it
    default void watch(Runnable onGone) {
    }

    /// Gives up what else was held for the link; once, on the control side, after it was closed.
    default void dispose() {
    }
}
