package org.vswitch.slirp;

import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.TCP;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.ethernet;
import static org.vswitch.slirp.fixture.GuestPackets.udp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;

/// Frames that a hostile or broken guest could send: random bytes, and valid frames of every protocol with faults in
/// them, most of them with checksums made right again, so that the faults get behind the first checks. TCP goes on
/// from what the router has answered.
final class FuzzFrames {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;
    private static final int[] EDGES = {0, 1, 7, 8, 20, 39, 40, 127, 128, 255, 256, 1_500, 0x7fff, 0x8000, 0xfff8,
        0xffff};
    private static final int[] TYPES = {0x0800, 0x86dd, 0x0806, 0x8100, 0x0600, 46};

    private final Random random;
    private final List<byte[]> fixed = new ArrayList<>();
    private byte[] answered;

    FuzzFrames(Random random) {
        this.random = random;
        byte[] arp = ByteBuffer.allocate(28).putInt(0x0001_0800).putInt(0x0604_0001).putInt((int) (GUEST >>> 16))
                .putShort((short) GUEST).putInt(GUEST_V4).putInt(0).putShort((short) 0).putInt(ROUTER_V4).array();
        fixed.add(ethernet(EVERYBODY, GUEST, 0x0806, arp));
        fixed.add(Pings.v4(ROUTER_V4, 1, 1, Pings.pattern(56)));
        fixed.add(Pings.v4(OUTSIDE_V4, 1, 1, Pings.pattern(56)));
        fixed.add(Pings.v6(PREFIX, ROUTER_LOW, 1, 1));
        fixed.add(Pings.v6(OUTSIDE_HIGH, 1, 1, 1));
        for (int port : new int[] {7, 53, 67, 9}) {
            fixed.add(new GuestPackets.V4().payload(UDP, udp(40_000, port, Pings.pattern(300))).frame());
            fixed.add(new GuestPackets.V6().payload(UDP, udp(40_000, port, Pings.pattern(300))).frame());
        }
        fixed.add(dhcp());
        fixed.add(new GuestPackets.V4().options(7, 7, 4, 0, 0, 0, 0, 0).frame());
        fixed.add(new GuestPackets.V6().payload(0, GuestPackets.optionsHeader(UDP, 5, 2, 0, 0),
                udp(40_000, 7, Pings.pattern(9))).frame());
        addFragments();
        addNeighborDiscovery();
    }

    /// The next frame.
    byte[] next() {
        int kind = random.nextInt(16);
        if (kind == 0) {
            return noise();
        }
        byte[] frame = (kind < 8 ? tcp() : fixed.get(random.nextInt(fixed.size()))).clone();
        int faults = Math.max(0, random.nextInt(6) - 2);
        for (int i = 0; i < faults && frame.length > 14; i++) {
            frame = damage(frame);
        }
        if (random.nextInt(8) > 0) {
            repair(frame);
        }
        return frame;
    }

    /// The router has sent this, which has been found valid.
    void saw(byte[] frame) {
        if (isV4(frame) ? frame[23] == TCP : FrameCheck.u16(frame, 12) == 0x86dd && frame[20] == TCP) {
            answered = frame;
        }
    }

    /// A segment that answers what the router sent last, or begins.
    private byte[] tcp() {
        if (answered == null || random.nextInt(4) == 0) {
            int port = 80 + random.nextInt(5);
            return packet(random.nextBoolean(),
                    segment(random.nextInt(65_536) << 16 | port, random.nextInt(), 0, SYN));
        }
        ByteBuffer last = ByteBuffer.wrap(answered);
        boolean v4 = isV4(answered);
        int header = v4 ? 34 : 54;
        int end = v4 ? 14 + last.getShort(16) : 54 + last.getShort(18);
        int text = (end & 0xffff) - header - (answered[header + 12] >> 4 & 15) * 4;
        int next = last.getInt(header + 4) + text + ((answered[header + 13] & 3) != 0 ? 1 : 0);
        int flags = random.nextInt(3) == 0 ? random.nextInt(256) : ACK;
        int ports = last.getShort(header + 2) << 16 | last.getShort(header) & 0xffff;
        return packet(v4, segment(ports, last.getInt(header + 8) + near(), next - Math.abs(near()), flags));
    }

    private static boolean isV4(byte[] frame) {
        return FrameCheck.u16(frame, 12) == 0x0800;
    }

    private static byte[] packet(boolean v4, byte[] tcp) {
        return v4 ? new GuestPackets.V4().payload(TCP, tcp).frame() : new GuestPackets.V6().payload(TCP, tcp).frame();
    }

    private int near() {
        return random.nextInt(3) > 0 ? 0 : random.nextInt(3_000) - 1_000;
    }

