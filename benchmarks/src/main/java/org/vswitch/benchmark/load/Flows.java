package org.vswitch.benchmark.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/// Connections that live long: silent ones, or such that move all they can.
final class Flows {
    private static final int TURN_BYTES = 128 << 10;
    private static final long SELECT_MS = 100;

    private final List<SocketChannel> channels = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(TURN_BYTES);

    /// Opens connections, and sends a byte there and back on each.
    ///
    /// @return how many are `open`
    Order hold(InetSocketAddress server, int count) throws IOException {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(server);
            channels.add(channel);
            channel.write(one.clear());
            if (channel.read(one.clear()) != 1) {
                throw new IOException("closed before its byte came: number " + i);
            }
        }
        return Order.of("ok").with("open", channels.size());
    }

    /// Opens connections.
    ///
    /// @return how many are `open`
    Order open(InetSocketAddress server, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            channels.add(SocketChannel.open(server));
        }
        return Order.of("ok").with("open", channels.size());
    }

    /// Moves what it can on all of them until the end of a window, then closes them.
    ///
    /// @param isUp whether to write, or to read
    /// @return the `bytes` moved within the window
    Order move(boolean isUp, Lane.Window window) throws IOException {
        long bytes = 0;
        try (Selector selector = Selector.open()) {
            for (SocketChannel channel : channels) {
                channel.configureBlocking(false);
                channel.register(selector, isUp ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            }
            for (long now = System.nanoTime(); now < window.endNs(); now = System.nanoTime()) {
                selector.select(SELECT_MS);
                long moved = 0;
                for (SelectionKey key : selector.selectedKeys()) {
                    moved += move((SocketChannel) key.channel(), isUp);
                }
                selector.selectedKeys().clear();
                bytes += now >= window.fromNs() && now < window.toNs() ? moved : 0;
            }
        }
        release();
        return Order.of("ok").with("bytes", bytes);
    }

    /// Closes all.
    Order release() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
        channels.clear();
        return Order.of("ok");
    }

    private int move(SocketChannel channel, boolean isUp) throws IOException {
        buffer.clear();
        int moved = isUp ? channel.write(buffer) : channel.read(buffer);
        if (moved < 0) {
            throw new IOException("closed while bytes were to come");
        }
        return moved;
    }
}
