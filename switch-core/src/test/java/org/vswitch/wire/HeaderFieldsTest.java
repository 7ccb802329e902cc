package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;

/// Every field of the headers that a router reads and writes, against bytes written out by hand.
class HeaderFieldsTest {
    private static final String IPV4 = "45 b8 05 dc be ef 40 00 3f 11 aa b0 0a 00 02 0f c0 a8 ff 01";
    private static final String IPV6 = """
            6b 81 23 45 00 08 11 40
            fd 00 00 00 00 00 00 01 00 00 00 00 00 00 00 0f
            fe 80 00 00 00 00 00 02 50 54 00 ff fe 12 34 56""";
    private static final String TCP = "9c 40 01 bb ff ff ff fe 80 00 00 01 50 12 ff dc be ef 00 07";
    private static final String UDP = "00 35 ff fe 00 0b 12 34 01 02 03";

    private final ExactMemory memory = new ExactMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldWriteAnEthernetHeader() {
        long frame = memory.room(14);
        Ethernet.destination(frame, 0xffff_ffff_ffffL);
        Ethernet.source(frame, 0x5254_0012_3456L);
        Ethernet.type(frame, Ethernet.TYPE_ARP);
        assertEquals("ff ff ff ff ff ff 52 54 00 12 34 56 08 06", memory.text());
        assertEquals(0x5254_0012_3456L, Ethernet.source(frame));
    }

    @Test
    void shouldReadAnIpv4Header() {
        long header = memory.place(IPV4);
        assertEquals(0xb8, Ipv4.typeOfService(header));
        assertTrue(Ipv4.isDontFragment(header));
        assertFalse(Ipv4.isMoreFragments(header));
        assertEquals(0, Ipv4.fragmentOffset(header));
        assertEquals(0x3f, Ipv4.timeToLive(header));
        assertEquals(Udp.PROTOCOL, Ipv4.protocol(header));
        assertEquals(0x0a00_020f, Ipv4.source(header));
        assertEquals(0xc0a8_ff01, Ipv4.destination(header));
    }

    @Test
    void shouldWriteAnIpv4Header() {
        long header = memory.room(20);
        Ipv4.emit(header, 1_500);
        assertEquals("45 00 05 dc 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", memory.text());
        Ipv4.typeOfService(header, 0xb8);
        Ipv4.identification(header, 0xbeef);
        Ipv4.dontFragment(header);
        Ipv4.timeToLive(header, 63);
        Ipv4.protocol(header, 17);
        Ipv4.source(header, 0x0a00_020f);
        Ipv4.destination(header, 0xc0a8_ff01);
        Ipv4.updateChecksum(header);
        assertEquals(IPV4, memory.text());
    }

