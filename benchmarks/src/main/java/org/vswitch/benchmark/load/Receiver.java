package org.vswitch.benchmark.load;

import java.io.IOException;
import java.util.List;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.Sockets;

/// The receiving end: one or more plugs whose frames it counts (`count`), or sends back (`echo`), or that are silent.
///
/// While frames come it takes them 64 at a time and without waiting. When none is left it waits in a blocking receive
/// on its last plug: a process in epoll would make every send of the switch dearer. With several plugs this is right
/// as long as all get the same frames.
public final class Receiver extends Station {
    private static final long SINGLE_CAPACITY = 1L << 26;
    private static final long SHARED_CAPACITY = 1L << 24;

    private final MessageBatch batch = new MessageBatch();
    private final Histogram latencies = new Histogram();
    private long nowNs;
    private Arrivals[] arrivals = {new Arrivals(SINGLE_CAPACITY)};

    private Receiver() {
        for (int i = 0; i < BATCH; i++) {
            batch.receiveInto(i, buffer(i), TestFrame.MAX_LENGTH);
        }
    }

    /// Which frames count, and until when to stay: a time, or until so many came to the last plug.
    private record Window(int run, long fromNs, long toNs, long endNs, long expected) {
        static Window of(Order order) {
            long expected = order.values().containsKey("expected") ? order.number("expected") : Long.MAX_VALUE;
            return new Window((int) order.number("run"), order.number("from"), order.number("to"),
                    order.number("end"), expected);
        }

        boolean contains(long timeNs) {
            return timeNs >= fromNs && timeNs < toNs;
        }
    }

    /// Runs until standard input ends.
    ///
    /// @param arguments none
    /// @throws IOException if the harness is gone
    public static void main(String[] arguments) throws IOException {
        new Receiver().converse();
    }

    @Override
    Order carryOut(Order order) throws LinuxException {
        return switch (order.word()) {
            case "count" -> count(order);
            case "echo" -> echo(order);
            case "hello" -> hello(order);
            default -> throw new IllegalArgumentException("unknown order: " + order.word());
        };
    }

    private Order count(Order order) throws LinuxException {
        int[] sockets = plugs(order).stream().mapToInt(plug -> plug.data().number()).toArray();
        reset(sockets.length);
        receiveUntilEnd(sockets, Window.of(order));
        long[] sums = new long[5];
        for (int i = 0; i < sockets.length; i++) {
            sums[0] += arrivals[i].inWindow();
            sums[1] += arrivals[i].distinct();
            sums[2] += arrivals[i].duplicates();
            sums[3] += arrivals[i].reordered();
            sums[4] += arrivals[i].foreign();
        }
        return Order.of("ok").with("window", sums[0]).with("distinct", sums[1]).with("duplicates", sums[2])
                .with("reordered", sums[3]).with("foreign", sums[4])
                .with("p50", latencies.quantileNs(0.5)).with("p99", latencies.quantileNs(0.99))
                .with("max", latencies.quantileNs(1));
    }

    private void reset(int plugs) {
        if (arrivals.length < plugs) {
            arrivals = new Arrivals[plugs];
            for (int i = 0; i < plugs; i++) {
                arrivals[i] = new Arrivals(i == 0 ? SINGLE_CAPACITY : SHARED_CAPACITY);
            }
        }
        for (Arrivals of : arrivals) {
            of.reset();
        }
        latencies.reset();
    }

    private void receiveUntilEnd(int[] sockets, Window window) throws LinuxException {
        int last = sockets.length - 1;
        while (true) {
            int most = 0;
            for (int i = 0; i < sockets.length; i++) {
                int count = batch.receive(sockets[i], BATCH);
                if (count > 0) {
                    record(arrivals[i], count, window);
                    most = Math.max(most, count);
                } else if (!isPassing(count)) {
                    VdeClient.check(count, "receive");
                }
            }
            if (most < BATCH) {
                if (System.nanoTime() >= window.endNs() || arrivals[last].distinct() >= window.expected()) {
                    return;
                }
                waitForOne(sockets[last], arrivals[last], window);
            }
        }
    }

    private void record(Arrivals of, int count, Window window) {
        nowNs = System.nanoTime();
        for (int i = 0; i < count; i++) {
            record(of, i, batch.length(i), window);
        }
    }

    private void waitForOne(int socket, Arrivals of, Window window) throws LinuxException {
        int length = Sockets.receive(socket, buffer(0), TestFrame.MAX_LENGTH);
        if (length > 0) {
            nowNs = System.nanoTime();
            record(of, 0, length, window);
        } else if (!isPassing(length)) {
            VdeClient.check(length, "receive");
        }
    }

    private void record(Arrivals of, int index, int length, Window window) {
        long frame = buffer(index);
        boolean counts = window.contains(nowNs);
        if (!TestFrame.belongsTo(frame, length, window.run())) {
            of.addForeign();
        } else if (of.add(TestFrame.sequence(frame), counts) && counts) {
            latencies.add(nowNs - TestFrame.sentNs(frame));
        }
    }

    private Order echo(Order order) throws LinuxException {
        int socket = plug(order).number();
        Window window = Window.of(order);
        long answered = 0;
        while (System.nanoTime() < window.endNs()) {
            int length = Sockets.receive(socket, buffer(0), TestFrame.MAX_LENGTH);
            if (TestFrame.belongsTo(buffer(0), length, window.run())) {
                TestFrame.turn(buffer(0));
                answered += Sockets.send(socket, buffer(0), length) > 0 ? 1 : 0;
            } else if (length < 0 && !isPassing(length)) {
                VdeClient.check(length, "receive");
            }
        }
        return Order.of("ok").with("answered", answered);
    }

    /// Sends one frame from each of the addresses that a load will go to.
    private Order hello(Order order) throws LinuxException {
        List<VdeClient> plugs = plugs(order);
        for (int i = 0; i < plugs.size(); i++) {
            for (int mac = 0; mac < order.number("macs"); mac++) {
                TestFrame.prepareHello(buffer(0), TestFrame.receiverMac(i, mac));
                int socket = plugs.get(i).data().number();
                int sent = Sockets.send(socket, buffer(0), TestFrame.HELLO_LENGTH);
                for (int tries = 0; isPassing(sent) && tries < 100; tries++) {
                    sent = Sockets.send(socket, buffer(0), TestFrame.HELLO_LENGTH);
                }
                VdeClient.check(sent, "send hello");
            }
        }
        return Order.of("ok");
    }
}
