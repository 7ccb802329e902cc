package org.vswitch.slirp;

import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.TCP;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;
import static org.vswitch.slirp.fixture.GuestPackets.join;
import static org.vswitch.slirp.fixture.GuestPackets.octets;
import static org.vswitch.slirp.fixture.GuestPackets.udp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.vswitch.slirp.fixture.GuestPackets;

/// Bad inputs 20 and 21, 29 to 38: ICMP, UDP, the router's services, and places where no guest may get to.
final class BadMessages {
    private static final long METADATA_HIGH = 0xfd00_0ec2_0000_0000L;
    private static final int METADATA_V4 = 0xa9fe_a9fe;
    private static final byte[] QUESTION = octets(1, 'a', 0, 0, 1, 0, 1);

    private BadMessages() {
    }

    static List<BadInput> all() {
        return Stream.of(icmpMessages(), datagrams(), services(), places()).flatMap(List::stream).toList();
    }

    private static List<BadInput> icmpMessages() {
        byte[] shortQuote = icmp(3, 3, new byte[5]);
        return List.of(
                BadInput.of(20, "ICMP without a whole header", "malformed=8",
                        IntStream.range(0, 8).mapToObj(length -> toRouter(ICMP, new byte[length])).toList()),
                BadInput.of(20, "an echo request of lying length", "malformed=1", cutEcho()),
                BadInput.of(20, "a checksum over an odd length", "bad-checksum=1",
                        toRouter(ICMP, icmp(8, 0, octets(1, 2, 3)))),
                BadInput.of(20, "unknown types, redirects, errors, answers", "not-for-router=7",
                        IntStream.of(0, 3, 5, 11, 13, 17, 255).mapToObj(type -> whole(icmp(type, 0, new byte[28])))
                                .toList()),
                BadInput.of(20, "an error that quotes next to nothing", "not-for-router=1", whole(shortQuote)),
                BadInput.of(20, "an error about an error", "not-for-router=1", whole(icmp(3, 1,
                        new GuestPackets.V4().payload(ICMP, icmp(3, 1, new byte[28])).packet()))),
                BadInput.of(20, "another family's ICMP", "unknown-protocol=2", toRouter(ICMPV6, new byte[8]),
                        new GuestPackets.V6().to(PREFIX, ROUTER_LOW).payload(ICMP, new byte[8]).frame()),
                BadInput.of(20, "5,000 identifiers", "limit=4744", IntStream.range(0, 5_000)
                        .mapToObj(identifier -> Pings.v4(OUTSIDE_V4, identifier, 1)).toList()));
    }

    private static List<BadInput> datagrams() {
        return List.of(
                BadInput.of(21, "UDP without a whole header", "malformed=8", IntStream.range(0, 8)
                        .mapToObj(length -> new GuestPackets.V4().payload(UDP, new byte[length]).frame()).toList()),
                BadInput.of(21, "UDP lengths that lie", "malformed=3", datagram(4, 0, 7), datagram(4, 0, 0),
                        datagram(4, 0, 12)),
                BadInput.of(21, "UDP from and to port 0", "malformed=3", datagram(0, 0, 0), datagram(2, 0, 0),
                        new GuestPackets.V4().payload(UDP, udp(0, 0, new byte[3])).frame()),
                BadInput.of(21, "no checksum over IPv6", "bad-checksum=1", new GuestPackets.V6().frame()),
                BadInput.of(21, "a wrong checksum", "bad-checksum=1", datagram(6, 0x12, 0x34)),
                BadInput.of(21, "UDP from 10,000 ports", "limit=1808", IntStream.range(1, 10_001)
                        .mapToObj(port -> new GuestPackets.V4().payload(UDP, udp(port, 7, new byte[3])).frame())
                        .toList()));
    }

    private static List<BadInput> services() {
        byte[] discover = dhcp();
        return List.of(
                BadInput.of(29, "DHCP cut anywhere", "malformed=50 rate-limit=190", IntStream.range(0, 240)
                        .mapToObj(length -> fromNobody(Arrays.copyOf(discover, length))).toList()),
                BadInput.of(29, "10,000 clients of one station", "rate-limit=9950", IntStream.range(0, 10_000)
                        .mapToObj(i -> fromNobody(changed(discover, 31, i))).toList()),
                BadInput.of(31, "DNS without a header", "malformed=12", IntStream.range(0, 12)
                        .mapToObj(length -> query(new byte[length])).toList()),
                BadInput.of(31, "an answer in place of a query", "malformed=1",
                        query(dns(0x8180, 1, QUESTION))),
                BadInput.of(31, "numbers of questions", "malformed=3", query(dns(0x0100, 0, QUESTION)),
                        query(dns(0x0100, 2, QUESTION)), query(dns(0x0100, 65_535, QUESTION))),
                BadInput.of(31, "pointers in circles, and forward", "malformed=2",
                        query(dns(0x0100, 1, octets(0xc0, 12, 0, 1, 0, 1))),
                        query(dns(0x0100, 1, octets(0xc0, 40, 0, 1, 0, 1)))),
                BadInput.of(31, "labels and names too long", "malformed=2",
                        query(dns(0x0100, 1, join(octets(64), new byte[64], octets(0, 0, 1, 0, 1)))),
                        query(dns(0x0100, 1, new byte[0]))));
    }

