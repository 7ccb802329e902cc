package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

/// Writes a server's DHCP message, or with [#beginRequest] a client's, into the payload of a UDP datagram, in the
/// order of the calls:
///
/// ```
/// reply.begin(payload, room, request);
/// reply.addresses(yiaddr, siaddr);
/// reply.u8(MESSAGE_TYPE, DHCPOFFER) ... reply.copy(CLIENT_IDENTIFIER, options);
/// length = reply.end();
/// ```
///
/// One object, used anew for each message. An option for which there is no room is left out whole. The client
/// identifier goes back as it came (RFC 6842, 3). `ciaddr` is 0; only an ACK returns it (RFC 2131, table 3).
public final class Dhcpv4Reply {
    private static final int END = 255;
    private static final int MAX_OPTION = 255;
    private static final int OPTION_HEADER = 2;

    private long message;
    private int room;
    private int offset;

    /// Makes a writer that has to begin.
    public Dhcpv4Reply() {
        offset = Dhcpv4.LENGTH;
    }

    /// Begins the answer to a client's message: what identifies transaction, client and relay comes from there.
    ///
    /// @param payload address of the first of `room` bytes to write, apart from the request
    /// @param length at least [Dhcpv4#MIN_LENGTH]; no more than the client takes
    /// @param request address of the first byte of the client's message
    public void begin(long payload, int length, long request) {
        assert length >= Dhcpv4.MIN_LENGTH : "room=" + length;
        message = payload;
        room = length;
        offset = Dhcpv4.LENGTH;
        NativeMemory.zero(message, Dhcpv4.LENGTH);
        NetworkOrder.u8(message + Dhcpv4.OP, Dhcpv4.BOOTREPLY);
        NetworkOrder.u8(message + Dhcpv4.HTYPE, Dhcpv4.ETHERNET);
        NetworkOrder.u8(message + Dhcpv4.HLEN, Dhcpv4.ETHERNET_LENGTH);
        echo(request, Dhcpv4.XID, Integer.BYTES);
        echo(request, Dhcpv4.FLAGS, Short.BYTES);
        echo(request, Dhcpv4.GIADDR, Integer.BYTES);
        echo(request, Dhcpv4.CHADDR, Dhcpv4.CHADDR_LENGTH);
        NetworkOrder.u32(message + Dhcpv4.COOKIE, Dhcpv4.MAGIC_COOKIE);
    }

    /// Begins a client's message, which is to be answered by broadcast.
    ///
    /// @param payload address of the first of `room` bytes to write
    /// @param length at least [Dhcpv4#MIN_LENGTH]
    /// @param xid what the answers are known by
    /// @param mac the client's station
    public void beginRequest(long payload, int length, int xid, long mac) {
        assert length >= Dhcpv4.MIN_LENGTH : "room=" + length;
        message = payload;
        room = length;
        offset = Dhcpv4.LENGTH;
        NativeMemory.zero(message, Dhcpv4.LENGTH);
        NetworkOrder.u8(message + Dhcpv4.OP, Dhcpv4.BOOTREQUEST);
        NetworkOrder.u8(message + Dhcpv4.HTYPE, Dhcpv4.ETHERNET);
        NetworkOrder.u8(message + Dhcpv4.HLEN, Dhcpv4.ETHERNET_LENGTH);
        NetworkOrder.u32(message + Dhcpv4.XID, xid);
        NetworkOrder.u16(message + Dhcpv4.FLAGS, Dhcpv4.BROADCAST);
        NetworkOrder.u48(message + Dhcpv4.CHADDR, mac);
        NetworkOrder.u32(message + Dhcpv4.COOKIE, Dhcpv4.MAGIC_COOKIE);
    }

    /// Sets the addresses that the client is told.
    ///
    /// @param yiaddr the client's, 0 in a NAK
    /// @param siaddr that of the server to boot from, or 0
    public void addresses(int yiaddr, int siaddr) {
        NetworkOrder.u32(message + Dhcpv4.YIADDR, yiaddr);
        NetworkOrder.u32(message + Dhcpv4.SIADDR, siaddr);
    }

