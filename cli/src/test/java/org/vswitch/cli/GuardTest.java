package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.control.GuardWishes;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.guard.GuardSettings;

/// Clients of VDE behind the guard `clean-traffic`, on a switch with a router: what is theirs passes, and nothing else.
@Timeout(120)
class GuardTest {
    private static final int GUEST = 5;
    private static final int ROUTER_ADDRESS = 0x0a00_0202;
    private static final int UDP_PAYLOAD = 14 + 20 + 8;
    private static final int DISCOVER = 1;
    private static final int OFFER = 2;
    private static final int REQUEST = 3;
    private static final int ACK = 5;

    @TempDir
    private Path folder;
    private RunningSwitch network;
    private PlugClient guest;

    @BeforeEach
    void start() throws Exception {
        SwitchConfig plain = SwitchConfig.in(folder.resolve("sw").toString());
        GuardWishes wishes = new GuardWishes(GuardSettings.parse("clean-traffic"), Map.of());
        network = RunningSwitch.start(plain.with(plain.bridge().with(wishes)).withLinks(List.of("slirp://")));
        guest = PlugClient.plug(network.directory(), GUEST);
    }

    @AfterEach
    void stop() {
        guest.close();
        network.close();
    }

    @Test
    void shouldReachTheRouterAsItselfOnly() throws Exception {
        guest.frame(arpRequest(Frames.A, ROUTER_ADDRESS + 13));
        refused(Drop.GUARD_ARP);
        int own = lease();
        guest.frame(arpRequest(Frames.A, own));
        byte[] answer = awaited(Frames.ARP, 0);
        assertEquals(ROUTER_ADDRESS, ByteBuffer.wrap(answer).getInt(28));

        guest.frame(arpRequest(Frames.A, ROUTER_ADDRESS));
        refused(Drop.GUARD_ARP, 2);
        guest.frame(arpRequest(Frames.C, own));
        refused(Drop.GUARD_MAC);
        guest.frame(packet(own + 1, Frames.udp(new byte[8])));
        refused(Drop.GUARD_IP);
        guest.frame(packet(own, datagram(67, 68, dhcp(ACK, own + 1, 0))));
        refused(Drop.GUARD_DHCP);
        byte[] advertisement = new byte[16];
        advertisement[0] = (byte) 134;
        byte[] linkLocal = ByteBuffer.wrap(Frames.ipv6(58, advertisement)).putLong(8, 0xfe80L << 48)
                .putLong(16, 0x0000_00ff_fe00_000aL).array();
        guest.frame(Frames.ethernet(0x3333_0000_0001L, Frames.A, Frames.IPV6, linkLocal));
        refused(Drop.GUARD_RA);
        assertEquals(-1, network.portOf(Frames.C));
        assertEquals(GUEST, network.portOf(Frames.A));
    }

    /// What a client and the router's DHCP server say to each other.
    private int lease() throws IOException {
        guest.frame(broadcast(dhcp(DISCOVER, 0, 0)));
        int offered = ByteBuffer.wrap(awaited(Frames.IPV4, OFFER)).getInt(UDP_PAYLOAD + 16);
        guest.frame(broadcast(dhcp(REQUEST, 0, offered)));
        return ByteBuffer.wrap(awaited(Frames.IPV4, ACK)).getInt(UDP_PAYLOAD + 16);
    }

    /// The next frame of a type; of IPv4 the next DHCP message of a kind, whose type the router writes first.
    private byte[] awaited(int type, int messageType) throws IOException {
        while (true) {
            byte[] frame = guest.frame();
            boolean dhcp = type != Frames.IPV4 || frame.length > UDP_PAYLOAD + 242
                    && frame[UDP_PAYLOAD + 240] == 53 && frame[UDP_PAYLOAD + 242] == messageType;
            if (ByteBuffer.wrap(frame).getShort(12) == (short) type && dhcp
                    && (type != Frames.ARP || frame[21] == 2)) {
                return frame;
            }
        }
    }

    private void refused(Drop reason) {
        refused(reason, 1);
    }

    private void refused(Drop reason, long frames) {
        Sandbox.await("refused: " + reason.key(), 60,
                () -> network.count(GUEST, port -> port.discarded(reason)) == frames);
    }

    private static byte[] arpRequest(long station, int sender) {
        return Frames.arpRequest(station, sender, ROUTER_ADDRESS);
    }

    private static byte[] broadcast(byte[] message) {
        byte[] frame = packet(0, datagram(68, 67, message));
        return ByteBuffer.wrap(frame).putShort((short) 0xffff).putInt(0xffff_ffff).array();
    }

    private static byte[] packet(int source, byte[] datagram) {
        ByteBuffer packet = ByteBuffer.wrap(Frames.ipv4(Frames.UDP, datagram)).putInt(12, source)
                .putInt(16, source == 0 ? -1 : ROUTER_ADDRESS).putShort(10, (short) 0);
        packet.putShort(10, (short) ~Frames.sum(packet.array(), 0, 20));
        return Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet.array());
    }

    private static byte[] datagram(int from, int to, byte[] payload) {
        return ByteBuffer.wrap(Frames.udp(payload)).putShort((short) from).putShort((short) to).array();
    }

    private static byte[] dhcp(int messageType, int given, int wanted) {
        ByteBuffer message = ByteBuffer.allocate(300).put((byte) (messageType == ACK ? 2 : 1)).put((byte) 1)
                .put((byte) 6).putInt(4, 0x77).putInt(16, given).putLong(28, Frames.A << 16)
                .putInt(236, 0x6382_5363).position(240).put((byte) 53).put((byte) 1).put((byte) messageType);
        if (wanted != 0) {
            message.put((byte) 50).put((byte) 4).putInt(wanted).put((byte) 54).put((byte) 4).putInt(ROUTER_ADDRESS);
        }
        return message.put((byte) 255).array();
    }
}
