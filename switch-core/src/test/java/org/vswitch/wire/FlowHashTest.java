package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;

class FlowHashTest {
    /// So many that two flows hardly ever have the same by chance.
    private static final int MANY = 1 << 30;

    @Test
    void shouldTellFlowsApartByAddressesProtocolAndPorts() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (int protocol : new int[] {Frames.TCP, Frames.UDP}) {
                byte[] frame = frame(ipv6, protocol, Frames.udp(new byte[100]));
                int share = share(frame);
                assertEquals(share, share(with(frame, frame.length - 1, 7)), "payload");
                assertEquals(share, share(Frames.tagged(frame, 5)), "a tag");
                int ports = ipv6 ? 54 : 34;
                for (int at : new int[] {ports, ports + 3, ports - 1, ports - 5}) {
                    assertNotEquals(share, share(with(frame, at, 99)), "offset " + at);
                }
            }
            assertNotEquals(share(frame(ipv6, Frames.TCP, new byte[20])), share(frame(ipv6, Frames.UDP, new byte[20])));
        }
    }

    @Test
    void shouldKeepFragmentsTogether() {
        byte[] first = frame(false, Frames.UDP, Frames.udp(new byte[100]));
        first[20] = 0x20;
        byte[] second = frame(false, Frames.UDP, Frames.counting(100));
        second[21] = 50;
        assertEquals(share(first), share(second));
    }

    @Test
    void shouldTellOthersApartByStations() {
        byte[] frame = Frames.plain(Frames.B, Frames.A, 60);
        assertEquals(share(frame), share(with(frame, 20, 99)));
        assertNotEquals(share(frame), share(with(frame, 5, 99)));
        assertNotEquals(share(frame), share(with(frame, 11, 99)));
    }

    @Test
    void shouldSpreadFlowsEvenly() {
        int[] shares = new int[4];
        for (int port = 0; port < 4_000; port++) {
            byte[] datagram = Frames.udp(new byte[10]);
            ByteBuffer.wrap(datagram).putShort((short) port);
            shares[share(frame(port % 2 == 0, Frames.UDP, datagram), 4)]++;
        }
        assertTrue(Arrays.stream(shares).allMatch(count -> count > 800 && count < 1_200), Arrays.toString(shares));
    }

    /// The checked mode throws at an access behind the frame's end.
    @Test
    void shouldReadNothingBehindTheHead() {
        Seeds.check(500, random -> {
            byte[] frame = frame(random.nextBoolean(), Frames.TCP, Frames.tcp(0, new byte[30]));
            for (int i = random.nextInt(4); i > 0; i--) {
                frame[12 + random.nextInt(30)] = (byte) random.nextInt();
            }
            share(Arrays.copyOf(frame, random.nextInt(18, frame.length)), 1 + random.nextInt(8));
        });
    }

    private static byte[] frame(boolean ipv6, int protocol, byte[] transport) {
        return Frames.ethernet(Frames.B, Frames.A, ipv6 ? Frames.IPV6 : Frames.IPV4,
                ipv6 ? Frames.ipv6(protocol, transport) : Frames.ipv4(protocol, transport));
    }

    private static byte[] with(byte[] frame, int at, int value) {
        byte[] changed = frame.clone();
        changed[at] ^= (byte) value;
        return changed;
    }

    private static int share(byte[] frame) {
        return share(frame, MANY);
    }

    private static int share(byte[] frame, int count) {
        try (ExactMemory memory = new ExactMemory()) {
            int share = FlowHash.share(memory.place(frame), frame.length, count);
            assertTrue(share >= 0 && share < count);
            return share;
        }
    }
}
