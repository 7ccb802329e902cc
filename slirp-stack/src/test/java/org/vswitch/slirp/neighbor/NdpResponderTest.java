package org.vswitch.slirp.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.fragmentHeader;
import static org.vswitch.slirp.fixture.GuestPackets.join;
import static org.vswitch.slirp.fixture.GuestPackets.octets;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.ip.Arrival;
import org.vswitch.slirp.ip.StackDrop;

/// Neighbor discovery between guests and router: T4, T5, bad inputs 18 and 19.
class NdpResponderTest {
    private static final int SOLICITATION = 135;
    private static final int ADVERTISEMENT = 136;
    private static final long LINK_SCOPE = 0xff02_0000_0000_0000L;
    private static final byte[] FROM_GUEST = octets(1, 1, 0x52, 0x54, 0, 0, 0, 0x15);

    private final IpRig rig = new IpRig();
    private final NeighborTable neighbors = new NeighborTable(rig.subnets, rig.counters);
    private final NdpResponder ndp = new NdpResponder(rig.output, rig.subnets, neighbors, rig.counters);

    @AfterEach
    void close() {
        rig.close();
    }

    /// T4: link-local router, router, name server; flags R, S and O; hop limit 255.
    @Test
    void shouldAnswerForItsOwnAddresses() {
        long[][] own = {{LINK_LOCAL, ROUTER_LOW}, {PREFIX, ROUTER_LOW}, {PREFIX, DNS_LOW}};
        for (long[] address : own) {
            receive(toSolicitedNode(join(message(SOLICITATION, 0, address[0], address[1]), FROM_GUEST), address[1]));
            byte[] answer = rig.takeSent();
            HexFormat hex = HexFormat.of();
            assertEquals("525400000015" + "52550a000202" + "86dd", hex.formatHex(answer, 0, 14));
            assertEquals("00203aff", hex.formatHex(answer, 18, 22));
            assertEquals(hex.toHexDigits(address[0]) + hex.toHexDigits(address[1]), hex.formatHex(answer, 22, 38));
            assertEquals(hex.toHexDigits(PREFIX) + hex.toHexDigits(GUEST_LOW), hex.formatHex(answer, 38, 54));
            assertEquals("8800", hex.formatHex(answer, 54, 56));
            assertEquals("e0000000" + hex.toHexDigits(address[0]) + hex.toHexDigits(address[1])
                    + "0201" + "52550a000202", hex.formatHex(answer, 58, 86));
        }
        assertEquals(GUEST, neighbors.find(PREFIX, GUEST_LOW, rig.nowNs));
        assertEquals(0, rig.drops());
    }

    @Test
    void shouldNotAnswerForOthers() {
        receive(toSolicitedNode(join(message(SOLICITATION, 0, PREFIX, 0x16), FROM_GUEST), 0x16));
        receive(toSolicitedNode(message(SOLICITATION, 0, 0x2001_0db8_0000_0000L, ROUTER_LOW), ROUTER_LOW));
        assertNull(rig.sent.poll());
        assertEquals(0, neighbors.count());
    }

    /// T5: a guest that wants an address of the router is told so, as is everybody else.
    @Test
    void shouldDefendItsAddresses() {
        receive(toSolicitedNode(message(SOLICITATION, 0, LINK_LOCAL, ROUTER_LOW), ROUTER_LOW).from(0, 0));
        byte[] answer = rig.takeSent();
        HexFormat hex = HexFormat.of();
        assertEquals("333300000001", hex.formatHex(answer, 0, 6));
        assertEquals(hex.toHexDigits(LINK_SCOPE) + hex.toHexDigits(1L), hex.formatHex(answer, 38, 54));
        assertEquals("a0000000", hex.formatHex(answer, 58, 62));
        assertEquals(0, neighbors.count());
    }

    /// Bad input 18.
    @Test
    void shouldRefuseDuplicateDetectionThatMakesNoSense() {
        refuse(StackDrop.MALFORMED,
                toSolicitedNode(join(message(SOLICITATION, 0, PREFIX, ROUTER_LOW), FROM_GUEST), ROUTER_LOW).from(0, 0));
        refuse(StackDrop.MALFORMED, toSolicitedNode(message(SOLICITATION, 0, PREFIX, ROUTER_LOW), 9).from(0, 0));
    }

