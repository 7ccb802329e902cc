package org.vswitch.engine;

import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.TimedLink;
import org.vswitch.linux.Epoll;

/// An endpoint in use and how its data plane watches it.
final class Attachment {
    final Endpoint endpoint;
    final Runnable onDetached;
    /// The link if it acts by the clock, or null.
    final TimedLink timed;
    /// Its place and interest as epoll knows them.
    int watchedIndex;
    int interest = Epoll.READABLE;
    /// Whether it is on the list of those to be looked at after the pass.
    boolean inNeed;
    /// The pass in which frames came last.
    long lastPass;
    /// Whether its ingress waits.
    boolean paused;

    Attachment(Endpoint endpoint, Runnable onDetached) {
        this.endpoint = endpoint;
        this.onDetached = onDetached;
        this.timed = endpoint.link() instanceof TimedLink link ? link : null;
        this.watchedIndex = endpoint.index();
    }

    boolean isPolled() {
        return endpoint.link().descriptor() == Link.NO_DESCRIPTOR;
    }

    /// Whether any event of its descriptor may say that there is room.
    boolean awaitsRoomByReading() {
        return endpoint.isBacklogged() && endpoint.link().tellsOfRoomByReading();
    }

    /// What epoll is to wake the data plane for.
    int wanted() {
        boolean awaitsRoom = endpoint.isBacklogged() || timed != null && timed.awaitsRoom();
        return (paused ? 0 : Epoll.READABLE) | (awaitsRoom ? Epoll.WRITABLE : 0);
    }
}
