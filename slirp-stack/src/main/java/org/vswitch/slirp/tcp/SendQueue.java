package org.vswitch.slirp.tcp;

/// The flows that have something to send, first come, first served.
final class SendQueue {
    private TcpFlow first;
    private TcpFlow last;

    /// Appends a flow, unless it is in the queue.
    ///
    /// @param flow that may have something to send
    void add(TcpFlow flow) {
        if (flow.queued) {
            return;
        }
        flow.queued = true;
        flow.nextQueued = null;
        if (last == null) {
            first = flow;
        } else {
            last.nextQueued = flow;
        }
        last = flow;
    }

    /// Takes the first flow.
    ///
    /// @return null if there is none
    TcpFlow take() {
        TcpFlow flow = first;
        if (flow != null) {
            first = flow.nextQueued;
            last = first == null ? null : last;
            flow.nextQueued = null;
            flow.queued = false;
        }
        return flow;
    }

    /// Whether there is none.
    ///
    /// @return true if nobody waits
    boolean isEmpty() {
        return first == null;
    }
}
