package org.vswitch.benchmark.load;

import java.util.concurrent.Callable;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.Sockets;

/// What one plug of a receiver gets, taken and counted by a thread of its own.
///
/// While frames come it takes them 64 at a time and without waiting. When none is left it waits in a blocking receive,
/// as a client would that has nothing else to do: a process in epoll would make every send of the switch dearer.
final class Lane implements Callable<Lane> {
    private static final long CAPACITY = 1L << 26;
    private static final int BATCH = MessageBatch.CAPACITY;

    private final MessageBatch batch = new MessageBatch();
    private final long buffers = NativeMemory.map(BATCH * Station.STRIDE);
    private final Arrivals arrivals = new Arrivals(CAPACITY);
    private final Histogram latencies = new Histogram();
    private int socket;
    private Window window;
    private long nowNs;

    Lane() {
        for (int i = 0; i < BATCH; i++) {
            batch.receiveInto(i, buffer(i), TestFrame.MAX_LENGTH);
        }
    }

    /// Which frames count, and until when to stay: a time, or until so many came.
    record Window(int run, long fromNs, long toNs, long endNs, long expected) {
        static Window of(Order order) {
            long expected = order.values().containsKey("expected") ? order.number("expected") : Long.MAX_VALUE;
            return new Window((int) order.number("run"), order.number("from"), order.number("to"),
                    order.number("end"), expected);
        }

        boolean contains(long timeNs) {
            return timeNs >= fromNs && timeNs < toNs;
        }
    }

    /// Makes it ready for a run.
    Lane begin(int plug, Window frames) {
        socket = plug;
        window = frames;
        arrivals.reset();
        latencies.reset();
        return this;
    }

    /// Receives until the window's end.
    @Override
    public Lane call() throws LinuxException {
        while (System.nanoTime() < window.endNs() && arrivals.distinct() < window.expected()) {
            int count = batch.receive(socket, BATCH);
            nowNs = System.nanoTime();
            for (int i = 0; i < count; i++) {
                record(i, batch.length(i));
            }
            if (count < 0 && !Station.isPassing(count)) {
                VdeClient.check(count, "receive");
            }
            if (count < BATCH) {
                waitForOne();
            }
        }
        return this;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    Histogram latencies() {
        return latencies;
    }

    private void waitForOne() throws LinuxException {
        int length = Sockets.receive(socket, buffer(0), TestFrame.MAX_LENGTH);
        if (length > 0) {
            nowNs = System.nanoTime();
            record(0, length);
        } else if (!Station.isPassing(length)) {
            VdeClient.check(length, "receive");
        }
    }

    private void record(int index, int length) {
        long frame = buffer(index);
        boolean counts = window.contains(nowNs);
        if (!TestFrame.belongsTo(frame, length, window.run())) {
            arrivals.addForeign();
        } else if (arrivals.add(TestFrame.sequence(frame), counts) && counts) {
            latencies.add(nowNs - TestFrame.sentNs(frame));
        }
    }

    private long buffer(int index) {
        return buffers + (long) index * Station.STRIDE;
    }
}
