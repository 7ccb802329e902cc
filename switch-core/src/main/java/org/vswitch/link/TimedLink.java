package org.vswitch.link;

/// A link that also acts by the clock: it holds frames back, or has timers of its own.
///
/// Links read no clock. Once a pass, before any link is called, the data plane tells those of this kind the time, and
/// it sleeps no longer than until the next [#deadlineNs]; a real clock is met within a millisecond or two. All else is
/// as with every link: with a descriptor, which tells of what comes from outside, or without one. A link around a link
/// passes on what the inner one says.
public interface TimedLink extends Link {
    /// Does what is due. Called once before the link is used, and then first thing in each pass.
    ///
    /// @param nowNs the time of the pass, valid until the next call
    void now(long nowNs);

    /// When [#now] is to be called though nothing came. Asked after the pass's work.
    ///
    /// @return a time, past or to come, or [Long#MAX_VALUE] for none
    long deadlineNs();

    /// Whether [#receive] has something to say that the descriptor does not tell of: frames, or the end of the link.
    ///
    /// @return true as long as it has
    boolean isReady();

    /// Whether frames that this link took wait in it for its descriptor to become writable. [#now] then tries again.
    ///
    /// @return false for a link without descriptor
    boolean awaitsRoom();

    /// Prepares to be detached while it works: what it still has to say is received while [#isReady] says so, 64
    /// batches at most. Not called for a link that has ended by itself.
    default void leave() {
    }
}
