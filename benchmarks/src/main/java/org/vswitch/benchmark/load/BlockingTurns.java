package org.vswitch.benchmark.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Connections that live for one byte each way, on a thread each of a few, which wait in the kernel. [LoopedTurns] does
/// the same on one thread.
final class BlockingTurns {
    private static final long RETRY_NS = 1_000_000;
    private static final long OVERTIME_NS = 3_000_000_000L;

    private final List<InetSocketAddress> servers = new ArrayList<>();
    private final long startNs;
    private final long endNs;
    private final AtomicLong completed = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    private BlockingTurns(Order order) throws IOException {
        startNs = order.number("start");
        endNs = order.number("end");
        for (int i = 0; i < HostPorts.TURN_COUNT; i++) {
            servers.add(GuestClient.server(order, HostPorts.BLOCKING_TURN + i));
        }
    }

    /// Connects from `start` to `end`, on `clients` threads.
    ///
    /// @return how many turns were `completed` in that time, and how many `failed`
    static Order take(Order order) throws IOException {
        BlockingTurns turns = new BlockingTurns(order);
        List<Thread> clients = new ArrayList<>();
        for (long i = 0; i < order.number("clients"); i++) {
            int first = (int) i;
            clients.add(Thread.ofPlatform().daemon().start(() -> turns.run(first)));
        }
        try {
            for (Thread client : clients) {
                if (!client.join(Duration.ofNanos(turns.endNs + OVERTIME_NS - System.nanoTime()))) {
                    client.interrupt(); // which closes its channel
                    turns.failed.incrementAndGet();
                }
            }
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
        }
        return Order.of("ok").with("completed", turns.completed.get()).with("failed", turns.failed.get());
    }

    private void run(int first) {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        Station.waitUntil(startNs);
        for (int i = first; System.nanoTime() < endNs; i++) {
            try {
                take(servers.get(i % servers.size()), one);
                if (System.nanoTime() <= endNs) {
                    completed.incrementAndGet();
                }
            } catch (IOException failure) {
                failed.incrementAndGet();
                LockSupport.parkNanos(RETRY_NS);
            }
        }
    }

    private static void take(InetSocketAddress server, ByteBuffer one) throws IOException {
        try (SocketChannel channel = SocketChannel.open(server)) {
            channel.write(one.clear());
            if (channel.read(one.clear()) != 1) {
                throw new IOException("closed before its byte came");
            }
        }
    }
}
