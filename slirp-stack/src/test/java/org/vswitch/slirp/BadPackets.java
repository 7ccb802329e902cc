package org.vswitch.slirp;

import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.fragmentHeader;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;
import static org.vswitch.slirp.fixture.GuestPackets.join;
import static org.vswitch.slirp.fixture.GuestPackets.octets;
import static org.vswitch.slirp.fixture.GuestPackets.optionsHeader;
import static org.vswitch.slirp.fixture.GuestPackets.udp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;

/// Bad inputs 7 to 19: IPv4, IPv6, fragments, neighbor discovery.
final class BadPackets {
    private static final int IP = 14;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION = 60;
    private static final int SOLICITATION = 135;

    private BadPackets() {
    }

    static List<BadInput> all() {
        return Stream.of(headers(), addresses(), fragments(), v6Headers(), v6Fragments(), neighbors())
                .flatMap(List::stream).toList();
    }

    private static List<BadInput> headers() {
        return List.of(
                BadInput.of(7, "IPv4 cut anywhere", "malformed=31", BadFrames.cut(v4().frame(), IP)),
                BadInput.of(7, "IPv4 versions and lengths that lie", "malformed=7", changed(0, 0x55), changed(0, 0x44),
                        changed(0, 0x4f), changed(3, 19), changed(3, 0), changed(2, 0xff), changed(0, 0)),
                BadInput.of(8, "IPv4 header checksum", "bad-checksum=1", broken(v4().frame(), IP + 10)),
                BadInput.of(8, "IPv4 at its last hop", "hop-limit=2", v4().ttl(0).frame(), v4().ttl(1).frame()),
                BadInput.of(9, "IPv4 options that lie", "malformed=4", options(7, 0, 0, 0), options(7, 9, 4, 0),
                        options(1, 1, 1, 7), options(7, 1, 0, 0)),
                BadInput.of(9, "source routes", "source-route=2", options(131, 7, 4, 1, 2, 3, 4, 0),
                        options(137, 7, 4, 1, 2, 3, 4, 0)),
                BadInput.of(9, "options to be skipped", "", options(7, 7, 4, 0, 0, 0, 0, 0), options(148, 4, 0, 0)));
    }

    private static List<BadInput> addresses() {
        int[] sources = {0x0a00_02ff, -1, 0xe000_0001, 0x7f00_0001, 0, ROUTER_V4, GuestPackets.DNS_V4, 0x0a00_0301,
            OUTSIDE_V4};
        int[] destinations = {0, 0x0001_0203, 0x7f00_0001, 0x7f00_0035, 0xf000_0001, 0xffff_fffe};
        return List.of(
                BadInput.of(10, "impossible IPv4 sources", "bad-source=9",
                        IntStream.of(sources).mapToObj(source -> v4().from(source).frame()).toList()),
                BadInput.of(10, "IPv4 to oneself", "bad-source=1", v4().to(GUEST_V4).frame()),
                BadInput.of(11, "impossible IPv4 destinations", "bad-destination=6",
                        IntStream.of(destinations).mapToObj(to -> v4().to(to).frame()).toList()),
                BadInput.of(11, "to every station of the network", "bad-destination=3", v4().to(0x0a00_02ff).frame(),
                        v4().to(-1).frame(), v4().to(0xe000_00fb).frame()),
                BadInput.of(13, "word of a narrow way, which nobody has asked for", "not-for-router=2",
                        v4().to(ROUTER_V4).payload(ICMP, tooBig(3, 4, v4().packet())).frame(),
                        v6(ICMPV6, checked(tooBig(2, 0, v6(UDP).packet()), PREFIX, ROUTER_LOW)).to(PREFIX, ROUTER_LOW)
                                .frame()));
    }

    private static List<BadInput> fragments() {
        byte[] last = fragment(1, 65_528, false, 100);
        byte[] odd = fragment(2, 0, true, 101);
        return List.of(
                BadInput.of(12, "more than a datagram can hold", "bad-fragment=1", last),
                BadInput.of(12, "a length that no fragment has", "bad-fragment=1", odd),
                BadInput.of(12, "fragments without a byte", "bad-fragment=2", fragment(3, 8, true, 0),
                        fragment(3, 8, false, 0)),
                BadInput.of(12, "an overlap", "bad-fragment=2", fragment(4, 0, true, 64), fragment(4, 56, true, 64)),
                BadInput.of(12, "the same again", "bad-fragment=1",
                        fragment(5, 0, true, 64), fragment(5, 0, true, 64)),
                BadInput.of(12, "two ends", "bad-fragment=2", fragment(6, 64, false, 64), fragment(6, 128, false, 64)),
                BadInput.of(12, "a last one alone", "bad-fragment=1", fragment(7, 800, false, 64)),
                BadInput.of(12, "two protocols", "bad-fragment=2", fragment(8, 0, true, 64),
                        v4().identification(8).fragment(64, false).payload(ICMP, new byte[8]).frame()),
                BadInput.of(12, "headers of different length", "malformed=1", fragment(9, 8, false, 64),
                        v4().identification(9).fragment(0, true).options(1, 1, 1, 1).payload(UDP, new byte[8]).frame()),
                BadInput.of(12, "10,000 datagrams that never end", "bad-fragment=10000",
                        IntStream.range(0, 10_000).mapToObj(i -> fragment(i, 0, true, 64)).toList()));
    }

