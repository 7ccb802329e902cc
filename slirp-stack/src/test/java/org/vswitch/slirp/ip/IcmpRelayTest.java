package org.vswitch.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.HostError;
import org.vswitch.wire.IpAddress;

/// What the host's network reported about a guest's datagram: T42 (the second hop), T44, T45, T46.
class IcmpRelayTest {
    private static final int HOP = 0xc000_0201;
    private static final long HOP_HIGH = 0x2001_0db8_0000_0009L;

    private final IpRig rig = new IpRig();
    private final HostError error = new HostError();

    @AfterEach
    void close() {
        rig.close();
    }

    /// T42: that is how traceroute sees the hops.
    @Test
    void shouldComeFromTheHopThatReported() {
        byte[] asked = new GuestPackets.V4().frame();
        byte[] told = relayed(asked, reported(11, 0, 0, IpAddress.v4(HOP)));
        assertEquals("c0000201" + "0a00020f", HexFormat.of().formatHex(told, 26, 34));
        assertArrayEquals(new byte[] {11, 0}, Arrays.copyOfRange(told, 34, 36));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length), Arrays.copyOfRange(told, 42, told.length));

        byte[] toldV6 = relayed(new GuestPackets.V6().frame(), reported(3, 0, HOP_HIGH, 7));
        assertEquals("20010db8000000090000000000000007", HexFormat.of().formatHex(toldV6, 22, 38));
        assertArrayEquals(new byte[] {3, 0}, Arrays.copyOfRange(toldV6, 54, 56));
    }

    @Test
    void shouldComeFromTheRouterIfTheReporterMeansNothingToGuests() {
        for (long low : new long[] {IpAddress.v4(0x7f00_0001), IpAddress.v4(0xe000_0001), 1}) {
            byte[] told = relayed(new GuestPackets.V4().frame(), reported(3, 3, 0, low));
            assertEquals("0a000202", HexFormat.of().formatHex(told, 26, 30));
        }
        for (long high : new long[] {0, LINK_LOCAL}) {
            byte[] told = relayed(new GuestPackets.V6().frame(), reported(1, 4, high, 1));
            assertEquals("fd000000000000000000000000000002", HexFormat.of().formatHex(told, 22, 38));
        }
    }

    /// T46.
    @Test
    void shouldTellTheMtuButNoneThatCannotBe() {
        assertEquals(1300, mtu(new GuestPackets.V4().frame(), 3, 4, 1300));
        assertEquals(68, mtu(new GuestPackets.V4().frame(), 3, 4, 7));
        assertEquals(0, mtu(new GuestPackets.V4().frame(), 3, 4, 0));
        assertEquals(65_535, mtu(new GuestPackets.V4().frame(), 3, 4, 70_000));
        assertEquals(0, mtu(new GuestPackets.V4().frame(), 3, 1, 1300));
    }

    @Test
    void shouldTellTheMtuOfIpv6() {
        assertEquals(1400, mtuV6(1400));
        assertEquals(1280, mtuV6(40));
        assertEquals(1280, mtuV6(-1));
    }

    @Test
    void shouldMapAnErrnoThatTheHostItselfReports() {
        assertEquals("0301", fromErrno(Errno.EHOSTUNREACH));
        assertEquals("0300", fromErrno(Errno.ENETUNREACH));
        assertEquals("0303", fromErrno(Errno.ECONNREFUSED));
        assertEquals("0304", fromErrno(Errno.EMSGSIZE));
        assertEquals("030d", fromErrno(Errno.EACCES));
    }

    /// RFC 4443, 3.1: the field that tells an MTU elsewhere is 0.
    @Test
    void shouldTellNoMtuOfWhatIsUnreachable() {
        reported(0, 0, 0, 0);
        byte[] told = relayed(new GuestPackets.V6().frame(), error);
        assertEquals("0103", HexFormat.of().formatHex(told, 54, 56));
        assertEquals("00000000", HexFormat.of().formatHex(told, 58, 62));
    }

    /// Bad input 20, and what a guest must not be told: to use another router (RFC 1122, 3.2.2.2).
    @Test
    void shouldNotRelayRedirectsNorErrorsAboutErrors() {
        assertFalse(relay(new GuestPackets.V4().frame(), reported(5, 1, 0, IpAddress.v4(HOP))));
        assertFalse(relay(new GuestPackets.V4().frame(), reported(4, 0, 0, IpAddress.v4(HOP))));
        assertFalse(relay(new GuestPackets.V6().frame(), reported(137, 0, HOP_HIGH, 7)));
        assertFalse(relay(new GuestPackets.V4().payload(ICMP, icmp(3, 3, new byte[28])).frame(),
                reported(11, 0, 0, IpAddress.v4(HOP))));
        assertFalse(relay(new GuestPackets.V4().to(0xffff_ffff).stations(GUEST, EVERYBODY).frame(),
                reported(11, 0, 0, IpAddress.v4(HOP))));
        assertEquals(0, rig.sent.count());
    }

    /// T45.
    @Test
    void shouldStayWithinTheRate() {
        for (int i = 0; i < 60; i++) {
            relay(new GuestPackets.V4().frame(), reported(11, 0, 0, IpAddress.v4(HOP)));
        }
        assertEquals(50, rig.sent.count());
        assertEquals(10, rig.counters.value(StackDrop.RATE_LIMIT));
    }

    @Test
    void shouldQuoteMoreOfARebuiltPacketIfThereIsMore() {
        Envelope was = new Envelope();
        was.sourceLow = IpAddress.v4(GuestPackets.GUEST_V4);
        was.destinationLow = IpAddress.v4(GuestPackets.OUTSIDE_V4);
        was.protocol = ICMP;
        try (RebuiltPacket rebuilt = new RebuiltPacket(); ExactMemory memory = new ExactMemory()) {
            rebuilt.of(was, GUEST, 0x0800_1234_0001_0002L, 1408);
            long rest = memory.place(new byte[] {9, 8, 7});
            assertTrue(rig.errors.relay(rebuilt.append(rest, 3), reported(11, 0, 0, IpAddress.v4(HOP)), rig.nowNs));
            byte[] told = rig.takeSent();
            assertEquals("0800123400010002090807", HexFormat.of().formatHex(told, 62, told.length));
            assertEquals("0594", HexFormat.of().formatHex(told, 44, 46), "total length");

            rebuilt.of(was, GUEST, 0x0800_1234_0001_0002L, 1408);
            rebuilt.append(memory.place(new byte[1400]), 1400);
            assertTrue(rig.errors.relay(rebuilt.append(rest, 3), reported(11, 0, 0, IpAddress.v4(HOP)), rig.nowNs));
            assertEquals(14 + 576, rig.takeSent().length);
        }
    }

    @Test
    void shouldAllocateNothing() {
        try (IpRig counting = new IpRig(new SentFrames(false), 1500)) {
            Packet packet = counting.accept(new GuestPackets.V4().frame());
            reported(11, 0, 0, IpAddress.v4(HOP));
            assertEquals(0, Allocations.bytesOf(20_000, 10_000, () -> {
                counting.nowNs += 10_000_000;
                counting.errors.relay(packet, error, counting.nowNs);
            }));
            assertTrue(counting.sent.count() > 20_000);
        }
    }

    private HostError reported(int type, int code, long high, long low) {
        error.errno = Errno.EHOSTUNREACH.number();
        error.type = type;
        error.code = code;
        error.information = 0;
        error.reporterHigh = high;
        error.reporterLow = low;
        return error;
    }

    private boolean relay(byte[] asked, HostError about) {
        return rig.errors.relay(rig.accept(asked), about, rig.nowNs);
    }

    private byte[] relayed(byte[] asked, HostError about) {
        assertTrue(relay(asked, about));
        return rig.takeSent();
    }

    private int mtu(byte[] asked, int type, int code, int mtu) {
        reported(type, code, 0, IpAddress.v4(HOP)).information = mtu;
        byte[] told = relayed(asked, error);
        return (told[40] & 255) << 8 | told[41] & 255;
    }

    private int mtuV6(int mtu) {
        reported(2, 0, HOP_HIGH, 7).information = mtu;
        byte[] told = relayed(new GuestPackets.V6().frame(), error);
        return (told[60] & 255) << 8 | told[61] & 255;
    }

    private String fromErrno(Errno errno) {
        reported(0, 0, 0, 0).errno = errno.number();
        byte[] told = relayed(new GuestPackets.V4().frame(), error);
        assertEquals("0a000202", HexFormat.of().formatHex(told, 26, 30));
        return HexFormat.of().formatHex(told, 34, 36);
    }
}
