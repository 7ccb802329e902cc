package org.vswitch.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.fixture.SentFrames;

/// What the router tells a guest whose packet went no further: T42, T44, T45, T46, bad input 20.
class IcmpErrorsTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final IpRig rig = new IpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    /// T44: the inner header equals the original.
    @Test
    void shouldQuoteTheWholePacketIfItIsShort() {
        byte[] asked = new GuestPackets.V4().options(7, 7, 4, 0, 0, 0, 0, 0).frame();
        Packet packet = rig.accept(asked);
        assertTrue(rig.errors.send(packet, IcmpError.PORT_UNREACHABLE, 0, rig.nowNs));
        byte[] error = rig.takeSent();
        assertEquals("0a0002020a00020f", HexFormat.of().formatHex(error, 26, 34), "from the router to the guest");
        assertEquals(3, error[34]);
        assertEquals(3, error[35]);
        assertArrayEquals(new byte[4], Arrays.copyOfRange(error, 38, 42));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length), Arrays.copyOfRange(error, 42, error.length));
    }

    @Test
    void shouldQuoteAsMuchAsTheStandardsAllow() {
        byte[] asked = new GuestPackets.V4().payload(UDP, new byte[1400]).frame();
        assertTrue(rig.errors.send(rig.accept(asked), IcmpError.TOO_BIG, 576, rig.nowNs));
        byte[] error = rig.takeSent();
        assertEquals(14 + 576, error.length);
        assertArrayEquals(new byte[] {3, 4}, Arrays.copyOfRange(error, 34, 36));
        assertArrayEquals(new byte[] {0, 0, 2, 64}, Arrays.copyOfRange(error, 38, 42));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, 14 + 548), Arrays.copyOfRange(error, 42, error.length));

        byte[] askedV6 = new GuestPackets.V6().payload(UDP, new byte[1400]).frame();
        assertTrue(rig.errors.send(rig.accept(askedV6), IcmpError.TOO_BIG, 1280, rig.nowNs));
        byte[] errorV6 = rig.takeSent();
        assertEquals(14 + 1280, errorV6.length);
        assertArrayEquals(new byte[] {2, 0}, Arrays.copyOfRange(errorV6, 54, 56));
        assertArrayEquals(new byte[] {0, 0, 5, 0}, Arrays.copyOfRange(errorV6, 58, 62));
        assertArrayEquals(Arrays.copyOfRange(askedV6, 14, 14 + 1232), Arrays.copyOfRange(errorV6, 62, errorV6.length));
    }

    @Test
    void shouldComeFromTheAddressThatWasAsked() {
        assertTrue(rig.errors.send(rig.accept(new GuestPackets.V4().to(DNS_V4).frame()),
                IcmpError.PORT_UNREACHABLE, 0, rig.nowNs));
        assertEquals("0a000203", HexFormat.of().formatHex(rig.takeSent(), 26, 30));
        assertTrue(rig.errors.send(rig.accept(new GuestPackets.V6().frame()), IcmpError.PROHIBITED, 0, rig.nowNs));
        assertEquals("fd000000000000000000000000000002", HexFormat.of().formatHex(rig.takeSent(), 22, 38));
        assertTrue(rig.errors.send(rig.accept(new GuestPackets.V6().from(LINK_LOCAL, GUEST_LOW)
                .to(LINK_LOCAL, ROUTER_LOW).frame()), IcmpError.UNKNOWN_PROTOCOL, 6, rig.nowNs));
        byte[] error = rig.takeSent();
        assertEquals("fe800000000000000000000000000002", HexFormat.of().formatHex(error, 22, 38));
        assertEquals("0401", HexFormat.of().formatHex(error, 54, 56));
        assertEquals("00000006", HexFormat.of().formatHex(error, 58, 62));
    }

    /// Bad input 20, RFC 1122, 3.2.2 and RFC 4443, 2.4 e.
    @Test
    void shouldNotAnswerErrors() {
        for (int type = 0; type < 256; type++) {
            boolean error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
            answer(!error, new GuestPackets.V4().payload(ICMP, icmp(type, 0, new byte[28])).frame());
            boolean errorV6 = type < 128 || type == 137;
            answer(!errorV6, new GuestPackets.V6().payload(ICMPV6, icmp(type, 0, new byte[48])).frame());
        }
        answer(false, new GuestPackets.V4().payload(ICMP, new byte[0]).frame());
        answer(true, new GuestPackets.V4().payload(ICMP, new byte[] {8}).frame());
    }

    @Test
    void shouldNotAnswerWhatWasSentToAGroup() {
        answer(false, new GuestPackets.V4().to(-1).stations(GUEST, EVERYBODY).frame());
        answer(false, new GuestPackets.V4().to(0x0a00_02ff).frame());
        answer(false, new GuestPackets.V4().to(0xe000_00fb).frame());
        byte[] toAll = new GuestPackets.V6().to(0xff02_0000_0000_0000L, 1).frame();
        answer(false, toAll);
        assertTrue(rig.errors.send(rig.accept(toAll), IcmpError.TOO_BIG, 1280, rig.nowNs));
        rig.takeSent();
        answer(false, new GuestPackets.V6().from(0, 0).to(0xff02_0000_0000_0000L, 1).frame());
    }

    /// gVisor's ipv4_fragment_icmp_error: a hop limit that ends at a fragment is reported for the first one only.
    @Test
    void shouldAnswerTheFirstFragmentOnly() {
        rig.refuseWithError(StackDrop.HOP_LIMIT, new GuestPackets.V4().ttl(1).fragment(0, true)
                .payload(UDP, new byte[16]).frame());
        rig.refuse(StackDrop.HOP_LIMIT, new GuestPackets.V4().ttl(1).fragment(16, false)
                .payload(UDP, new byte[16]).frame());
    }

    /// T45: 50 at once, 100 a second; a guest that asks too much takes nothing from another one.
    @Test
    void shouldLimitTheRate() {
        byte[] asked = new GuestPackets.V4().frame();
        byte[] other = new GuestPackets.V4().from(0x0a00_0210).stations(OTHER_GUEST, ROUTER).frame();
        assertEquals(50, answersTo(asked, 200));
        assertEquals(150, rig.counters.value(StackDrop.RATE_LIMIT));
        assertEquals(50, answersTo(other, 60));
        rig.nowNs += SECOND_NS / 10;
        assertEquals(10, answersTo(asked, 200));
        int answers = 0;
        for (int i = 0; i < 1000; i++) {
            rig.nowNs += SECOND_NS / 1000;
            answers += answersTo(asked, 1);
        }
        assertEquals(100, answers);
        rig.nowNs += 3600 * SECOND_NS;
        assertEquals(50, answersTo(asked, 200));
    }

    /// Many stations cannot get more than all may have together.
    @Test
    void shouldLimitTheRateOfAll() {
        int answers = 0;
        for (int i = 0; i < 5_000; i++) {
            answers += answersTo(new GuestPackets.V4().stations(GUEST + 256 + i, ROUTER).frame(), 1);
        }
        assertEquals(500, answers);
    }

    @Test
    void shouldNotAllocate() {
        try (IpRig quiet = new IpRig(new SentFrames(false), 1500)) {
            byte[] asked = new GuestPackets.V4().frame();
            long memory = NativeMemory.map(4096);
            NativeMemory.copyIn(asked, 0, memory, asked.length);
            assertEquals(0, Allocations.bytesOf(20_000, 20_000, () -> {
                quiet.nowNs += SECOND_NS;
                quiet.reader.read(memory, asked.length, 0, quiet.nowNs);
                quiet.errors.send(quiet.reader.packet(), IcmpError.HOST_UNREACHABLE, 0, quiet.nowNs);
            }));
            assertTrue(quiet.sent.count() >= 40_000);
            NativeMemory.unmap(memory, 4096);
        }
    }

    private int answersTo(byte[] asked, int times) {
        int answers = 0;
        for (int i = 0; i < times; i++) {
            if (rig.errors.send(rig.accept(asked), IcmpError.HOST_UNREACHABLE, 0, rig.nowNs)) {
                rig.takeSent();
                answers++;
            }
        }
        return answers;
    }

    private void answer(boolean expected, byte[] asked) {
        rig.nowNs += SECOND_NS;
        Packet packet = rig.accept(asked);
        assertEquals(expected, rig.errors.send(packet, IcmpError.PROHIBITED, 0, rig.nowNs));
        if (expected) {
            rig.takeSent();
        }
        assertNull(rig.sent.poll());
    }
}
