package org.vswitch.benchmark.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/// Connections that live long, thousands of them on one thread: sinks, sources, and those that are only held.
final class BulkServer implements Runnable {
    /// What one connection may move before the next has its turn.
    private static final int TURN_BYTES = 256 << 10;

    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(TURN_BYTES);
    private final AtomicLongArray sunkBytes = new AtomicLongArray(HostPorts.SINK_COUNT);
    private final AtomicInteger held = new AtomicInteger();

    /// Listens.
    BulkServer() throws IOException {
        for (int i = 0; i < HostPorts.SINK_COUNT; i++) {
            listen(HostPorts.SINK + i);
        }
        listen(HostPorts.SOURCE);
        listen(HostPorts.HOLD);
    }

    /// What sinks have read, and how many connections are held.
    Order count() {
        Order counts = Order.of("ok").with("held", held.get());
        for (int i = 0; i < HostPorts.SINK_COUNT; i++) {
            counts = counts.with("s" + i, sunkBytes.get(i));
        }
        return counts;
    }

    @Override
    public void run() {
        try {
            while (selector.isOpen()) {
                selector.select(this::serve);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void listen(int port) throws IOException {
        ServerSocketChannel listener = HostServer.listen(port);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT, port);
    }

    /// Keys carry the port that the client connected to.
    private void serve(SelectionKey key) {
        int port = (int) key.attachment();
        try {
            if (key.channel() instanceof ServerSocketChannel listener) {
                accept(listener, port);
            } else if (!move((SocketChannel) key.channel(), port)) {
                close(key, port);
            }
        } catch (IOException reset) {
            close(key, port);
        }
    }

    private void accept(ServerSocketChannel listener, int port) throws IOException {
        SocketChannel client = listener.accept();
        if (client != null) {
            client.configureBlocking(false);
            client.register(selector, port == HostPorts.SOURCE ? SelectionKey.OP_WRITE : SelectionKey.OP_READ, port);
            held.addAndGet(port == HostPorts.HOLD ? 1 : 0);
        }
    }

    /// @return whether the connection goes on
    private boolean move(SocketChannel client, int port) throws IOException {
        if (port == HostPorts.SOURCE) {
            client.write(buffer.clear());
            return true;
        }
        int length = client.read(buffer.clear());
        if (port == HostPorts.HOLD && length > 0) {
            client.write(buffer.flip());
        } else if (length > 0) {
            sunkBytes.addAndGet(port - HostPorts.SINK, length);
        }
        return length >= 0;
    }

    private void close(SelectionKey key, int port) {
        held.addAndGet(port == HostPorts.HOLD && key.isValid() ? -1 : 0);
        try {
            key.channel().close();
        } catch (IOException gone) {
            key.cancel();
        }
    }
}
