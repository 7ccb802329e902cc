package org.vswitch.engine;

import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.TimedLink;
import org.vswitch.linux.Epoll;

/// An endpoint in use and how its data plane watches it.
///
/// Where many senders wait, a short batch of super-frames makes each receiver wake for it, and a long one is better,
/// though it outgrows a cache. But links that queue segments have no room for it. So a source whose batches are taken
/// at once may bring twice as much with the next, up to [#MOST_BYTES].
final class Attachment {
    /// What a source may bring at once at least, whoever takes it.
    static final int LEAST_BYTES = 256 * 1024;
    /// And at most.
    static final int MOST_BYTES = 2 * 1024 * 1024;

    final Endpoint endpoint;
    final Runnable onDetached;
    /// The link if it acts by the clock, or null.
    final TimedLink timed;
    private final boolean polled;
    /// Its place and interest as epoll knows them.
    int watchedIndex;
    int interest = Epoll.READABLE;
    /// Whether it is on the list of those to be looked at after the pass.
    boolean inNeed;
    /// The pass in which frames came last.
    long lastPass;
    /// Whether its ingress waits.
    boolean paused;
    /// Whether it was told that it is about to be detached.
    boolean hasLeft;
    /// How many bytes of super-frames it may bring at once.
    int wantedBytes = LEAST_BYTES;

    Attachment(Endpoint endpoint, Runnable onDetached) {
        this.endpoint = endpoint;
        this.onDetached = onDetached;
        this.timed = endpoint.link() instanceof TimedLink link ? link : null;
        this.watchedIndex = endpoint.index();
        this.polled = endpoint.link().isPolled();
    }

    /// Whether it is asked for frames in each pass. It may have a descriptor besides, which only wakes.
    boolean isPolled() {
        return polled;
    }

    boolean hasDescriptor() {
        return endpoint.link().descriptor() != Link.NO_DESCRIPTOR;
    }

    /// A batch has been forwarded.
    ///
    /// @param bytes of its frames
    /// @param takenAtOnce whether nothing of it waits
    void forwarded(long bytes, boolean takenAtOnce) {
        if (!takenAtOnce) {
            wantedBytes = LEAST_BYTES;
        } else if (bytes > wantedBytes / 2) {
            wantedBytes = Math.min(2 * wantedBytes, MOST_BYTES);
        }
    }

    /// Whether any event of its descriptor may say that there is room.
    boolean awaitsRoomByReading() {
        return endpoint.isBacklogged() && endpoint.link().tellsOfRoomByReading();
    }

    /// What epoll is to wake the data plane for.
    int wanted() {
        if (polled) {
            return Epoll.READABLE;
        }
        boolean awaitsRoom = endpoint.isBacklogged() || timed != null && timed.awaitsRoom();
        return (paused ? 0 : Epoll.READABLE) | (awaitsRoom ? Epoll.WRITABLE : 0);
    }
}
