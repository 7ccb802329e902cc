package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Sandbox;

class UdpSchemeTest {
    private final TestHost host = new TestHost();
    private final FrameTray tray = new FrameTray();

    @AfterEach
    void close() {
        host.close();
        tray.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]"})
    void shouldCarryOneFrameADatagram(String address) throws IOException {
        try (DatagramSocket peer = new DatagramSocket(0, InetAddress.getByName(address.replaceAll("[\\[\\]]", "")));
                DatagramSocket stranger = new DatagramSocket(0, peer.getLocalAddress())) {
            peer.setSoTimeout(10_000);
            int port = openAnywhere(address, peer.getLocalPort());
            tray.send(host.link(0), List.of(FrameTray.frame(1, 1514)));
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            peer.receive(packet);
            assertArrayEquals(FrameTray.frame(1, 1514), java.util.Arrays.copyOf(packet.getData(), packet.getLength()));
            assertEquals(port, packet.getPort());
            stranger.send(new DatagramPacket(FrameTray.frame(2, 60), 60, peer.getLocalAddress(), port));
            Sandbox.await("a frame from anybody",
                    () -> tray.receive(host.link(0)).stream().anyMatch(frame -> frame.length == 60));
        }
    }

    @Test
    void shouldOfferWhatFitsADatagramOfItsFamily() throws IOException {
        open("0->127.0.0.1:9");
        open("0->[::1]:9");
        assertEquals(65_507, host.link(0).features().maxFrame());
        assertEquals(65_527, host.link(1).features().maxFrame());
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(1, 65_507))));
        assertEquals(1, tray.send(host.link(1), List.of(FrameTray.frame(1, 65_527))));
        assertEquals(new LinkLabel("udp", "0->127.0.0.1:9"), host.label(0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1->2               | udp: 1->2 is not [SRC:]SPORT->DST:DPORT",
        "->a:2              | udp: ->a:2 is not [SRC:]SPORT->DST:DPORT",
        "1->::1:2           | udp: 1->::1:2 is not [SRC:]SPORT->DST:DPORT",
        "65536->127.0.0.1:2 | udp: port=65536 (at most 65535)",
        "1->127.0.0.1:70000 | udp: port=70000 (at most 65535)",
        "1->127.0.0.1:0     | udp: port=0 of 127.0.0.1 (1 to 65535)",
        "1->host.invalid:2  | udp: unknown host host.invalid",
        "[::1]:0->127.0.0.1:2 | udp: ::1 has no address of the family of 127.0.0.1",
        "192.0.2.1:0->127.0.0.1:2 | udp: bind 192.0.2.1:0: Cannot assign requested address"})
    void shouldNameTheValueAtFault(String rest, String complaint) {
        assertEquals(complaint, assertThrows(IOException.class, () -> open(rest)).getMessage());
    }

    private void open(String rest) throws IOException {
        new UdpScheme().open(new LinkUrl("udp", rest), host);
    }

    /// Opens at a port that nobody has, which it returns.
    private int openAnywhere(String address, int peer) throws IOException {
        for (int port = 20_000;; port++) {
            try {
                open("%s:%d->%s:%d".formatted(address, port, address, peer));
                return port;
            } catch (IOException taken) {
                assertEquals("udp: bind %s:%d: Address already in use".formatted(
                        address.startsWith("[") ? "[0:0:0:0:0:0:0:1]" : "127.0.0.1", port), taken.getMessage());
            }
        }
    }
}
