package org.vswitch.benchmark.load;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.Sockets;

/// The sending end. It sends as fast as it can in batches of 64 (`batch`) or frame by frame as VDE's own library does
/// (`single`), or at a rate (`paced`); or it measures round trips (`ping`).
///
/// A paced load is open: each frame carries the time it was due, not the time it went, so that whatever holds up the
/// generator, be it the switch, counts as latency.
public final class Generator extends Station {
    private static final long PACE_NS = 50_000;
    private static final long OVERTIME_NS = 1_000_000_000;

    private final MessageBatch batch = new MessageBatch();
    private final Histogram roundTrips = new Histogram();

    private Generator() {
    }

    /// What the loops need, as plain numbers.
    private record Load(int socket, int length, int macs, long startNs, long endNs) {
        static Load of(Order order, int socket) {
            return new Load(socket, (int) order.number("length"), (int) order.number("macs"), order.number("start"),
                    order.number("end"));
        }
    }

    /// Runs until standard input ends.
    ///
    /// @param arguments none
    /// @throws IOException if the harness is gone
    public static void main(String[] arguments) throws IOException {
        new Generator().converse();
    }

    @Override
    Order carryOut(Order order) throws LinuxException {
        if (order.word().equals("ping")) {
            return ping(order);
        }
        if (order.number("sndbuf") > 0) {
            Sockets.sendBuffer(plug(order), (int) order.number("sndbuf"));
        }
        Load load = Load.of(order, plug(order).number());
        prepare(load, (int) order.number("run"));
        waitUntil(load.startNs());
        long sent = switch (order.word()) {
            case "batch" -> sendBatches(load);
            case "single" -> sendSingly(load);
            case "paced" -> sendPaced(load, order.number("rate"));
            default -> throw new IllegalArgumentException("unknown order: " + order.word());
        };
        return Order.of("ok").with("sent", sent);
    }

    private void prepare(Load load, int run) {
        batch.begin(null);
        for (int i = 0; i < BATCH; i++) {
            TestFrame.prepare(buffer(i), run, load.length());
            TestFrame.destination(buffer(i), TestFrame.destination(0, load.macs()));
            batch.startMessage(1);
            batch.addPiece(buffer(i), load.length());
        }
    }

    private long sendBatches(Load load) throws LinuxException {
        long sent = 0;
        for (long now = System.nanoTime(); now < load.endNs(); now = System.nanoTime()) {
            for (int i = 0; i < BATCH; i++) {
                number(i, sent + i, now, load.macs());
            }
            sent += send(load, 0, load.endNs());
        }
        return sent;
    }

    private long sendSingly(Load load) throws LinuxException {
        long sent = 0;
        for (long now = System.nanoTime(); now < load.endNs(); now = System.nanoTime()) {
            number(0, sent, now, load.macs());
            sent += check(Sockets.send(load.socket(), buffer(0), load.length())) > 0 ? 1 : 0;
        }
        return sent;
    }

    private long sendPaced(Load load, long perSecond) throws LinuxException {
        long total = perSecond * ((load.endNs() - load.startNs()) / 1_000_000) / 1000;
        long sent = 0;
        for (long now = System.nanoTime(); sent < total && now < load.endNs() + OVERTIME_NS; now = System.nanoTime()) {
            long due = Math.min(total, (long) ((now - load.startNs()) * (perSecond * 1e-9))) - sent;
            if (due <= 0) {
                LockSupport.parkNanos(PACE_NS);
                continue;
            }
            int first = BATCH - (int) Math.min(BATCH, due);
            for (int i = first; i < BATCH; i++) {
                long sequence = sent + i - first;
                number(i, sequence, load.startNs() + (long) (sequence * (1e9 / perSecond)), load.macs());
            }
            sent += send(load, first, load.endNs() + OVERTIME_NS);
        }
        return sent;
    }

    private void number(int index, long sequence, long timeNs, int macs) {
        TestFrame.sequence(buffer(index), sequence);
        TestFrame.sentNs(buffer(index), timeNs);
        if (macs > 1) {
            TestFrame.destination(buffer(index), TestFrame.destination(sequence, macs));
        }
    }

    /// Sends the buffers from `first` on. A full socket is waited for in a blocking send of one frame, since an epoll
    /// instance would make every frame that the switch takes out of the socket dearer.
    ///
    /// @return how many went: all, unless time is up
    private int send(Load load, int first, long deadlineNs) throws LinuxException {
        int next = first;
        while (next < BATCH) {
            int count = batch.send(load.socket(), next);
            if (count > 0) {
                next += count;
            } else if (check(count) < 0 && check(Sockets.send(load.socket(), buffer(next), load.length())) > 0) {
                next++;
            } else if (System.nanoTime() > deadlineNs) {
                break;
            }
        }
        return next - first;
    }

    private Order ping(Order order) throws LinuxException {
        int socket = plug(order).number();
        int length = (int) order.number("length");
        int run = (int) order.number("run");
        long endNs = order.number("end");
        roundTrips.reset();
        TestFrame.prepare(buffer(0), run, length);
        waitUntil(order.number("start"));
        long sequence = 0;
        for (long sent = System.nanoTime(); sent < endNs; sent = System.nanoTime()) {
            TestFrame.sequence(buffer(0), sequence);
            check(Sockets.send(socket, buffer(0), length));
            while (System.nanoTime() < endNs) {
                int count = check(Sockets.receive(socket, buffer(1), TestFrame.MAX_LENGTH));
                if (TestFrame.belongsTo(buffer(1), count, run) && TestFrame.sequence(buffer(1)) == sequence) {
                    roundTrips.add(System.nanoTime() - sent);
                    break;
                }
            }
            sequence++;
        }
        return Order.of("ok").with("sent", sequence).with("answered", roundTrips.total())
                .with("p50", roundTrips.quantileNs(0.5)).with("p99", roundTrips.quantileNs(0.99));
    }

    private static int check(int result) throws LinuxException {
        return result < 0 && !isPassing(result) ? VdeClient.check(result, "send") : result;
    }
}
