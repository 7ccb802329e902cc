package org.vswitch.benchmark.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/// Connections that live for one byte each way, a few at a time on one thread: as one ends, the next begins.
///
/// A thread for each would add what it costs to wake and to schedule it four times a connection, which is half of what
/// a router costs; [BlockingTurns] does so.
final class LoopedTurns {
    private static final long OVERTIME_NS = 3_000_000_000L;

    private final List<InetSocketAddress> servers = new ArrayList<>();
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);
    private final Selector selector;
    private final long endNs;
    private long begun;
    private long completed;
    private long failed;
    private int open;

    private LoopedTurns(Order order, Selector selector) throws IOException {
        this.selector = selector;
        endNs = order.number("end");
        for (int i = 0; i < HostPorts.TURN_COUNT; i++) {
            servers.add(GuestClient.server(order, HostPorts.TURN + i));
        }
    }

    /// Connects from `start` to `end`, `clients` at a time.
    ///
    /// @return how many turns were `completed` in that time, and how many `failed`
    static Order take(Order order) throws IOException {
        try (Selector selector = Selector.open()) {
            LoopedTurns turns = new LoopedTurns(order, selector);
            Station.waitUntil(order.number("start"));
            turns.run((int) order.number("clients"));
            return Order.of("ok").with("completed", turns.completed).with("failed", turns.failed);
        }
    }

    private void run(int clients) throws IOException {
        for (int i = 0; i < clients; i++) {
            begin();
        }
        while (open > 0 && System.nanoTime() < endNs + OVERTIME_NS) {
            selector.select(this::advance, OVERTIME_NS / 1_000_000);
        }
        failed += open;
        for (SelectionKey left : selector.keys()) {
            left.channel().close();
        }
    }

    private void begin() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.connect(servers.get((int) (begun++ % servers.size())));
        channel.register(selector, SelectionKey.OP_CONNECT);
        open++;
    }

    private void advance(SelectionKey key) {
        SocketChannel channel = (SocketChannel) key.channel();
        boolean over = true;
        boolean whole = false;
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                channel.write(one.clear());
                key.interestOps(SelectionKey.OP_READ);
                over = false;
            } else {
                whole = channel.read(one.clear()) == 1;
            }
        } catch (IOException reset) {
            whole = false;
        }
        if (over) {
            end(channel, whole);
        }
    }

    private void end(SocketChannel channel, boolean whole) {
        long nowNs = System.nanoTime();
        completed += whole && nowNs <= endNs ? 1 : 0;
        failed += whole ? 0 : 1;
        open--;
        try {
            channel.close();
            if (nowNs < endNs) {
                begin();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
