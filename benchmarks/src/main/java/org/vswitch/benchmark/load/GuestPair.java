package org.vswitch.benchmark.load;

import java.io.IOException;

/// Two guests on ports of one switch, the first of which sends numbered frames to the second. One thread does both, so
/// that neither is ever far behind the other: what does not come was lost by the switch.
public final class GuestPair implements AutoCloseable {
    private static final long CAPACITY = 1L << 30;
    private static final int RUN = 1;
    private static final int LENGTH = 64;

    private final SharedGuest sender;
    private final SharedGuest receiver;
    private final Arrivals arrivals = new Arrivals(CAPACITY);
    private final int floods;
    private long introduced;
    private long sent;
    private long visitor = -1;
    private boolean plugged;

    /// @param first path of the sender's socket, to which the switch is to connect
    /// @param second of the receiver's
    /// @param floods each frame whose number is a multiple of this goes to everybody; 0 for none
    /// @throws IOException if the kernel refuses
    public GuestPair(String first, String second, int floods) throws IOException {
        sender = SharedGuest.listen(first);
        receiver = SharedGuest.listen(second);
        this.floods = floods;
        for (int i = 0; i < SharedGuest.SIZE; i++) {
            TestFrame.prepare(sender.buffer(i), RUN, LENGTH);
        }
    }

    /// Finds out whether a switch serves both.
    ///
    /// @return true if so
    public boolean look() {
        boolean first = sender.isPlugged();
        plugged = receiver.isPlugged() && first;
        if (plugged && introduced != plugs()) {
            introduced = plugs();
            introduce(receiver, 0, 0);
        }
        return plugged;
    }

    /// How often switches began to serve the one and the other.
    ///
    /// @return a count
    public long plugs() {
        return sender.plugs() + receiver.plugs();
    }

    /// When a switch connected to the last of them.
    ///
    /// @return a reading of [System#nanoTime]
    public long connectedNs() {
        return Math.max(sender.connectedNs(), receiver.connectedNs());
    }

    /// Sends some frames, and counts all that have come.
    ///
    /// @param most how many to send; fewer if the ring is full, none if nobody serves it
    /// @return how many have come
    public int turn(int most) {
        int room = plugged ? Math.min(most, sender.room()) : 0;
        for (int i = 0; i < room; i++, sent++) {
            long frame = sender.next();
            TestFrame.sequence(frame, sent);
            TestFrame.destination(frame, floods > 0 && sent % floods == 0 ? TestFrame.BROADCAST
                    : TestFrame.receiverMac(0, 0));
            sender.offer(LENGTH);
        }
        if (room > 0) {
            sender.flush();
        }
        int came = receiver.waiting();
        for (int i = 0; i < came; i++) {
            count(receiver.frame(), receiver.length());
            receiver.take();
        }
        if (came > 0) {
            receiver.giveBack();
        }
        return came;
    }

    /// How many frames were sent so far.
    ///
    /// @return a count
    public long sent() {
        return sent;
    }

    /// How many of them have come, each counted once.
    ///
    /// @return a count
    public long arrived() {
        return arrivals.distinct();
    }

    /// Which [Visitor] was heard last.
    ///
    /// @return its number, or -1
    public long visitor() {
        return visitor;
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
    }

    /// Has a guest send a frame from an address of a station, for the switch to learn, and for the receiver to hear if
    /// it is another one.
    static void introduce(SharedGuest guest, int station, int index) {
        if (guest.room() > 0) {
            TestFrame.prepareHello(guest.next(), TestFrame.receiverMac(station, index));
            guest.offer(TestFrame.HELLO_LENGTH);
            guest.flush();
        }
    }

    private void count(long frame, int length) {
        if (TestFrame.belongsTo(frame, length, RUN)) {
            arrivals.add(TestFrame.sequence(frame), true);
        } else {
            visitor = TestFrame.source(frame) - TestFrame.receiverMac(Visitor.STATION, 0);
        }
    }
}
