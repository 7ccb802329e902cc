package org.vswitch.benchmark.load;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketTimeoutException;

/// Datagrams there and back, one at a time.
final class Ping {
    private static final int TIMEOUT_MS = 200;

    private Ping() {
    }

    /// Sends from `start` to `end`, each of `length` bytes.
    ///
    /// @return how many were `answered`, how many `lost`, and `p50` and `p99` of the time between, in ns
    static Order send(Order order) throws IOException {
        Histogram times = new Histogram();
        long lost = 0;
        byte[] bytes = new byte[(int) order.number("length")];
        DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(GuestClient.server(order, HostPorts.ECHO));
            socket.setSoTimeout(TIMEOUT_MS);
            Station.waitUntil(order.number("start"));
            for (byte i = 0; System.nanoTime() < order.number("end"); i++) {
                bytes[0] = i;
                packet.setLength(bytes.length);
                long sentNs = System.nanoTime();
                try {
                    socket.send(packet);
                    do {
                        socket.receive(packet);
                    } while (bytes[0] != i); // one that came too late before
                    times.add(System.nanoTime() - sentNs);
                } catch (SocketTimeoutException none) {
                    lost++;
                }
            }
        }
        return Order.of("ok").with("answered", times.total()).with("lost", lost)
                .with("p50", times.quantileNs(0.5)).with("p99", times.quantileNs(0.99));
    }
}