    private static List<BadInput> v6Headers() {
        byte[] longChain = optionsHeader(DESTINATION, 5, 2, 0, 0);
        return List.of(
                BadInput.of(14, "IPv6 cut anywhere", "malformed=51", BadFrames.cut(v6(UDP).frame(), IP)),
                BadInput.of(14, "IPv6 versions and lengths that lie", "malformed=4", changed6(0, 0x40),
                        changed6(4, 1), changed6(5, 0), jumbogram()),
                BadInput.of(15, "a chain without end", "malformed=1",
                        v6(DESTINATION, repeated(longChain, 100)).frame()),
                BadInput.of(15, "options where they may not be", "malformed=1", v6(DESTINATION,
                        optionsHeader(HOP_BY_HOP), optionsHeader(UDP)).frame()),
                BadInput.of(15, "nothing behind, and unknown protocols", "unknown-protocol=2",
                        v6(59).frame(), v6(253, new byte[8]).frame()),
                BadInput.of(15, "unknown options", "unknown-protocol=3", option(0x45), option(0x85), option(0xc5)),
                BadInput.of(15, "options to be skipped", "", option(0x05)),
                BadInput.of(15, "source routes", "source-route=2", v6(ROUTING, octets(UDP, 2, 0, 1, 0, 0, 0, 0),
                        new byte[16]).frame(), v6(ROUTING, octets(UDP, 0, 0, 0, 0, 0, 0, 0), new byte[8]).frame()),
                BadInput.of(17, "impossible IPv6 sources", "bad-source=7", v6(UDP).from(0, 0).frame(),
                        v6(UDP).from(0, 1).frame(), v6(UDP).from(0xff02L << 48, 1).frame(),
                        v6(UDP).from(PREFIX, ROUTER_LOW).frame(), v6(UDP).from(OUTSIDE_HIGH, 5).frame(),
                        v6(UDP).from(LINK_LOCAL, GUEST_LOW).frame(), v6(UDP).to(PREFIX, GUEST_LOW).frame()),
                BadInput.of(17, "impossible IPv6 destinations", "bad-destination=7", v6(UDP).to(0, 0).frame(),
                        v6(UDP).to(0, 1).frame(), v6(UDP).to(0, 0xffff_7f00_0001L).frame(),
                        v6(UDP).to(0, 0xffff_0000_0000L).frame(), v6(UDP).to(LINK_LOCAL, 0x99).frame(),
                        v6(UDP).to(LINK_LOCAL, 0xa9fe_a9feL).frame(), v6(UDP).to(0xff01L << 48, 1).frame()));
    }

    private static List<BadInput> v6Fragments() {
        byte[] whole = FuzzFrames.repaired(v6(UDP).frame());
        byte[] text = Arrays.copyOfRange(whole, 54, whole.length);
        return List.of(
                BadInput.of(16, "an overlap", "bad-fragment=2", fragment6(1, 0, true, 64), fragment6(1, 56, true, 64)),
                BadInput.of(16, "headers in the second fragment only", "bad-fragment=1",
                        v6(FRAGMENT, fragmentHeader(DESTINATION, 0, true, 2), optionsHeader(UDP)).frame()),
                BadInput.of(16, "a fragment of fragments", "bad-fragment=1",
                        v6(FRAGMENT, fragmentHeader(FRAGMENT, 0, false, 3), fragmentHeader(UDP, 0, false, 3), text)
                                .frame()),
                BadInput.of(16, "a fragment that is everything", "",
                        v6(FRAGMENT, fragmentHeader(UDP, 0, false, 4), text).frame()),
                BadInput.of(16, "10,000 datagrams that never end", "bad-fragment=10000",
                        IntStream.range(0, 10_000).mapToObj(i -> fragment6(i, 0, true, 64)).toList()));
    }

