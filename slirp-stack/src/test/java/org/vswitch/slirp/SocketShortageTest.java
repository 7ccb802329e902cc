package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.TCP;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.link.MeasuredLink;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeHostNetwork;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.IpAddress;

/// A host that has few sockets: every limit follows from that, and no guest takes the others theirs.
class SocketShortageTest {
    private static final int SOCKETS = 64;
    private static final int PORT = 7;
    private static final int SYN_ACK = FuzzFrames.SYN | FuzzFrames.ACK;

    private final FakeHostNetwork host = new FakeHostNetwork();
    private StackRig rig;

    @BeforeEach
    void startWithFewSockets() {
        host.mostSockets(SOCKETS);
        host.permitPing();
        host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), PORT).echoing();
        host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), 0).echoing();
        host.server(0, IpAddress.v4(OUTSIDE_V4), PORT);
        rig = new StackRig(SlirpConfig.usual(), new SentFrames().withoutAdvertisements(), host);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldServeOthersWhenAGuestTakesAllItGets() {
        for (int i = 0; i < 500; i++) {
            rig.send(tcp(0, 1000 + i), udp(0, 1000 + i), ping(0, 1000 + i)).turn();
            complete(0, 1000 + i);
        }
        assertTrue(host.openSockets() > SOCKETS / 4, "the greedy guest has got " + host.openSockets());
        assertTrue(host.openSockets() < SOCKETS, "all are taken");
        rig.send(udp(1, 5000)).turn();
        assertEquals(UDP, rig.take()[23]);
        rig.send(ping(1, 5000)).turn();
        assertEquals(ICMP, rig.take()[23]);
        rig.send(tcp(1, 5000)).turn();
        byte[] answer = rig.take();
        assertEquals(TCP, answer[23]);
        assertEquals(SYN_ACK, answer[47]);
    }

    /// What one guest provokes by segments that belong to no connection is limited for that guest.
    @Test
    void shouldRefuseOthersConnectionsWhenAGuestIsRefusedTooOften() {
        for (int i = 0; i < 5_000; i++) {
            rig.send(stray(0, 1000 + i));
        }
        assertEquals(1_000, rig.sent.size());
        assertEquals(4_000, rig.stack.counters().value(StackDrop.RATE_LIMIT));
        for (int i = 0; i < 1_000; i++) {
            rig.takeNext();
        }
        rig.send(stray(1, 1000));
        assertEquals(FuzzFrames.RST, rig.take()[47]);
    }

    @Test
    void shouldShowLimitsThatFollowFromTheSockets() {
        Map<String, Long> limits = new HashMap<>();
        Map<String, Long> values = new HashMap<>();
        rig.send(udp(0, 1000)).turn().take();
        rig.stack.measure(new MeasuredLink.Measures() {
            @Override
            public void gauge(String name, long value, long limit) {
                values.put(name, value);
                limits.put(name, limit);
            }

            @Override
            public void counter(String name, long value) {
                assertNotNull(name);
            }
        }, rig.nowNs);
        assertEquals(SOCKETS, limits.get("host-sockets"));
        assertEquals(1, values.get("host-sockets"));
        assertEquals(SOCKETS, limits.get("tcp-flows"));
        assertEquals(SOCKETS, limits.get("udp-flows"));
        assertEquals(SOCKETS / 8, limits.get("ping-flows"));
    }

    /// Takes what the guests were sent, and completes a guest's connection if that was accepted.
    private void complete(int guest, int port) {
        byte[] frame = rig.sent.poll();
        while (frame != null) {
            if (frame[23] == TCP && frame[47] == SYN_ACK) {
                int next = ByteBuffer.wrap(frame).getInt(38) + 1;
                rig.send(from(guest, TCP, new GuestSegment(port, PORT, 1, next).of(FuzzFrames.ACK)));
            }
            frame = rig.sent.poll();
        }
    }

    private static byte[] tcp(int guest, int port) {
        return from(guest, TCP, new GuestSegment(port, PORT, 0, 0).of(FuzzFrames.SYN));
    }

    private static byte[] stray(int guest, int port) {
        return from(guest, TCP, new GuestSegment(port, PORT, 1, 1).of(FuzzFrames.ACK));
    }

    private static byte[] udp(int guest, int port) {
        return from(guest, UDP, GuestPackets.udp(port, PORT, new byte[3]));
    }

    private static byte[] ping(int guest, int identifier) {
        return from(guest, ICMP, Pings.echo(8, identifier, 1, (byte) 1));
    }

    private static byte[] from(int guest, int protocol, byte[] payload) {
        return FuzzFrames.repaired(new GuestPackets.V4().from(GUEST_V4 + guest).stations(GUEST + guest, ROUTER)
                .payload(protocol, payload).frame());
    }
}