    /// Bad input 18: cut at every byte; options of no length, beyond the packet; hop limit, code, target.
    @Test
    void shouldDropWhatIsMalformed() {
        byte[] whole = join(message(SOLICITATION, 0, PREFIX, ROUTER_LOW), FROM_GUEST);
        for (int length = 1; length < whole.length; length++) {
            if (length != 24) {
                refuse(StackDrop.MALFORMED, toSolicitedNode(Arrays.copyOf(whole, length), ROUTER_LOW));
            }
        }
        byte[] plain = message(SOLICITATION, 0, PREFIX, ROUTER_LOW);
        refuse(StackDrop.MALFORMED, toSolicitedNode(join(plain, new byte[8]), ROUTER_LOW));
        refuse(StackDrop.MALFORMED, toSolicitedNode(join(plain, octets(1, 2, 0, 0, 0, 0, 0, 0)), ROUTER_LOW));
        refuse(StackDrop.MALFORMED, toSolicitedNode(whole, ROUTER_LOW).hopLimit(254));
        byte[] code = whole.clone();
        code[1] = 1;
        refuse(StackDrop.MALFORMED, toSolicitedNode(code, ROUTER_LOW));
        refuse(StackDrop.MALFORMED, toSolicitedNode(message(SOLICITATION, 0, LINK_SCOPE, 1), ROUTER_LOW));
    }

    @Test
    void shouldDropWrongChecksums() {
        byte[] whole = join(message(SOLICITATION, 0, PREFIX, ROUTER_LOW), FROM_GUEST);
        GuestPackets.V6 packet = toSolicitedNode(whole, ROUTER_LOW);
        byte[] frame = packet.frame();
        frame[56] ^= 1;
        long count = rig.counters.value(StackDrop.BAD_CHECKSUM);
        assertEquals(Arrival.PACKET, rig.receive(frame));
        ndp.receive(rig.reader.packet(), rig.nowNs);
        assertEquals(count + 1, rig.counters.value(StackDrop.BAD_CHECKSUM));
        assertNull(rig.sent.poll());
    }

    /// Bad input 18: a guest is no router.
    @Test
    void shouldDropWhatOnlyRoutersSay() {
        refuse(StackDrop.NOT_FOR_ROUTER, toAll(octets(134, 0, 0, 0, 64, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0)));
        refuse(StackDrop.MALFORMED, toAll(join(octets(137, 0, 0, 0, 0, 0, 0, 0), new byte[32])));
    }

    /// Bad input 5, for IPv6.
    @Test
    void shouldLetNobodyClaimAddresses() {
        refuse(StackDrop.BAD_SOURCE, toAll(message(ADVERTISEMENT, 0x20, PREFIX, ROUTER_LOW)));
        refuse(StackDrop.BAD_SOURCE, toRouter(message(ADVERTISEMENT, 0x60, LINK_LOCAL, ROUTER_LOW)));
        refuse(StackDrop.BAD_SOURCE, toSolicitedNode(join(message(SOLICITATION, 0, PREFIX, ROUTER_LOW),
                octets(1, 1, 0x52, 0x54, 0, 0, 0, 0x16)), ROUTER_LOW));
        refuse(StackDrop.BAD_SOURCE, toRouter(join(message(ADVERTISEMENT, 0x60, PREFIX, GUEST_LOW),
                octets(2, 1, 0x52, 0x54, 0, 0, 0, 0x16))));
        refuse(StackDrop.MALFORMED, toAll(message(ADVERTISEMENT, 0x60, PREFIX, GUEST_LOW)));
        assertEquals(0, neighbors.count());
    }

    /// T7, RFC 4861, 7.2.5.
    @Test
    void shouldLearnFromAnswersOnly() {
        receive(toAll(message(ADVERTISEMENT, 0x20, PREFIX, GUEST_LOW)));
        assertEquals(0, neighbors.count());
        receive(toRouter(message(ADVERTISEMENT, 0x60, PREFIX, GUEST_LOW)));
        assertEquals(GUEST, neighbors.find(PREFIX, GUEST_LOW, rig.nowNs));
        receive(toAll(message(ADVERTISEMENT, 0x20, PREFIX, GUEST_LOW)).stations(OTHER_GUEST, 0x3333_0000_0001L));
        assertEquals(OTHER_GUEST, neighbors.find(PREFIX, GUEST_LOW, rig.nowNs));
        assertNull(rig.sent.poll());
    }

