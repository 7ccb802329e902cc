package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.linux.NativeMemory;

class HeadersTest {
    private static final int ROOM = 4096;
    private static final byte[] NOTHING = {};
    private static long memory;

    @BeforeAll
    static void map() {
        memory = NativeMemory.map(ROOM);
    }

    @AfterAll
    static void unmap() {
        NativeMemory.unmap(memory, ROOM);
    }

    @Nested
    class InEthernet {
        @Test
        void shouldMeasureHeadersWithAnyNumberOfTags() {
            byte[] frame = Frames.plain(Frames.B, Frames.A, 60);
            assertEquals(14, Ethernet.headerLength(atTheEnd(frame), 60));
            assertEquals(18, Ethernet.headerLength(atTheEnd(Frames.tagged(frame, 7)), 64));
            assertEquals(22, Ethernet.headerLength(atTheEnd(Frames.tagged(Frames.tagged(frame, 7), 8)), 68));
        }

        @Test
        void shouldNotLookBehindTheFrameForATag() {
            byte[] cut = Frames.ethernet(Frames.B, Frames.A, Frames.VLAN, new byte[3]);
            assertEquals(14, Ethernet.headerLength(atTheEnd(cut), cut.length));
        }
    }

    @Nested
    class InIpv4 {
        @Test
        void shouldReadWhatTheTemplateSays() {
            long packet = atTheEnd(Frames.ipv4(Frames.TCP, new byte[8], new byte[10]));
            assertTrue(Ipv4.isValid(packet, 38));
            assertEquals(28, Ipv4.headerLength(packet));
            assertEquals(38, Ipv4.totalLength(packet));
            assertEquals(0xfffe, Ipv4.identification(packet));
            assertEquals(Tcp.PROTOCOL, Ipv4.protocol(packet));
            assertFalse(Ipv4.isFragment(packet));
        }

        @Test
        void shouldRefuseHeadersThatLeaveTheFrame() {
            byte[] packet = Frames.ipv4(Frames.TCP, new byte[8], NOTHING);
            assertTrue(Ipv4.isValid(atTheEnd(packet), 28));
            assertFalse(Ipv4.isValid(atTheEnd(packet), 27));
            assertFalse(Ipv4.isValid(atTheEnd(packet), 19));
            packet[0] = 0x44;
            assertFalse(Ipv4.isValid(atTheEnd(packet), 28));
            packet[0] = 0x55;
            assertFalse(Ipv4.isValid(atTheEnd(packet), 28));
        }

        @Test
        void shouldKnowFirstAndLastFragments() {
            byte[] packet = Frames.ipv4(Frames.TCP, NOTHING);
            packet[6] = 0x20;
            assertTrue(Ipv4.isFragment(atTheEnd(packet)));
            packet[6] = 0;
            packet[7] = 1;
            assertTrue(Ipv4.isFragment(atTheEnd(packet)));
        }

        @Test
        void shouldUpdateTheChecksum() {
            byte[] packet = Frames.ipv4(Frames.TCP, new byte[12], NOTHING);
            packet[10] = 1;
            long header = atTheEnd(packet);
            Ipv4.identification(header, 0x1_2345);
            Ipv4.totalLength(header, 1_500);
            Ipv4.updateChecksum(header);
            NativeMemory.copyOut(header, packet, 0, packet.length);
            assertEquals(0xffff, Frames.sum(packet, 0, packet.length));
            assertEquals(0x2345, Ipv4.identification(header));
            assertEquals(1_500, Ipv4.totalLength(header));
        }
    }

    @Nested
    class InIpv6 {
        @Test
        void shouldFindTransportBehindNoExtension() {
            byte[] packet = Frames.ipv6(Frames.TCP, new byte[4]);
            assertTrue(Ipv6.isValid(atTheEnd(packet), packet.length));
            assertEquals(4, Ipv6.payloadLength(atTheEnd(packet)));
            assertEquals(40, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
            assertEquals(-1, Ipv6.transportOffset(atTheEnd(packet), packet.length, 17));
        }

        @Test
        void shouldWalkOverOptionsAndAFinishedRoutingHeader() {
            byte[] rest = new byte[16 + 8 + 8];
            rest[0] = 60;
            rest[1] = 1;
            rest[16] = 43;
            rest[24] = Frames.TCP;
            byte[] packet = Frames.ipv6(0, rest);
            assertEquals(72, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
            rest[24 + 3] = 1;
            packet = Frames.ipv6(0, rest);
            assertEquals(-1, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
        }

        @Test
        void shouldEndAtFragmentsAndWhatItDoesNotKnow() {
            for (int kind : new int[] {44, 50, 51, 59, 135, 255}) {
                byte[] packet = Frames.ipv6(kind, new byte[] {Frames.TCP, 0, 0, 0, 0, 0, 0, 0});
                assertEquals(-1, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
            }
        }

        @Test
        void shouldNotLeaveWhatIsAvailable() {
            byte[] packet = Frames.ipv6(0, new byte[] {Frames.TCP, 1, 0, 0, 0, 0, 0, 0});
            assertEquals(-1, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
            packet = Frames.ipv6(0, new byte[] {Frames.TCP, 0, 0, 0, 0, 0, 0});
            assertEquals(-1, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
            assertFalse(Ipv6.isValid(atTheEnd(packet), 39));
        }

        @Test
        void shouldGiveUpOnLongChains() {
            byte[] chain = new byte[9 * 8];
            chain[8 * 8] = Frames.TCP;
            byte[] packet = Frames.ipv6(0, chain);
            assertEquals(-1, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
            chain[7 * 8] = Frames.TCP;
            packet = Frames.ipv6(0, chain);
            assertEquals(40 + 64, Ipv6.transportOffset(atTheEnd(packet), packet.length, Tcp.PROTOCOL));
        }
    }

    @Nested
    class InTcp {
        @Test
        void shouldReadAndWriteFields() {
            long segment = atTheEnd(Frames.tcp(Tcp.FIN | Tcp.CWR, new byte[12], new byte[3]));
            assertTrue(Tcp.isValid(segment, 35));
            assertEquals(32, Tcp.headerLength(segment));
            assertEquals(0xffff_ff00, Tcp.sequenceNumber(segment));
            assertEquals(0x81, Tcp.flags(segment));
            Tcp.sequenceNumber(segment, 5);
            Tcp.flags(segment, Tcp.PSH);
            assertEquals(5, Tcp.sequenceNumber(segment));
            assertEquals(Tcp.PSH, Tcp.flags(segment));
        }

        @Test
        void shouldRefuseHeadersThatLeaveTheFrame() {
            byte[] segment = Frames.tcp(0, new byte[12], NOTHING);
            assertFalse(Tcp.isValid(atTheEnd(segment), 31));
            assertFalse(Tcp.isValid(atTheEnd(segment), 19));
            segment[12] = 0x40;
            assertFalse(Tcp.isValid(atTheEnd(segment), 32));
        }
    }

    @Test
    void shouldSendUdpChecksumsThatAreZeroAsOnes() {
        assertEquals(0xffff, Udp.transmitted(0));
        assertEquals(1, Udp.transmitted(1));
    }

    /// Puts bytes where the memory ends, so that the checked mode sees a byte read too far.
    private static long atTheEnd(byte[] bytes) {
        long address = memory + ROOM - bytes.length;
        NativeMemory.copyIn(bytes, 0, address, bytes.length);
        return address;
    }
}
