package org.vswitch.benchmark.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// What guests ask, through a router under test or a switch: services at [HostPorts], on all addresses of a namespace
/// that is the harness's own.
///
/// Connections that live for one byte each way are served by [TurnServer], and by threads that wait in the kernel; UDP
/// by such a thread, bulk by [BulkServer]. The order `count` tells the bytes each
/// sink has had, `s0` and so on, and how many connections `hold` there are.
public final class HostServer {
    private static final int BACKLOG = 4096;
    private static final int THREADS_PER_PORT = 4;
    private static final int DATAGRAM = 65_536;

    private HostServer() {
    }

    /// Runs until standard input ends.
    ///
    /// @param arguments none
    /// @throws IOException if a port is taken, or the harness is gone
    public static void main(String[] arguments) throws IOException {
        for (int i = 0; i < HostPorts.TURN_COUNT; i++) {
            ServerSocketChannel listener = listen(HostPorts.BLOCKING_TURN + i);
            for (int j = 0; j < THREADS_PER_PORT; j++) {
                Thread.ofPlatform().daemon().start(() -> takeTurns(listener));
            }
        }
        Thread.ofPlatform().daemon().start(new TurnServer());
        DatagramChannel echo = DatagramChannel.open().bind(new InetSocketAddress(HostPorts.ECHO));
        Thread.ofPlatform().daemon().start(() -> echo(echo));
        BulkServer bulk = new BulkServer();
        Thread.ofPlatform().daemon().start(bulk);
        Dialogue.hold(order -> switch (order.word()) {
            case "count" -> bulk.count();
            default -> throw new IllegalArgumentException("unknown order: " + order.word());
        });
    }

    static ServerSocketChannel listen(int port) throws IOException {
        return ServerSocketChannel.open().setOption(StandardSocketOptions.SO_REUSEADDR, true)
                .bind(new InetSocketAddress(port), BACKLOG);
    }

    private static void takeTurns(ServerSocketChannel listener) {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        while (listener.isOpen()) {
            try (SocketChannel client = listener.accept()) {
                if (client.read(one.clear()) == 1) {
                    client.write(one.flip());
                    client.read(one.clear());
                }
            } catch (IOException reset) {
                one.clear(); // the client counts what went wrong
            }
        }
    }

    private static void echo(DatagramChannel channel) {
        ByteBuffer datagram = ByteBuffer.allocateDirect(DATAGRAM);
        while (channel.isOpen()) {
            try {
                var client = channel.receive(datagram.clear());
                channel.send(datagram.flip(), client);
            } catch (IOException unreachable) {
                datagram.clear(); // the client counts what went wrong
            }
        }
    }
}
