package org.vswitch.frame;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.vswitch.fixture.Frames;
import org.vswitch.wire.VirtioNetHeader;

/// A super-frame of TCP or UDP as bytes, and what a naive segmentation makes of it.
///
/// @param bytes the frame
/// @param network where the IP header begins
/// @param transport where the transport header begins
/// @param headers bytes in front of the payload
/// @param gsoSize payload bytes of a segment
/// @param ecn whether CWR belongs on the first segment only
record SuperFrame(byte[] bytes, int network, int transport, int headers, int gsoSize, boolean ecn) {
    static final int CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int UDP_HEADER = 8;
    private static final int MAX_DATAGRAMS = 128;
    private static final int PADDING_OPTION = 1;

    /// Tags, IP options or extension headers, TCP or UDP, TCP options, flags, payload and gso_size all by chance.
    /// Lengths and checksums in it are wrong: nothing may depend on them.
    static SuperFrame random(Random random, int maxPayload) {
        byte[] ipOptions = bytes(random, 4 * random.nextInt(6));
        byte[] tcpOptions = bytes(random, 4 * random.nextInt(5));
        return random(random, maxPayload, ipOptions, tcpOptions);
    }

    /// The same with options that a dissector understands (padding).
    static SuperFrame dissectable(Random random) {
        byte[] ipOptions = filled(4 * random.nextInt(6), 1);
        byte[] tcpOptions = filled(4 * random.nextInt(5), 1);
        return random(random, 20_000, ipOptions, tcpOptions);
    }

    private static SuperFrame random(Random random, int maxPayload, byte[] ipOptions, byte[] tcpOptions) {
        boolean udp = random.nextBoolean();
        byte[] payload = bytes(random, random.nextInt(maxPayload));
        byte[] segment = udp ? Frames.udp(payload) : Frames.tcp(random.nextInt(256), tcpOptions, payload);
        int transportHeader = udp ? UDP_HEADER : 20 + tcpOptions.length;
        segment[udp ? UDP_CHECKSUM : CHECKSUM] = (byte) random.nextInt();
        segment[4] = udp ? (byte) random.nextInt() : segment[4];
        boolean ipv6 = random.nextBoolean();
        int protocol = udp ? Frames.UDP : Frames.TCP;
        byte[] packet = ipv6 ? ipv6(random, protocol, segment) : Frames.ipv4(protocol, ipOptions, segment);
        packet[ipv6 ? 4 : 2] = (byte) random.nextInt();
        byte[] frame = Frames.ethernet(Frames.B, Frames.A, ipv6 ? Frames.IPV6 : Frames.IPV4, packet);
        int tags = random.nextInt(3);
        for (int i = 0; i < tags; i++) {
            frame = Frames.tagged(frame, random.nextInt(65_536));
        }
        if (tags == 2 && random.nextBoolean()) {
            frame[12] = (byte) 0x88;
            frame[13] = (byte) 0xa8;
        }
        int network = 14 + 4 * tags;
        int transport = network + packet.length - segment.length;
        int least = udp ? Math.max(1, (payload.length + MAX_DATAGRAMS - 1) / MAX_DATAGRAMS) : 48;
        int gsoSize = least + random.nextInt(random.nextBoolean() ? 200 : 9_000);
        return new SuperFrame(frame, network, transport, transport + transportHeader, gsoSize,
                !udp && random.nextBoolean());
    }

    private static byte[] ipv6(Random random, int protocol, byte[] segment) {
        byte[] rest = segment;
        int next = protocol;
        for (int i = random.nextInt(3); i > 0; i--) {
            byte[] extended = new byte[8 + rest.length];
            extended[0] = (byte) next;
            extended[2] = PADDING_OPTION;
            extended[3] = 4;
            System.arraycopy(rest, 0, extended, 8, rest.length);
            rest = extended;
            next = i == 1 ? 0 : 60;
        }
        return Frames.ipv6(next, rest);
    }

    boolean isIpv6() {
        return bytes[network] >> 4 == 6;
    }

    boolean isUdp() {
        return headers - transport == UDP_HEADER;
    }

    int csumOffset() {
        return isUdp() ? UDP_CHECKSUM : CHECKSUM;
    }

    /// The offload word a sender gives with it, hdr_len wrong on purpose.
    long word() {
        int type = (isUdp() ? VirtioNetHeader.GSO_UDP_L4
                : isIpv6() ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4)
                | (ecn ? VirtioNetHeader.GSO_ECN : 0);
        long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, type, 1, gsoSize);
        return VirtioNetHeader.withCsumStart(word, transport);
    }

    /// What [OffloadCheck] makes of it.
    long canonicalWord() {
        long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.gsoType(word()), headers, gsoSize);
        return VirtioNetHeader.withCsumStart(word, transport);
    }

    SuperFrame tagged(int tci) {
        return new SuperFrame(Frames.tagged(bytes, tci), network + 4, transport + 4, headers + 4, gsoSize, ecn);
    }

    SuperFrame untagged() {
        return new SuperFrame(Frames.untagged(bytes), network - 4, transport - 4, headers - 4, gsoSize, ecn);
    }

    /// What is to be sent instead.
    List<byte[]> segments() {
        List<byte[]> segments = new ArrayList<>();
        int from = headers;
        do {
            int to = Math.min(bytes.length, from + gsoSize);
            byte[] segment = Arrays.copyOf(bytes, headers + to - from);
            System.arraycopy(bytes, from, segment, headers, to - from);
            rewrite(segment, segments.size(), to == bytes.length);
            segments.add(segment);
            from = to;
        } while (from < bytes.length);
        return segments;
    }

    private void rewrite(byte[] segment, int index, boolean last) {
        int transportLength = segment.length - transport;
        int pseudoHeader = (isUdp() ? Frames.UDP : Frames.TCP) + transportLength;
        if (isIpv6()) {
            put16(segment, network + 4, segment.length - network - 40);
            pseudoHeader += Frames.sum(segment, network + 8, network + 40);
        } else {
            put16(segment, network + 2, segment.length - network);
            put16(segment, network + 4, get16(segment, network + 4) + index);
            put16(segment, network + 10, 0);
            put16(segment, network + 10, ~Frames.sum(segment, network, transport));
            pseudoHeader += Frames.sum(segment, network + 12, network + 20);
        }
        if (isUdp()) {
            put16(segment, transport + 4, transportLength);
        } else {
            rewriteTcp(segment, index, last);
        }
        put16(segment, transport + csumOffset(), 0);
        int sum = pseudoHeader + Frames.sum(segment, transport, segment.length);
        sum = (sum & 0xffff) + (sum >>> 16);
        int checksum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
        put16(segment, transport + csumOffset(), isUdp() && checksum == 0 ? 0xffff : checksum);
    }

    private void rewriteTcp(byte[] segment, int index, boolean last) {
        long sequence = ((long) get16(segment, transport + 4) << 16 | get16(segment, transport + 6))
                + (long) index * gsoSize;
        put16(segment, transport + 4, (int) (sequence >>> 16));
        put16(segment, transport + 6, (int) sequence);
        if (!last) {
            segment[transport + 13] &= ~0x09;
        }
        if (index > 0 && ecn) {
            segment[transport + 13] &= 0x7f;
        }
    }

    static int get16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }

    static void put16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