    private static List<BadInput> neighbors() {
        byte[] linkLayer = octets(1, 1, 0x52, 0x54, 0, 0, 0, 0x15);
        byte[] endless = octets(1, 0, 0x52, 0x54, 0, 0, 0, 0x15);
        byte[] beyond = octets(1, 9, 0x52, 0x54, 0, 0, 0, 0x15);
        return List.of(
                BadInput.of(18, "options of neighbor discovery that lie", "malformed=2",
                        solicit(PREFIX, ROUTER_LOW, endless).frame(), solicit(PREFIX, ROUTER_LOW, beyond).frame()),
                BadInput.of(18, "neighbor discovery from elsewhere", "malformed=1",
                        solicit(PREFIX, ROUTER_LOW, linkLayer).hopLimit(254).frame()),
                BadInput.of(18, "questions for a group", "malformed=1", solicit(0xff02L << 48, 1, linkLayer).frame()),
                BadInput.of(18, "a guest that plays the router", "not-for-router=2",
                        discover(134, new byte[8]).frame(), discover(137, new byte[32]).frame()),
                BadInput.of(19, "10,000 neighbors", "", IntStream.range(0, 10_000)
                        .mapToObj(i -> solicitFrom(1_000 + i, linkLayer).frame()).toList()));
    }

    private static GuestPackets.V4 v4() {
        return new GuestPackets.V4();
    }

    private static GuestPackets.V6 v6(int kind, byte[]... parts) {
        GuestPackets.V6 packet = new GuestPackets.V6();
        return parts.length == 0 && kind == UDP ? packet : packet.payload(kind, parts);
    }

    private static byte[] changed(int at, int value) {
        byte[] frame = v4().frame();
        frame[IP + at] = (byte) value;
        FrameCheck.fillChecksum(frame, IP, IP + 20, 10);
        return frame;
    }

    private static byte[] changed6(int at, int value) {
        byte[] frame = v6(UDP).frame();
        frame[IP + at] = (byte) value;
        return frame;
    }

    private static byte[] jumbogram() {
        byte[] frame = v6(HOP_BY_HOP, optionsHeader(UDP, 0xc2, 4, 0, 1, 0, 0), udp(1, 7, new byte[9])).frame();
        ByteBuffer.wrap(frame).putShort(IP + 4, (short) 0);
        return frame;
    }

    private static byte[] broken(byte[] frame, int at) {
        frame[at] ^= 1;
        return frame;
    }

    private static byte[] options(int... octets) {
        return v4().options(octets).frame();
    }

    private static byte[] option(int type) {
        byte[] frame = v6(DESTINATION, optionsHeader(UDP, type, 0), udp(40_000, 7, new byte[3])).frame();
        byte[] plain = FuzzFrames.repaired(v6(UDP, udp(40_000, 7, new byte[3])).frame());
        ByteBuffer.wrap(frame).putShort(IP + 40 + 8 + 6, ByteBuffer.wrap(plain).getShort(IP + 40 + 6));
        return frame;
    }

    private static byte[] fragment(int identification, int offset, boolean more, int length) {
        return v4().identification(identification).fragment(offset, more).payload(UDP, new byte[length]).frame();
    }

    private static byte[] fragment6(int identification, int offset, boolean more, int length) {
        return v6(FRAGMENT, fragmentHeader(UDP, offset, more, identification), new byte[length]).frame();
    }

    /// An ICMP error of a kind that says a way takes 68 bytes, quoting a packet.
    private static byte[] tooBig(int type, int code, byte[] packet) {
        byte[] message = icmp(type, code, packet);
        message[7] = 68;
        FrameCheck.fillChecksum(message, 0, message.length, 2);
        return message;
    }

    private static byte[] checked(byte[] message, long high, long low) {
        Pings.checksumV6(message, high, low);
        return message;
    }

    private static byte[] repeated(byte[] part, int times) {
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            parts.add(part);
        }
        return join(parts.toArray(byte[][]::new));
    }

    private static GuestPackets.V6 solicit(long high, long low, byte[] option) {
        return discover(SOLICITATION, join(ByteBuffer.allocate(16).putLong(high).putLong(low).array(), option));
    }

    private static GuestPackets.V6 solicitFrom(long low, byte[] option) {
        byte[] message = icmp(SOLICITATION, 0,
                join(ByteBuffer.allocate(16).putLong(PREFIX).putLong(ROUTER_LOW).array(), option));
        Pings.checksumV6(message, PREFIX, low, PREFIX, ROUTER_LOW);
        return v6(ICMPV6, message).from(PREFIX, low).to(PREFIX, ROUTER_LOW).hopLimit(255)
                .stations(GUEST, GuestPackets.ROUTER);
    }

    private static GuestPackets.V6 discover(int type, byte[] body) {
        byte[] message = icmp(type, 0, body);
        Pings.checksumV6(message, LINK_LOCAL, GUEST_LOW, LINK_LOCAL, ROUTER_LOW);
        return v6(ICMPV6, message).from(LINK_LOCAL, GUEST_LOW).to(LINK_LOCAL, ROUTER_LOW).hopLimit(255);
    }
}
