package org.vswitch.link;

import java.io.IOException;
import java.util.List;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.SharedRing;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SharedMemory;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.WakeSocket;

/// A listening side of shared memory, ours, and another side that a test plays by hand: it may store whatever it likes
/// wherever it likes.
final class ShmRig implements AutoCloseable {
    static final int RING = ShmLayout.RING_BYTES;

    final ShmLink link;
    final FrameTray tray = new FrameTray();
    final FrameBatch batch = FrameBatch.forReceiving();
    /// The ring that the test writes.
    final SharedRing toLink;
    /// The ring that the test reads.
    final SharedRing fromLink;
    private final ShmHandshake.Offered offered;
    private final Fd connection;
    private final WakeSocket socket;
    private final Epoll packets = new Epoll(1);
    private final ShmLayout layout;

    /// Both sides take everything.
    ShmRig() throws IOException {
        this(ShmHandshake.hello(Offload.ALL, 0, "").emit());
    }

    /// The other side says something of its own.
    ShmRig(byte[] hello) throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.SEQPACKET, true);
        link = ShmHandshake.offer(pair.first(), Offload.ALL);
        offered = ShmHandshake.receive(pair.second(), 1);
        connection = pair.second();
        if (hello.length > 0) {
            FdPassing.send(connection, hello, List.of());
            link.woken();
        }
        socket = new WakeSocket(connection);
        packets.add(connection.number(), Epoll.READABLE, 0);
        layout = new ShmLayout(memory().address(), RING);
        toLink = layout.writtenBy(false);
        fromLink = layout.writtenBy(true);
    }

    SharedMemory memory() {
        return offered.memory();
    }

    /// Where a side says how it sleeps.
    long sleepOf(boolean listening) {
        return layout.sleepOf(listening);
    }

    /// Stores a record as a decent peer would, but does not publish it.
    ///
    /// @return the position behind it
    long record(long position, byte[] frame) {
        long record = toLink.records() + (position & RING - 1);
        NativeMemory.putInt(record, frame.length);
        NativeMemory.zero(record + 4, 12);
        NativeMemory.copyIn(frame, 0, record + 16, frame.length);
        return position + 16 + frame.length + 15 & -16;
    }

    /// What the link brings, released.
    ///
    /// @return its answer
    int receive() {
        batch.clear();
        int count = link.receive(batch);
        if (count > 0) {
            link.release(batch);
        }
        return count;
    }

    /// Says something on the socket.
    void say(byte[] packet) {
        FdPassing.send(connection, packet, List.of());
    }

    /// Whether the link has sent a packet.
    boolean wasWoken() {
        return packets.await(0) == 1 && socket.receive() > 0;
    }

    /// Whether the link has broken for a reason, and ends.
    boolean hasBroken(String complaint) {
        int count = receive();
        return count > 0 && batch.discarded(Drop.BAD_RING) == 1 && receive() == Link.GONE
                && link.complaint().orElse("").equals(complaint);
    }

    /// Leaves without the memory.
    void leave() {
        packets.close();
        socket.close();
    }

    @Override
    public void close() {
        leave();
        offered.memory().close();
        link.close();
        tray.close();
        batch.free();
    }
}
