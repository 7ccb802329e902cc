package org.vswitch.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/// A guest's program that begins many connections to a server which echoes, all at once. Those that were answered stay
/// open until so many are; from then on each is closed as soon as it is answered. Ends when all have been.
final class ManyConnections {
    private final Selector selector = Selector.open();
    private final ByteBuffer octet = ByteBuffer.allocate(1);
    private final List<Channel> open = new ArrayList<>();
    private final int together;
    private int answered;

    private ManyConnections(int together) throws IOException {
        this.together = together;
    }

    /// Address, port, how many connections, how many of them are open at a time at least.
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress server = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        new ManyConnections(Integer.parseInt(arguments[3])).run(server, Integer.parseInt(arguments[2]));
    }

    private void run(InetSocketAddress server, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            SocketChannel connection = SocketChannel.open();
            connection.configureBlocking(false);
            connection.connect(server);
            connection.register(selector, SelectionKey.OP_CONNECT);
        }
        while (answered < count) {
            selector.select(this::serve);
        }
    }

    private void serve(SelectionKey key) {
        SocketChannel connection = (SocketChannel) key.channel();
        try {
            if (key.isConnectable()) {
                connection.finishConnect();
                connection.write(octet.clear());
                key.interestOps(SelectionKey.OP_READ);
            } else if (connection.read(octet.clear()) == 1) {
                answered(key);
            } else {
                throw new IOException("an early end");
            }
        } catch (IOException failure) {
            System.out.println("failed: " + failure);
            System.exit(1);
        }
    }

    private void answered(SelectionKey key) throws IOException {
        open.add(key.channel());
        answered++;
        if (answered == together) {
            System.out.println("open: " + together);
        }
        if (answered >= together) {
            for (Channel connection : open) {
                connection.close();
            }
            open.clear();
        }
    }
}
