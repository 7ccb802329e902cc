package org.vswitch.benchmark.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// Sends the first byte of each connection back and waits for its end, all on one thread.
final class TurnServer implements Runnable {
    private final Selector selector = Selector.open();
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);

    /// Listens.
    TurnServer() throws IOException {
        for (int i = 0; i < HostPorts.TURN_COUNT; i++) {
            ServerSocketChannel listener = HostServer.listen(HostPorts.TURN + i);
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
        }
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

    private void serve(SelectionKey key) {
        if (key.channel() instanceof ServerSocketChannel listener) {
            accept(listener);
        } else {
            answer((SocketChannel) key.channel());
        }
    }

    private void accept(ServerSocketChannel listener) {
        try {
            for (SocketChannel client = listener.accept(); client != null; client = listener.accept()) {
                client.configureBlocking(false);
                client.register(selector, SelectionKey.OP_READ);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void answer(SocketChannel client) {
        try {
            if (client.read(one.clear()) == 1) {
                client.write(one.flip());
            } else {
                client.close();
            }
        } catch (IOException reset) {
            abandon(client); // the client counts what went wrong
        }
    }

    private static void abandon(SocketChannel client) {
        try {
            client.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