    /// A SYN has random options, others may have text.
    private byte[] segment(int ports, int seq, int ack, int flags) {
        boolean syn = (flags & SYN) != 0;
        int window = random.nextInt(8) == 0 ? 0 : random.nextInt(65_536);
        byte[] rest = new byte[syn ? random.nextInt(11) * 4 : random.nextInt(4) == 0 ? 0 : random.nextInt(1_400)];
        random.nextBytes(rest);
        if (syn && rest.length >= 12 && random.nextInt(4) > 0) {
            ByteBuffer.wrap(rest).putInt(0x0204_05b4 - random.nextInt(1_500)).putInt(0x0103_0300 | random.nextInt(15))
                    .putInt(0x0101_0402);
        }
        int words = syn ? 5 + rest.length / 4 : 5;
        return ByteBuffer.allocate(20 + rest.length).putInt(ports).putInt(seq).putInt(ack).put((byte) (words << 4))
                .put((byte) flags).putShort((short) window).putInt(0).put(rest).array();
    }

    private byte[] noise() {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return random.nextBoolean() ? bytes
                : ethernet(ROUTER, GUEST, TYPES[random.nextInt(TYPES.length)], bytes);
    }

    private byte[] damage(byte[] frame) {
        int at = random.nextInt(8) == 0 ? random.nextInt(frame.length) : 14 + random.nextInt(frame.length - 14);
        switch (random.nextInt(6)) {
            case 0 -> frame[at] = (byte) random.nextInt();
            case 1 -> frame[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> ByteBuffer.wrap(frame).putShort(Math.min(at & ~1, frame.length - 2),
                    (short) EDGES[random.nextInt(EDGES.length)]);
            case 3 -> {
                return Arrays.copyOf(frame, at);
            }
            case 4 -> {
                return Arrays.copyOf(frame, frame.length + random.nextInt(100));
            }
            default -> {
                int to = 14 + random.nextInt(frame.length - 14);
                System.arraycopy(frame, at, frame, to, Math.min(8, frame.length - Math.max(at, to)));
            }
        }
        return frame;
    }

    /// The same frame, its checksums made right.
    static byte[] repaired(byte[] frame) {
        repair(frame);
        return frame;
    }

    /// Makes the checksums right where there is a place for them.
    static void repair(byte[] frame) {
        if (frame.length >= 34 && FrameCheck.u16(frame, 12) == 0x0800) {
            int header = Math.min((frame[14] & 15) * 4, frame.length - 14);
            if (header >= 20) {
                FrameCheck.fillChecksum(frame, 14, 14 + header, 10);
            }
            int end = Math.min(frame.length, 14 + FrameCheck.u16(frame, 16));
            transport(frame, 14 + header, end, 26);
        } else if (frame.length >= 54 && FrameCheck.u16(frame, 12) == 0x86dd) {
            transport(frame, 54, Math.min(frame.length, 54 + FrameCheck.u16(frame, 18)), 22);
        }
    }

    private static void transport(byte[] frame, int from, int end, int addresses) {
        boolean v4 = addresses == 26;
        int protocol = frame[v4 ? 23 : 20];
        int at = from + (protocol == TCP ? 16 : protocol == UDP ? 6 : 2);
        if (at + 2 > end) {
            return;
        }
        byte[] rest = {0, (byte) protocol, (byte) (end - from >> 8), (byte) (end - from)};
        boolean pseudo = !v4 || protocol != 1;
        int before = pseudo ? FrameCheck.sum(0, frame, addresses, v4 ? 34 : 54) : 0;
        frame[at] = 0;
        frame[at + 1] = 0;
        int sum = FrameCheck.sum(pseudo ? FrameCheck.sum(before, rest, 0, 4) : 0, frame, from, end);
        frame[at] = (byte) (~sum >> 8);
        frame[at + 1] = (byte) ~sum;
    }

    private void addFragments() {
        fixed.addAll(Pings.fragmentsV4(ROUTER_V4, Pings.echo(8, 3, 1, Pings.pattern(4_000))));
        byte[] message = Pings.echo(128, 3, 1, Pings.pattern(4_000));
        Pings.checksumV6(message, PREFIX, ROUTER_LOW);
        fixed.addAll(Pings.fragmentsV6(new GuestPackets.V6().to(PREFIX, ROUTER_LOW), message));
    }

    private void addNeighborDiscovery() {
        for (int type = 133; type <= 137; type++) {
            byte[] message = GuestPackets.icmp(type, 0, ByteBuffer.allocate(24).putLong(PREFIX).putLong(ROUTER_LOW)
                    .putShort((short) 0x0101).putInt((int) (GUEST >>> 16)).putShort((short) GUEST).array());
            Pings.checksumV6(message, LINK_LOCAL, GUEST_LOW, LINK_LOCAL, ROUTER_LOW);
            fixed.add(new GuestPackets.V6().from(LINK_LOCAL, GUEST_LOW).to(LINK_LOCAL, ROUTER_LOW).hopLimit(255)
                    .payload(ICMPV6, message).frame());
        }
    }

    private static byte[] dhcp() {
        ByteBuffer message = ByteBuffer.allocate(300).put(0, (byte) 1).put(1, (byte) 1).put(2, (byte) 6)
                .putLong(28, GUEST << 16).putInt(236, 0x6382_5363).putInt(240, 0x3501_0137).put(244, (byte) 4)
                .putInt(245, 0x0103_060f).put(249, (byte) 255);
        return new GuestPackets.V4().from(0).to(-1).stations(GUEST, EVERYBODY)
                .payload(UDP, udp(68, 67, message.array())).frame();
    }
}