    /// Bad input 19: 100,000 solicitations from distinct addresses.
    @Test
    void shouldBoundWhatItLearns() {
        for (int i = 0; i < 100_000; i++) {
            byte[] message = message(SOLICITATION, 0, PREFIX, ROUTER_LOW);
            receive(toSolicitedNode(message, ROUTER_LOW).from(PREFIX, 1000 + i).stations(GUEST + i, 0x3333_ff00_0002L));
            assertTrue(rig.sent.poll() != null);
        }
        assertEquals(NeighborTable.CAPACITY, neighbors.count());
    }

    /// RFC 6980.
    @Test
    void shouldDropSolicitationsInFragments() {
        byte[] message = join(message(SOLICITATION, 0, PREFIX, ROUTER_LOW), FROM_GUEST);
        GuestPackets.V6 whole = toSolicitedNode(message, ROUTER_LOW);
        byte[] checked = Arrays.copyOfRange(checksummed(whole), 54, 86);
        rig.receive(whole.payload(44, fragmentHeader(ICMPV6, 0, true, 1), Arrays.copyOf(checked, 24)).frame());
        assertEquals(Arrival.PACKET, rig.receive(whole.payload(44, fragmentHeader(ICMPV6, 24, false, 1),
                Arrays.copyOfRange(checked, 24, 32)).frame()));
        ndp.receive(rig.reader.packet(), rig.nowNs);
        assertEquals(1, rig.counters.value(StackDrop.MALFORMED));
        assertNull(rig.sent.poll());
    }

    @Test
    void shouldAsk() {
        HexFormat hex = HexFormat.of();
        ndp.request(PREFIX, 0x1122_3344_5566_7788L, NeighborTable.NONE);
        byte[] question = rig.takeSent();
        assertEquals("3333ff667788" + "52550a000202", hex.formatHex(question, 0, 12));
        assertEquals("ff0200000000000000000001ff667788", hex.formatHex(question, 38, 54));
        assertEquals("8700", hex.formatHex(question, 54, 56));
        assertEquals("fd000000000000001122334455667788" + "0101" + "52550a000202", hex.formatHex(question, 62, 86));
        ndp.request(LINK_LOCAL, GUEST_LOW, GUEST);
        byte[] direct = rig.takeSent();
        assertEquals("525400000015", hex.formatHex(direct, 0, 6));
        assertEquals(hex.toHexDigits(LINK_LOCAL) + hex.toHexDigits(ROUTER_LOW), hex.formatHex(direct, 22, 38));
    }

    private void receive(GuestPackets.V6 packet) {
        assertEquals(Arrival.PACKET, rig.receive(checksummed(packet)));
        ndp.receive(rig.reader.packet(), rig.nowNs);
    }

    private void refuse(StackDrop reason, GuestPackets.V6 packet) {
        long drops = rig.drops();
        long count = rig.counters.value(reason);
        receive(packet);
        assertEquals(drops + 1, rig.drops());
        assertEquals(count + 1, rig.counters.value(reason));
        assertNull(rig.sent.poll());
    }

    /// The frame with the checksum of the ICMPv6 message filled in, if there is room for one.
    private static byte[] checksummed(GuestPackets.V6 packet) {
        byte[] frame = packet.frame();
        if (frame.length < 58) {
            return frame;
        }
        int sum = FrameCheck.sum(0, frame, 22, 54) + ICMPV6 + frame.length - 54;
        sum = FrameCheck.sum((sum & 0xffff) + (sum >>> 16), frame, 54, frame.length);
        frame[56] = (byte) (~sum >> 8);
        frame[57] = (byte) ~sum;
        return frame;
    }

    private static GuestPackets.V6 toSolicitedNode(byte[] message, long targetLow) {
        return toAll(message).to(LINK_SCOPE, 0x0000_0001_ff00_0000L | targetLow)
                .stations(GUEST, 0x3333_ff00_0000L | targetLow);
    }

    private static GuestPackets.V6 toAll(byte[] message) {
        return new GuestPackets.V6().to(LINK_SCOPE, 1).stations(GUEST, 0x3333_0000_0001L).hopLimit(255)
                .payload(ICMPV6, message);
    }

    private static GuestPackets.V6 toRouter(byte[] message) {
        return new GuestPackets.V6().to(PREFIX, ROUTER_LOW).stations(GUEST, ROUTER).hopLimit(255)
                .payload(ICMPV6, message);
    }

    private static byte[] message(int type, int flags, long targetHigh, long targetLow) {
        return ByteBuffer.allocate(24).put((byte) type).put((byte) 0).putShort((short) 0).putInt(flags << 24)
                .putLong(targetHigh).putLong(targetLow).array();
    }
}
