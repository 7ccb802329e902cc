package org.vswitch.link;

import org.vswitch.frame.FrameBatch;

/// What a data plane does with received frames: a bridge, or a cable between two links. Called by the data-plane
/// thread alone.
public interface Forwarder {
    /// Hands the frames of a batch to endpoints, or counts them as lost.
    ///
    /// @param batch received from `ingress`; to be released by the caller afterwards
    /// @param ingress where they came from
    /// @param taken how many frames the link had, those discarded at receive included
    void forward(FrameBatch batch, Endpoint ingress, int taken);

    /// Puts an endpoint to use.
    ///
    /// @param endpoint new
    void attached(Endpoint endpoint);

    /// Stops using an endpoint. Its link is closed afterwards.
    ///
    /// @param endpoint attached before
    void detached(Endpoint endpoint);

    /// Does what is due.
    ///
    /// @param nowNs the time
    /// @return when to be called again, or [Long#MAX_VALUE]
    long onDeadline(long nowNs);

    /// Tells the time of a pass.
    ///
    /// @param nowNs the time
    void now(long nowNs);

    /// Who is told that an endpoint has frames waiting for its link, or that its link has gone.
    @FunctionalInterface
    interface Attention {
        /// Has the endpoint flushed when its link becomes writable, or detached if it has gone.
        ///
        /// @param endpoint that transmitted in this pass
        void needed(Endpoint endpoint);
    }
}
