package org.vswitch.benchmark.load;

import java.io.IOException;
import org.vswitch.link.vhost.FrontEndSocket;
import org.vswitch.link.vhost.SplitRingDriver;
import org.vswitch.link.vhost.TestGuest;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A guest that shares its memory with a switch, with one pair of rings. Its front-end listens, and takes the switch
/// again whenever that comes back, or connects once. Used by one thread.
public final class SharedGuest implements AutoCloseable {
    /// Descriptors of each ring.
    static final int SIZE = 1024;
    private static final int RECEIVING = 0;
    private static final int SENDING = 1;

    private final TestGuest guest = new TestGuest(TestGuest.LINUX, 1, SIZE);
    private final Fd listener;
    private FrontEndSocket socket;
    private long plugs;
    private long connectedNs;

    private SharedGuest(Fd listener) throws IOException {
        this.listener = listener;
        SplitRingDriver ring = guest.ring(RECEIVING);
        for (int i = 0; i < SIZE; i++) {
            ring.descriptor(i, guest.buffer(RECEIVING, i), TestGuest.BUFFER, SplitRingDriver.WRITE);
            ring.offer(i);
        }
        ring.announce();
        for (int i = 0; i < SIZE; i++) {
            guest.ring(SENDING).descriptor(i, guest.buffer(SENDING, i), guest.header(), 0);
        }
    }

    /// A guest to which the switch connects.
    ///
    /// @param path of its socket
    /// @return to be closed
    /// @throws IOException if the kernel refuses
    public static SharedGuest listen(String path) throws IOException {
        Fd listener = Sockets.open(Sockets.Type.STREAM, true);
        Sockets.bind(listener, SocketAddress.ofPath(path));
        Sockets.listen(listener, 1);
        return new SharedGuest(listener);
    }

    /// A guest that is plugged into a switch.
    ///
    /// @param path where that listens
    /// @return to be closed
    /// @throws IOException if nobody is there
    public static SharedGuest connect(String path) throws IOException {
        FrontEndSocket front = FrontEndSocket.connect(path);
        SharedGuest made = new SharedGuest(null);
        try {
            made.plug(front);
            return made;
        } catch (IOException refusal) {
            made.close();
            throw refusal;
        }
    }

    /// Whether a switch serves it, which this finds out: one that has gone is let go, one that has come is told of the
    /// rings.
    ///
    /// @return true if there is one
    public boolean isPlugged() {
        if (socket != null && socket.hasEnded()) {
            socket.close();
            socket = null;
        }
        if (socket == null && listener != null) {
            int accepted = Sockets.accept(listener);
            if (accepted >= 0) {
                connectedNs = System.nanoTime();
                take(new FrontEndSocket(new Fd(accepted)));
            }
        }
        return socket != null;
    }

    private void take(FrontEndSocket front) {
        try {
            plug(front);
        } catch (IOException killedMeanwhile) {
            socket = null;
        }
    }

    /// How often a switch began to serve it.
    ///
    /// @return a count
    public long plugs() {
        return plugs;
    }

    /// When a switch connected last.
    ///
    /// @return a reading of [System#nanoTime]
    public long connectedNs() {
        return connectedNs;
    }

    /// How many frames the ring has room for, once those are taken back that the switch is done with.
    int room() {
        SplitRingDriver ring = guest.ring(SENDING);
        while (ring.returned() > 0) {
            ring.take();
        }
        return SIZE - ring.outstanding();
    }

    /// Where the frames of a buffer to send from begin.
    long buffer(int index) {
        return guest.at(guest.buffer(SENDING, index) + guest.header());
    }

    /// Where the next frame is to be written, before [#offer].
    long next() {
        return buffer(guest.ring(SENDING).offered() & SIZE - 1);
    }

    /// Has a frame sent, with [#flush].
    void offer(int length) {
        SplitRingDriver ring = guest.ring(SENDING);
        int index = ring.offered() & SIZE - 1;
        ring.descriptor(index, guest.buffer(SENDING, index), guest.header() + length, 0);
        ring.offer(index);
    }

    /// Sends what was offered.
    void flush() {
        announce(SENDING);
    }

    /// How many frames have come.
    int waiting() {
        return guest.ring(RECEIVING).returned();
    }

    /// Where the oldest frame that came is, until [#take].
    long frame() {
        return guest.at(guest.buffer(RECEIVING, guest.ring(RECEIVING).head()) + guest.header());
    }

    /// How long it is.
    int length() {
        return guest.ring(RECEIVING).length() - guest.header();
    }

    /// Goes on to the next, and gives the buffer back with [#giveBack].
    void take() {
        SplitRingDriver ring = guest.ring(RECEIVING);
        int head = ring.head();
        ring.take();
        ring.offer(head);
    }

    /// Gives the buffers back that were taken.
    void giveBack() {
        announce(RECEIVING);
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
        }
        if (listener != null) {
            listener.close();
        }
        guest.close();
    }

    private void plug(FrontEndSocket front) throws IOException {
        try {
            guest.plugInto(front);
        } catch (IOException refusal) {
            front.close();
            throw refusal;
        }
        socket = front;
        plugs++;
        guest.kick(RECEIVING).ring();
        guest.kick(SENDING).ring();
    }

    private void announce(int number) {
        SplitRingDriver ring = guest.ring(number);
        ring.announce();
        if (ring.wantsKick()) {
            guest.kick(number).ring();
        }
    }
}