    @Test
    void shouldSeeADamagedIpv4Header() {
        byte[] bytes = ExactMemory.bytes(IPV4);
        assertTrue(Ipv4.isChecksumRight(memory.place(bytes)));
        for (int bit = 0; bit < 160; bit++) {
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            long header = memory.place(bytes);
            assertFalse(Ipv4.isValid(header, 20) && Ipv4.isChecksumRight(header), "bit " + bit);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void shouldReadAndWriteFragments() {
        long header = memory.place("45 00 00 28 00 07 20 b9 40 11 00 00 00 00 00 00 00 00 00 00");
        assertTrue(Ipv4.isFragment(header));
        assertTrue(Ipv4.isMoreFragments(header));
        assertFalse(Ipv4.isDontFragment(header));
        assertEquals(1_480, Ipv4.fragmentOffset(header));
        Ipv4.fragment(header, 65_528, false);
        assertEquals("1f ff", memory.text().substring(18, 23));
        assertEquals(65_528, Ipv4.fragmentOffset(header));
        assertTrue(Ipv4.isFragment(header));
        Ipv4.fragment(header, 8, true);
        assertEquals("20 01", memory.text().substring(18, 23));
    }

    @Test
    void shouldReadAnIpv6Header() {
        long header = memory.place(IPV6);
        assertEquals(0xb8, Ipv6.trafficClass(header));
        assertEquals(0x1_2345, Ipv6.flowLabel(header));
        assertEquals(Udp.PROTOCOL, Ipv6.nextHeader(header));
        assertEquals(64, Ipv6.hopLimit(header));
        assertEquals(0xfd00_0000_0000_0001L, Ipv6.sourceHigh(header));
        assertEquals(0xf, Ipv6.sourceLow(header));
        assertEquals(0xfe80_0000_0000_0002L, Ipv6.destinationHigh(header));
        assertEquals(0x5054_00ff_fe12_3456L, Ipv6.destinationLow(header));
    }

    @Test
    void shouldWriteAnIpv6Header() {
        long header = memory.room(40);
        Ipv6.emit(header, 8);
        assertEquals("60 00 00 00 00 08" + " 00".repeat(34), memory.text());
        Ipv6.trafficClass(header, -1);
        Ipv6.flowLabel(header, -1);
        assertEquals("6f ff ff ff", memory.text().substring(0, 11));
        Ipv6.trafficClass(header, 0xb8);
        Ipv6.flowLabel(header, 0x1_2345);
        Ipv6.nextHeader(header, 17);
        Ipv6.hopLimit(header, 64);
        Ipv6.source(header, 0xfd00_0000_0000_0001L, 15);
        Ipv6.destination(header, 0xfe80_0000_0000_0002L, 0x5054_00ff_fe12_3456L);
        assertEquals(IPV6.replace('\n', ' '), memory.text());
    }

    @Test
    void shouldReadATcpHeader() {
        long header = memory.place(TCP);
        assertEquals(40_000, Tcp.sourcePort(header));
        assertEquals(443, Tcp.destinationPort(header));
        assertEquals(-2, Tcp.sequenceNumber(header));
        assertEquals(0x8000_0001, Tcp.acknowledgmentNumber(header));
        assertEquals(Tcp.SYN | Tcp.ACK, Tcp.flags(header));
        assertEquals(0xffdc, Tcp.window(header));
        assertEquals(0xbeef, Tcp.checksum(header));
        assertEquals(7, Tcp.urgentPointer(header));
    }

    @Test
    void shouldWriteATcpHeader() {
        long header = memory.room(24);
        Tcp.emit(header, 24);
        assertEquals("00 ".repeat(12) + "60" + " 00".repeat(7) + " ee ee ee ee", memory.text());
        Tcp.sourcePort(header, 40_000);
        Tcp.destinationPort(header, 443);
        Tcp.sequenceNumber(header, -2);
        Tcp.acknowledgmentNumber(header, 0x8000_0001);
        Tcp.flags(header, Tcp.RST | Tcp.URG | Tcp.ECE);
        Tcp.window(header, 0xffdc);
        Tcp.checksum(header, 0xbeef);
        assertEquals("9c 40 01 bb ff ff ff fe 80 00 00 01 60 64 ff dc be ef 00 00 ee ee ee ee", memory.text());
    }

    @Test
    void shouldReadAndWriteAUdpHeader() {
        long header = memory.place(UDP);
        assertTrue(Udp.isValid(header, 11));
        assertEquals(53, Udp.sourcePort(header));
        assertEquals(65_534, Udp.destinationPort(header));
        assertEquals(11, Udp.length(header));
        assertEquals(0x1234, Udp.checksum(header));
        header = memory.room(8);
        Udp.sourcePort(header, 53);
        Udp.destinationPort(header, 65_534);
        Udp.length(header, 11);
        Udp.checksum(header, 0x1234);
        assertEquals("00 35 ff fe 00 0b 12 34", memory.text());
    }

    @Test
    void shouldRefuseUdpDatagramsThatLeaveThePacket() {
        byte[] datagram = ExactMemory.bytes(UDP);
        for (int available = 0; available < 11; available++) {
            assertFalse(Udp.isValid(memory.place(datagram, available), available), available + " bytes");
        }
        assertTrue(Udp.isValid(memory.place(UDP + "00 00"), 13));
        assertFalse(Udp.isValid(memory.place("00 35 ff fe 00 07 12 34"), 8));
        assertTrue(Udp.isValid(memory.place("00 35 ff fe 00 08 12 34"), 8));
    }
}
