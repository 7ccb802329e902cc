package org.vswitch.grant;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Asks the broker for a tap: one packet of 80 bytes over a Unix socket of type SOCK_SEQPACKET, numbers in network byte
/// order.
///
///      0  magic, "VTAP" (4)        4  version = 1 (2)         6  operation, 1 = make a tap (2)
///      8  interface name (16)     24  bridge name (16)       40  flags = 0 (4)
///     44  MTU (4)                 48  MAC address (6)        54  IPv4 prefix length (1)   55  IPv6 prefix length (1)
///     56  IPv4 address (4)        60  IPv6 address (16)      76  reserved = 0 (4)
///
/// Behind a name are zeros, at least one. No bridge is an empty name; an MTU, MAC address or prefix length of 0 leaves
/// the matter to the broker. The answer is a [GrantAnswer]. The connection is the lease: when it ends, the broker
/// removes the interface.
///
/// @param name of the interface, ISO 8859-1, at most 15 characters
/// @param bridge to join, or empty
/// @param mtu in bytes, or 0
/// @param mac of the host's side, or 0
/// @param ipv4 of the host's side
/// @param ipv6 of the host's side
public record GrantRequest(String name, String bridge, int mtu, long mac, Optional<IpPrefix> ipv4,
        Optional<IpPrefix> ipv6) {
    /// Bytes of a request.
    public static final int LENGTH = 80;
    /// The most bytes of a name.
    public static final int MAX_NAME = 15;

    static final int MAGIC = 0x56544150;
    static final int VERSION = 1;
    private static final int MAKE = 1;
    private static final int NAME_ROOM = 16;

    /// What a packet is.
    ///
    /// @param status [GrantStatus#GRANTED] if it is a request
    /// @param request what is asked for, if it is one
    public record Reading(GrantStatus status, Optional<GrantRequest> request) {
    }

    /// Reads a packet. Nothing is guessed: each byte without meaning must be zero.
    ///
    /// @param bytes what came
    /// @return a request, or why it is none
    public static Reading parse(byte[] bytes) {
        ByteBuffer packet = ByteBuffer.wrap(bytes);
        if (bytes.length != LENGTH || packet.getInt() != MAGIC) {
            return new Reading(GrantStatus.MALFORMED, Optional.empty());
        }
        if (packet.getShort() != VERSION) {
            return new Reading(GrantStatus.VERSION, Optional.empty());
        }
        Optional<GrantRequest> request = packet.getShort() == MAKE ? body(packet) : Optional.empty();
        return new Reading(request.isPresent() ? GrantStatus.GRANTED : GrantStatus.MALFORMED, request);
    }

    /// The bytes of this request.
    ///
    /// @return one packet
    public byte[] bytes() {
        ByteBuffer packet = ByteBuffer.allocate(LENGTH).putInt(MAGIC).putShort((short) VERSION).putShort((short) MAKE);
        putName(packet, name);
        putName(packet, bridge);
        packet.putInt(0).putInt(mtu).putShort((short) (mac >>> 32)).putInt((int) mac);
        packet.put((byte) ipv4.map(IpPrefix::length).orElse(0).intValue());
        packet.put((byte) ipv6.map(IpPrefix::length).orElse(0).intValue());
        packet.put(ipv4.map(IpPrefix::bytes).orElse(new byte[4]));
        packet.put(ipv6.map(IpPrefix::bytes).orElse(new byte[16]));
        return packet.array();
    }

    static void putName(ByteBuffer packet, String name) {
        packet.put(Arrays.copyOf(name.getBytes(StandardCharsets.ISO_8859_1), NAME_ROOM));
    }

    /// The name at the packet's position, if nothing but zeros follows it.
    static Optional<String> name(ByteBuffer packet) {
        byte[] room = new byte[NAME_ROOM];
        packet.get(room);
        int length = 0;
        while (length < NAME_ROOM && room[length] != 0) {
            length++;
        }
        for (int i = length; i < NAME_ROOM; i++) {
            if (room[i] != 0) {
                return Optional.empty();
            }
        }
        return length == NAME_ROOM ? Optional.empty()
                : Optional.of(new String(room, 0, length, StandardCharsets.ISO_8859_1));
    }

    private static Optional<GrantRequest> body(ByteBuffer packet) {
        Optional<String> name = name(packet);
        Optional<String> bridge = name(packet);
        int flags = packet.getInt();
        int mtu = packet.getInt();
        long mac = (long) Short.toUnsignedInt(packet.getShort()) << 32 | Integer.toUnsignedLong(packet.getInt());
        int length4 = Byte.toUnsignedInt(packet.get());
        int length6 = Byte.toUnsignedInt(packet.get());
        byte[] address4 = new byte[4];
        byte[] address6 = new byte[16];
        packet.get(address4).get(address6);
        if (name.isEmpty() || bridge.isEmpty() || flags != 0 || mtu < 0 || packet.getInt() != 0
                || !makesSense(address4, length4) || !makesSense(address6, length6)) {
            return Optional.empty();
        }
        return Optional.of(new GrantRequest(name.get(), bridge.get(), mtu, mac, prefix(address4, length4),
                prefix(address6, length6)));
    }

    private static boolean makesSense(byte[] address, int length) {
        return length <= Byte.SIZE * address.length && (length > 0 || Arrays.equals(address, new byte[address.length]));
    }

    /// An IPv4 address in IPv6's clothes is of a family of its own to Java, and no address of an interface.
    private static Optional<IpPrefix> prefix(byte[] address, int length) {
        if (length == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(new IpPrefix(InetAddress.getByAddress(address), length));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