    /// 32: the router's management has no address; no port answers but the two of its services, and behind none of the
    /// others is anybody. 34, 35: nor is the host's loopback, nor what clouds tell their machines.
    private static List<BadInput> places() {
        return List.of(
                BadInput.of(32, "every TCP port of the router", "policy=65535 rate-limit=64535",
                        IntStream.range(1, 65_536).mapToObj(port -> syn(ROUTER_V4, port)).toList()),
                BadInput.of(32, "every UDP port of the router", "malformed=1 bad-destination=65534 rate-limit=65484",
                        IntStream.range(1, 65_536).mapToObj(port -> toRouter(UDP, udp(9, port, new byte[0])))
                                .toList()),
                BadInput.of(34, "the host's loopback by its name", "bad-destination=3", syn(0x7f00_0001, 80),
                        syn(0, 80), new GuestPackets.V6().to(0, 0xffff_7f00_0001L).payload(TCP, new byte[20]).frame()),
                BadInput.of(34, "the host's loopback by the router's names", "policy=3", syn(ROUTER_V4, 80),
                        syn(DNS_V4, 80), syn6(PREFIX, ROUTER_LOW)),
                BadInput.of(35, "cloud metadata", "policy=4", syn(METADATA_V4, 80), syn6(METADATA_HIGH, 0x254),
                        new GuestPackets.V4().to(METADATA_V4).payload(UDP, udp(9, 80, new byte[3])).frame(),
                        Pings.v4(METADATA_V4, 1, 1)),
                new BadInput(37, "a stall of an hour", "", BadMessages::stall));
    }

    /// Nobody calls the router for an hour: whoever was about to be heard is served as if no time had passed.
    private static void stall(GoodGuest other) {
        other.rig.send(new GuestPackets.V4().frame());
        other.rig.nowNs += 3_600_000_000_000L;
        other.live();
    }

    private static byte[] toRouter(int protocol, byte[] payload) {
        return new GuestPackets.V4().to(ROUTER_V4).payload(protocol, payload).frame();
    }

    private static byte[] whole(byte[] message) {
        return FuzzFrames.repaired(toRouter(ICMP, message));
    }

    /// CVE-2020-10756: IPv6 says that there is more of the message than the frame holds.
    private static byte[] cutEcho() {
        byte[] frame = Pings.v6(PREFIX, ROUTER_LOW, 1, 1);
        ByteBuffer.wrap(frame).putShort(18, (short) 1_000);
        return frame;
    }

    /// A datagram of 11 bytes of which two are changed.
    private static byte[] datagram(int at, int high, int low) {
        byte[] datagram = udp(40_000, 7, new byte[3]);
        datagram[at] = (byte) high;
        datagram[at + 1] = (byte) low;
        return new GuestPackets.V4().payload(UDP, datagram).frame();
    }

    private static byte[] fromNobody(byte[] message) {
        return new GuestPackets.V4().from(0).to(-1).stations(GUEST, GuestPackets.EVERYBODY)
                .payload(UDP, udp(68, 67, message)).frame();
    }

    private static byte[] changed(byte[] message, int at, int value) {
        byte[] other = message.clone();
        ByteBuffer.wrap(other).putInt(at, value);
        return other;
    }

    private static byte[] dhcp() {
        return ByteBuffer.allocate(300).put(0, (byte) 1).put(1, (byte) 1).put(2, (byte) 6).putLong(28, GUEST << 16)
                .putInt(236, 0x6382_5363).putInt(240, 0x3501_01ff).array();
    }

    private static byte[] query(byte[] message) {
        return new GuestPackets.V4().to(DNS_V4).payload(UDP, udp(40_000, 53, message)).frame();
    }

    private static byte[] dns(int flags, int questions, byte[] rest) {
        return join(ByteBuffer.allocate(12).putShort((short) 7).putShort((short) flags).putShort((short) questions)
                .array(), rest);
    }

    private static byte[] syn(int to, int port) {
        return FuzzFrames.repaired(new GuestPackets.V4().to(to).stations(GUEST, ROUTER)
                .payload(TCP, new GuestSegment(50_000, port, 1, 0).of(FuzzFrames.SYN)).frame());
    }

    private static byte[] syn6(long high, long low) {
        return FuzzFrames.repaired(new GuestPackets.V6().to(high, low)
                .payload(TCP, new GuestSegment(50_000, 80, 1, 0).of(FuzzFrames.SYN)).frame());
    }
}
