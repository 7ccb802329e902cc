package org.vswitch.slirp;

import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ethernet;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.vswitch.slirp.fixture.GuestPackets;

/// Bad inputs 1 to 6: Ethernet and ARP.
final class BadFrames {
    private static final int ARP = 0x0806;
    private static final int REQUEST = 1;
    private static final int REPLY = 2;
    private static final byte[] ASK_ROUTER = arp(REQUEST, GUEST, GUEST_V4, ROUTER_V4);

    private BadFrames() {
    }

    static List<BadInput> all() {
        return List.of(
                BadInput.of(1, "frames of 0 to 13 bytes", "malformed=14", cut(new byte[14], 0)),
                BadInput.of(1, "nothing behind the Ethernet header", "malformed=3", header(0x0800), header(0x86dd),
                        header(ARP)),
                BadInput.of(1, "zeros", "bad-source=1", new byte[60]),
                BadInput.of(2, "tags cut off", "unknown-protocol=5", cut(ethernet(ROUTER, GUEST, 0x8100, new byte[5]),
                        14)),
                BadInput.of(2, "unknown types and lengths", "unknown-protocol=4", header(0x88cc), header(46),
                        header(0), header(0xffff)),
                BadInput.of(3, "impossible stations", "bad-source=8",
                        stations(0x0100_5e00_0001L, EVERYBODY, 0, ROUTER)),
                BadInput.of(4, "ARP cut anywhere", "malformed=28", cut(frame(ASK_ROUTER), 14)),
                BadInput.of(4, "ARP of other kinds of address", "malformed=4", changed(0, 9), changed(2, 0x86),
                        changed(4, 5), changed(5, 16)),
                BadInput.of(4, "ARP of unknown operations", "unknown-protocol=3", changed(7, 0), changed(7, 3),
                        changed(6, 0xff)),
                BadInput.of(4, "ARP with padding", "", frame(Arrays.copyOf(ASK_ROUTER, 46))),
                BadInput.of(5, "ARP that claims addresses of the router", "bad-source=4", claim(REQUEST, ROUTER_V4),
                        claim(REPLY, ROUTER_V4), claim(REQUEST, DNS_V4), claim(REPLY, DNS_V4)),
                BadInput.of(5, "ARP from somebody else's station", "bad-source=1",
                        frame(arp(REQUEST, GUEST + 9, GUEST_V4, ROUTER_V4))),
                BadInput.of(5, "ARP for everybody from 10,000 stations", "", claims(10_000)),
                BadInput.of(6, "ARP probes", "", frame(arp(REQUEST, GUEST, 0, ROUTER_V4)),
                        frame(arp(REQUEST, GUEST, 0, GUEST_V4))));
    }

    private static byte[] header(int type) {
        return ethernet(ROUTER, GUEST, type, new byte[0]);
    }

    private static byte[] frame(byte[] arp) {
        return ethernet(EVERYBODY, GUEST, ARP, arp);
    }

    private static byte[] arp(int operation, long mac, int sender, int target) {
        return ByteBuffer.allocate(28).putInt(0x0001_0800).putShort((short) 0x0604).putShort((short) operation)
                .putInt((int) (mac >>> 16)).putShort((short) mac).putInt(sender).putInt(0).putShort((short) 0)
                .putInt(target).array();
    }

    private static byte[] changed(int at, int value) {
        byte[] arp = ASK_ROUTER.clone();
        arp[at] = (byte) value;
        return frame(arp);
    }

    private static byte[] claim(int operation, int address) {
        return frame(arp(operation, GUEST, address, address));
    }

    /// The stations all have addresses, but not that of the other guest.
    private static List<byte[]> claims(int count) {
        return IntStream.range(0, count).mapToObj(i -> {
            int address = (ROUTER_V4 & -256) + 20 + i % 200;
            return ethernet(EVERYBODY, GUEST + 100 + i, ARP, arp(REQUEST, GUEST + 100 + i, address, address));
        }).toList();
    }

    private static List<byte[]> stations(long... sources) {
        List<byte[]> frames = new ArrayList<>();
        for (long source : sources) {
            frames.add(new GuestPackets.V4().stations(source, ROUTER).frame());
            frames.add(ethernet(EVERYBODY, source, ARP, ASK_ROUTER));
        }
        return frames;
    }

    /// The frame cut at each byte from somewhere on.
    static List<byte[]> cut(byte[] frame, int from) {
        return IntStream.range(from, frame.length).mapToObj(length -> Arrays.copyOf(frame, length)).toList();
    }
}
