package org.vswitch.slirp.tcp;

/// The connections in TIME_WAIT, the oldest first: when there are too many, that one goes.
final class TimeWaitQueue {
    private final int capacity;
    private TcpFlow oldest;
    private TcpFlow newest;
    private int size;

    TimeWaitQueue(int capacity) {
        this.capacity = capacity;
    }

    /// Whether one has to go before another comes.
    ///
    /// @return true at the limit
    boolean isFull() {
        return size == capacity;
    }

    /// The one that waits longest.
    ///
    /// @return null if there is none
    TcpFlow oldest() {
        return oldest;
    }

    /// Appends a flow.
    ///
    /// @param flow not in the queue
    void add(TcpFlow flow) {
        flow.olderWaiting = newest;
        flow.newerWaiting = null;
        if (newest == null) {
            oldest = flow;
        } else {
            newest.newerWaiting = flow;
        }
        newest = flow;
        size++;
    }

    /// Removes a flow.
    ///
    /// @param flow in the queue
    void remove(TcpFlow flow) {
        if (flow.olderWaiting == null) {
            oldest = flow.newerWaiting;
        } else {
            flow.olderWaiting.newerWaiting = flow.newerWaiting;
        }
        if (flow.newerWaiting == null) {
            newest = flow.olderWaiting;
        } else {
            flow.newerWaiting.olderWaiting = flow.olderWaiting;
        }
        flow.olderWaiting = null;
        flow.newerWaiting = null;
        size--;
    }
}
