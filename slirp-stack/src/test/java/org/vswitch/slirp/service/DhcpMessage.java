package org.vswitch.slirp.service;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.vswitch.slirp.fixture.GuestPackets;

/// A client's DHCP message, byte by byte; every field can be set.
final class DhcpMessage {
    static final int DISCOVER = 1;
    static final int REQUEST = 3;
    static final int DECLINE = 4;
    static final int RELEASE = 7;
    static final int INFORM = 8;

    private final ByteBuffer fixed = ByteBuffer.allocate(240);
    private final ByteArrayOutputStream options = new ByteArrayOutputStream();
    private long station = GuestPackets.GUEST;
    private int source;
    private int destination = -1;
    private long sender = -1;
    private boolean ended = true;

    private DhcpMessage(int type) {
        fixed.put(0, (byte) 1).put(1, (byte) 1).put(2, (byte) 6).putInt(4, 0x1234_5678).putInt(236, 0x6382_5363);
        if (type != 0) {
            option(53, type);
        }
    }

    static DhcpMessage of(int type) {
        return new DhcpMessage(type);
    }

    /// Without a type.
    static DhcpMessage bootp() {
        return new DhcpMessage(0);
    }

    /// From this station, which is also the client's hardware address.
    DhcpMessage station(long mac) {
        station = mac;
        return this;
    }

    /// From another station than the hardware address says.
    DhcpMessage sender(long mac) {
        sender = mac;
        return this;
    }

    DhcpMessage flags(int value) {
        fixed.putShort(10, (short) value);
        return this;
    }

    DhcpMessage octet(int offset, int value) {
        fixed.put(offset, (byte) value);
        return this;
    }

    /// Sent by one station to another, from the client's address.
    DhcpMessage ciaddr(int address) {
        fixed.putInt(12, address);
        source = address;
        return this;
    }

    DhcpMessage giaddr(int address) {
        fixed.putInt(24, address);
        source = address;
        destination = GuestPackets.ROUTER_V4;
        return this;
    }

    DhcpMessage unicast() {
        destination = GuestPackets.ROUTER_V4;
        return this;
    }

    DhcpMessage requested(int address) {
        return address(50, address);
    }

    DhcpMessage server(int address) {
        return address(54, address);
    }

    DhcpMessage client(String hex) {
        byte[] identifier = HexFormat.of().parseHex(hex.replace(" ", ""));
        return bytes(61, identifier);
    }

    DhcpMessage address(int code, int address) {
        return bytes(code, ByteBuffer.allocate(4).putInt(address).array());
    }

    DhcpMessage option(int code, int... octets) {
        return bytes(code, GuestPackets.octets(octets));
    }

    DhcpMessage bytes(int code, byte[] value) {
        options.write(code);
        options.write(value.length);
        options.writeBytes(value);
        return this;
    }

    /// Bytes as they are behind the options so far, and no end.
    DhcpMessage rest(int... octets) {
        options.writeBytes(GuestPackets.octets(octets));
        ended = false;
        return this;
    }

    /// The message.
    byte[] bytes() {
        fixed.putShort(28, (short) (station >>> 32)).putInt(30, (int) station);
        return GuestPackets.join(fixed.array(), options.toByteArray(), ended ? new byte[] {-1} : new byte[0]);
    }

    /// The frame.
    byte[] frame() {
        return frame(bytes());
    }

    /// A frame with another message.
    byte[] frame(byte[] message) {
        byte[] datagram = GuestPackets.udp(68, 67, message);
        long to = destination == -1 ? GuestPackets.EVERYBODY : GuestPackets.ROUTER;
        return new GuestPackets.V4().from(source).to(destination).payload(GuestPackets.UDP, datagram)
                .stations(sender == -1 ? station : sender, to).frame();
    }
}
