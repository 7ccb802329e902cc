package org.vswitch.benchmark.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// The receiving end: plugs whose frames it counts (`count`), or sends back (`echo`), or that are silent.
public final class Receiver extends Station {
    private static final int HELLO_TRIES = 100;

    private final List<Lane> lanes = new ArrayList<>();

    private Receiver() {
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
        Lane.Window window = Lane.Window.of(order);
        List<FutureTask<Lane>> tasks = new ArrayList<>();
        for (VdeClient plug : plugs(order)) {
            if (lanes.size() == tasks.size()) {
                lanes.add(new Lane());
            }
            tasks.add(new FutureTask<>(lanes.get(tasks.size()).begin(plug.data().number(), window)));
        }
        for (FutureTask<Lane> task : tasks.subList(1, tasks.size())) {
            Thread.ofPlatform().daemon().start(task);
        }
        tasks.getFirst().run();
        long[] sums = new long[5];
        Histogram latencies = new Histogram();
        for (FutureTask<Lane> task : tasks) {
            Lane lane = result(task);
            lane.arrivals().addTo(sums);
            latencies.add(lane.latencies());
        }
        return Order.of("ok").with("window", sums[0]).with("distinct", sums[1]).with("duplicates", sums[2])
                .with("reordered", sums[3]).with("foreign", sums[4])
                .with("p50", latencies.quantileNs(0.5)).with("p99", latencies.quantileNs(0.99))
                .with("max", latencies.quantileNs(1));
    }

    private static Lane result(FutureTask<Lane> task) throws LinuxException {
        try {
            return task.get();
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof LinuxException refused) {
                throw refused;
            }
            throw new IllegalStateException(failure.getCause());
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupt);
        }
    }

    private Order echo(Order order) throws LinuxException {
        int socket = plug(order).number();
        Lane.Window window = Lane.Window.of(order);
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
                hello(plugs.get(i).data().number());
            }
        }
        return Order.of("ok");
    }

    private void hello(int socket) throws LinuxException {
        int sent = Sockets.send(socket, buffer(0), TestFrame.HELLO_LENGTH);
        for (int tries = 0; isPassing(sent) && tries < HELLO_TRIES; tries++) {
            sent = Sockets.send(socket, buffer(0), TestFrame.HELLO_LENGTH);
        }
        VdeClient.check(sent, "send hello");
    }
}
