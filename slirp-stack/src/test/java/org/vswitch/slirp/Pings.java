package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;

/// Echo messages as guests write and read them, byte by byte.
final class Pings {
    private static final int FRAGMENT = 1480;
    private static final int FRAGMENT_V6 = 1448;

    private Pings() {
    }

    /// An echo message; the checksum is right for IPv4.
    static byte[] echo(int type, int identifier, int sequence, byte... data) {
        byte[] message = ByteBuffer.allocate(8 + data.length).put((byte) type).put((byte) 0).putShort((short) 0)
                .putShort((short) identifier).putShort((short) sequence).put(data).array();
        FrameCheck.fillChecksum(message, 0, message.length, 2);
        return message;
    }

    /// The frame of a request from the guest.
    static byte[] v4(int to, int identifier, int sequence, byte... data) {
        return new GuestPackets.V4().to(to).payload(ICMP, echo(8, identifier, sequence, data)).frame();
    }

    /// The frame of a request with three bytes of data from the guest's global address, or the link-local one to a
    /// link-local address.
    static byte[] v6(long high, long low, int identifier, int sequence) {
        byte[] message = echo(128, identifier, sequence, (byte) 1, (byte) 2, (byte) 3);
        long from = high == LINK_LOCAL ? LINK_LOCAL : PREFIX;
        checksumV6(message, from, GUEST_LOW, high, low);
        return new GuestPackets.V6().from(from, GUEST_LOW).to(high, low).payload(ICMPV6, message).frame();
    }

    /// Makes the checksum right for a message from the guest's global address.
    static void checksumV6(byte[] message, long high, long low) {
        checksumV6(message, PREFIX, GUEST_LOW, high, low);
    }

    /// Makes the checksum right for two addresses.
    static void checksumV6(byte[] message, long... halves) {
        ByteBuffer pseudo = ByteBuffer.allocate(40);
        for (long half : halves) {
            pseudo.putLong(half);
        }
        pseudo.putInt(message.length).putInt(ICMPV6);
        message[2] = 0;
        message[3] = 0;
        int sum = ~FrameCheck.sum(FrameCheck.sum(0, pseudo.array(), 0, 40), message, 0, message.length);
        message[2] = (byte) (sum >> 8);
        message[3] = (byte) sum;
    }

    static byte[] pattern(int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (i * 31 + (i >> 8));
        }
        return data;
    }

    /// Type and code, then everything behind the checksum.
    static String message(byte[] frame) {
        byte[] packet = FrameCheck.packet(frame);
        int at = packet[0] >>> 4 == 4 ? 20 : 40;
        return HexFormat.of().formatHex(packet, at, at + 2) + HexFormat.of().formatHex(packet, at + 4, packet.length);
    }

    static List<byte[]> fragmentsV4(int to, byte[] message) {
        return fragmentsV4(to, 64, message);
    }

    /// What fits into one packet must not be cut on its way, as the pings of most systems.
    static List<byte[]> fragmentsV4(int to, int ttl, byte[] message) {
        if (message.length <= FRAGMENT) {
            return List.of(new GuestPackets.V4().to(to).ttl(ttl).dontFragment().payload(ICMP, message).frame());
        }
        List<byte[]> frames = new ArrayList<>();
        for (int offset = 0; offset < message.length; offset += FRAGMENT) {
            int end = Math.min(message.length, offset + FRAGMENT);
            frames.add(new GuestPackets.V4().to(to).ttl(ttl).fragment(offset, end < message.length)
                    .payload(ICMP, Arrays.copyOfRange(message, offset, end)).frame());
        }
        return frames;
    }

    /// The packet has addresses and hop limit already. What fits into one frame is no fragment.
    static List<byte[]> fragmentsV6(GuestPackets.V6 packet, byte[] message) {
        if (message.length <= FRAGMENT_V6) {
            return List.of(packet.payload(ICMPV6, message).frame());
        }
        List<byte[]> frames = new ArrayList<>();
        for (int offset = 0; offset < message.length; offset += FRAGMENT_V6) {
            int end = Math.min(message.length, offset + FRAGMENT_V6);
            frames.add(packet.payload(44,
                    GuestPackets.fragmentHeader(ICMPV6, offset, end < message.length, 77),
                    Arrays.copyOfRange(message, offset, end)).frame());
        }
        return frames;
    }

    /// Puts together what the router has sent: the payload of one packet, whole or in fragments in turn.
    static byte[] reassemble(StackRig rig) {
        ByteBuffer whole = ByteBuffer.allocate(1 << 16);
        boolean more = true;
        while (more) {
            byte[] packet = FrameCheck.packet(rig.takeNext());
            boolean v4 = packet[0] >>> 4 == 4;
            boolean fragment = v4 || packet[6] == 44;
            int header = v4 ? 20 : fragment ? 48 : 40;
            int field = fragment ? FrameCheck.u16(packet, v4 ? 6 : 42) : 0;
            int offset = v4 ? (field & 0x1fff) * 8 : field & 0xfff8;
            more = v4 ? (field & 0x2000) != 0 : (field & 1) != 0;
            assertEquals(whole.position(), offset);
            whole.put(packet, header, packet.length - header);
        }
        assertTrue(rig.sent.size() == 0, "more than one packet was sent");
        return Arrays.copyOf(whole.array(), whole.position());
    }
}
