package org.vswitch.link;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.frame.SharedRingReader;
import org.vswitch.frame.SharedRingWriter;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SharedMemory;
import org.vswitch.linux.WakeSocket;

/// Frames to and from another process through memory that both have mapped: one copy a frame, no system call, and
/// offload headers with them.
///
/// Theory of operation. Each direction is a [org.vswitch.frame.SharedRing]; the other side may be hostile, and all that
/// it can do to us is end its link. The link is polled; a [WakeSocket] beside the memory wakes, and its end is the end
/// of the link, at once, however the other process dies. What that has written before is received first, and nothing
/// that whoever still has the memory writes after.
///
/// No wake-up is lost, as with [MemoryLink]: a side publishes, fences, and looks how the other sleeps; a sleeper says
/// how, fences, and looks what was published. It says a number, new with each sleep, and what it waits for: frames, or
/// also room. One packet is sent for each number, so a sleeper that takes its time is not woken again and again. For
/// room nobody is woken before a quarter of the ring is free: else the two would wake each other for each batch. While
/// frames have been flowing, [#arm] says for some passes that there might be more.
///
/// A listening side may be put to use before the other has said what it takes, and carries complete frames until then.
public final class ShmLink implements PeerLink, MeasuredLink {
    private static final int FRAMES = 1;
    private static final int ROOM = 2;
    private static final int NUMBER = 2;
    /// How often in a row the socket may be readable without anything to read, before it is none that wakes.
    private static final int MOST_EMPTY = 100_000;

    private final WakeSocket socket;
    private final SharedMemory memory;
    private final SharedRingReader incoming;
    private final SharedRingWriter outgoing;
    private final long sleep;
    private final long peerSleep;
    private final Offload ours;
    private final Patience patience = new Patience();
    private LinkFeatures features;
    private Runnable refit = () -> { };
    private boolean introduced;
    private boolean refitted = true;
    private boolean refused;
    private boolean armed;
    private boolean hasLeft;
    private boolean broken;
    private String complaint;
    private long sleeps;
    private long wokenSleep;
    private long wakeUps;
    private int empty;
    private int lent;

    private ShmLink(WakeSocket socket, SharedMemory memory, Side side) {
        this.socket = socket;
        this.memory = memory;
        ShmLayout layout = new ShmLayout(memory.address(), side.ringBytes);
        incoming = new SharedRingReader(layout.writtenBy(!side.listening));
        outgoing = new SharedRingWriter(layout.writtenBy(side.listening));
        sleep = layout.sleepOf(side.listening);
        peerSleep = layout.sleepOf(!side.listening);
        ours = side.offload;
        features = LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED);
    }

    /// A side of shared memory.
    ///
    /// @param listening whether it has made the memory
    /// @param ringBytes capacity of each ring
    /// @param offload what it takes and sends
    record Side(boolean listening, int ringBytes, Offload offload) {
    }

    /// A link to whoever will say what it takes in the socket's first packet.
    ///
    /// @param socket closed with the link
    /// @param memory as long as the rings need, closed with the link
    /// @param side ours
    static ShmLink unintroduced(WakeSocket socket, SharedMemory memory, Side side) {
        return new ShmLink(socket, memory, side);
    }

    /// A link to whoever has said what it takes.
    ///
    /// @param socket closed with the link
    /// @param memory as long as the rings need, closed with the link
    /// @param side ours
    /// @param features what may be sent
    static ShmLink introduced(WakeSocket socket, SharedMemory memory, Side side, LinkFeatures features) {
        ShmLink link = new ShmLink(socket, memory, side);
        link.features = features;
        link.introduced = true;
        return link;
    }

    @Override
    public LinkFeatures features() {
        return features;
    }

    @Override
    public void refitBy(Runnable changed) {
        refit = changed;
    }

    @Override
    public int descriptor() {
        return socket.fd();
    }

    @Override
    public boolean isPolled() {
        return true;
    }

    @Override
    public Optional<String> complaint() {
        return Optional.ofNullable(complaint);
    }

    @Override
    public void woken() {
        int length = socket.receive();
        empty = length == WakeSocket.NOTHING ? empty + 1 : 0;
        if (empty > MOST_EMPTY) {
            breakDown("wakes for nothing");
        } else if (length == 0) {
            hasLeft = true;
            incoming.end();
        } else if (length > 0 && !introduced) {
            introduce(socket.packet(length));
        } else {
            wakeUps++;
        }
    }

    private void introduce(byte[] packet) {
        try {
            features = ShmHello.parse(packet).features(ours);
            introduced = true;
            refitted = false;
        } catch (IOException nonsense) {
            complaint = nonsense.getMessage();
            broken = true;
        }
    }

    @Override
    public int receive(FrameBatch batch) {
        if (broken) {
            return GONE;
        }
        if (!refitted) {
            refitted = true;
            refit.run();
        }
        lent = incoming.receive(batch);
        if (incoming.fault() != null) {
            breakDown(incoming.fault());
        } else if (lent == 0 && outgoing.fault() != null) {
            breakDown(outgoing.fault());
            batch.discard(Drop.BAD_RING);
            return 1;
        }
        if (lent > 0) {
            patience.begin(lent);
        }
        return lent == 0 && hasLeft ? GONE : lent;
    }

    @Override
    public void release(FrameBatch batch) {
        if (lent > 0) {
            lent = 0;
            incoming.release();
            VarHandle.fullFence();
            if (incoming.hasRoom()) {
                wake(ROOM);
            }
        }
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        if (broken || hasLeft || outgoing.fault() != null) {
            return from < to ? DOWN : 0; // what was sent to us is received first, which also finds out the end
        }
        int taken = outgoing.transmit(batch, rows, from, to);
        refused = taken < to - from;
        if (taken > 0) {
            patience.begin(taken);
            VarHandle.fullFence();
            wake(FRAMES);
        }
        return taken;
    }

    @Override
    public boolean arm() {
        if (hasWork() || !patience.isOver()) {
            return false;
        }
        armed = true;
        NativeMemory.putLongRelease(sleep, ++sleeps << NUMBER | FRAMES | (refused ? ROOM : 0));
        VarHandle.fullFence();
        return !hasWork();
    }

    @Override
    public void disarm() {
        if (armed) {
            armed = false;
            NativeMemory.putLongRelease(sleep, 0);
        }
    }

    @Override
    public Drop whenFull() {
        return Drop.RING_FULL;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        into.gauge("bytes-incoming", incoming.used(), incoming.capacity());
        into.gauge("bytes-outgoing", outgoing.used(), outgoing.capacity());
        into.counter("wake-ups", wakeUps);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        socket.close();
        memory.close();
    }

    private boolean hasWork() {
        return hasLeft || broken || outgoing.fault() != null || !incoming.isEmpty() || refused && outgoing.hasMoved();
    }

    private void breakDown(String fault) {
        complaint = fault;
        broken = true;
    }

    private void wake(int reason) {
        long word = NativeMemory.getLongAcquire(peerSleep);
        if ((word & reason) != 0 && word >>> NUMBER != wokenSleep) {
            wokenSleep = word >>> NUMBER;
            socket.signal();
        }
    }
}