    /// Returns the address that the client uses already, in an ACK.
    ///
    /// @param address as in the client's message
    public void ciaddr(int address) {
        NetworkOrder.u32(message + Dhcpv4.CIADDR, address);
    }

    /// Asks a relay to broadcast the message to the client, as a NAK through a relay must (RFC 2131, 4.3.2).
    public void broadcast() {
        NetworkOrder.u16(message + Dhcpv4.FLAGS, NetworkOrder.u16(message + Dhcpv4.FLAGS) | Dhcpv4.BROADCAST);
    }

    /// Leaves it to the receiver how to answer, if at all.
    public void noBroadcast() {
        NetworkOrder.u16(message + Dhcpv4.FLAGS, NetworkOrder.u16(message + Dhcpv4.FLAGS) & ~Dhcpv4.BROADCAST);
    }

    /// Sets the name of the file to boot from.
    ///
    /// @param name at most 127 bytes, none of them 0
    public void file(byte[] name) {
        assert name.length < Dhcpv4.FILE_LENGTH : "file length=" + name.length;
        NativeMemory.copyIn(name, 0, message + Dhcpv4.FILE, name.length);
    }

    /// Appends an option of one byte.
    ///
    /// @param code for example [Dhcpv4Options#MESSAGE_TYPE]
    /// @param value 0 to 255
    public void u8(int code, int value) {
        long body = option(code, 1);
        if (body != 0) {
            NetworkOrder.u8(body, value);
        }
    }

    /// Appends an option of two bytes.
    ///
    /// @param code for example [Dhcpv4Options#INTERFACE_MTU]
    /// @param value 0 to 65,535
    public void u16(int code, int value) {
        long body = option(code, Short.BYTES);
        if (body != 0) {
            NetworkOrder.u16(body, value);
        }
    }

    /// Appends an option of four bytes.
    ///
    /// @param code for example [Dhcpv4Options#LEASE_TIME]
    /// @param value a time or an IPv4 address
    public void u32(int code, int value) {
        long body = option(code, Integer.BYTES);
        if (body != 0) {
            NetworkOrder.u32(body, value);
        }
    }

    /// Appends an option of any bytes; of more than 255 as several options in a row that count as one (RFC 3396).
    ///
    /// @param code for example [Dhcpv4Options#DOMAIN_NAME]
    /// @param value its bytes, at least one
    public void bytes(int code, byte[] value) {
        int options = (value.length + MAX_OPTION - 1) / MAX_OPTION;
        if (!hasRoom(value.length + options * OPTION_HEADER)) {
            return;
        }
        for (int next = 0; next < value.length; next += MAX_OPTION) {
            int length = Math.min(value.length - next, MAX_OPTION);
            NativeMemory.copyIn(value, next, option(code, length), length);
        }
    }

    /// Appends an option as it came, if it came.
    ///
    /// @param code for example [Dhcpv4Options#CLIENT_IDENTIFIER]
    /// @param from the options of the client's message
    public void copy(int code, Dhcpv4Options from) {
        if (from.has(code)) {
            long body = option(code, from.length(code));
            if (body != 0 && from.length(code) > 0) {
                NativeMemory.copy(from.address(code), body, from.length(code));
            }
        }
    }

    /// Ends the message and pads it.
    ///
    /// @return its bytes, at least [Dhcpv4#MIN_LENGTH]
    public int end() {
        NetworkOrder.u8(message + offset, END);
        offset++;
        if (offset < Dhcpv4.MIN_LENGTH) {
            NativeMemory.zero(message + offset, Dhcpv4.MIN_LENGTH - offset);
            offset = Dhcpv4.MIN_LENGTH;
        }
        return offset;
    }

    /// Begins an option and returns where its value goes, or 0 if it does not fit in front of the end.
    private long option(int code, int length) {
        if (!hasRoom(OPTION_HEADER + length)) {
            return 0;
        }
        long option = message + offset;
        NetworkOrder.u8(option, code);
        NetworkOrder.u8(option + 1, length);
        offset += OPTION_HEADER + length;
        return option + OPTION_HEADER;
    }

    private boolean hasRoom(int length) {
        return offset + length < room;
    }

    private void echo(long request, int field, int length) {
        NativeMemory.copy(request + field, message + field, length);
    }
}
