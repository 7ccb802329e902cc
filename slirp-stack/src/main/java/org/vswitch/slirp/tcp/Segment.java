package org.vswitch.slirp.tcp;

import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.wire.SeqNumber;
import org.vswitch.slirp.wire.TcpOptions;
import org.vswitch.wire.Checksum;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.Tcp;

/// A guest's segment that has arrived: RFC 9293's segment variables (3.3.1). One object, filled anew for each.
final class Segment {
    final TcpOptions options = new TcpOptions();
    long sourceMac;
    /// Of the packet that it came in.
    int hopLimit;
    int seq;
    int ack;
    int flags;
    /// The window field, not scaled.
    int wnd;
    /// Address of the first byte of text.
    long text;
    /// Bytes of text.
    int length;

    /// Reads a packet whose header is valid.
    ///
    /// @param packet a TCP segment
    void parse(Packet packet) {
        long header = packet.payload;
        int headerLength = Tcp.headerLength(header);
        sourceMac = packet.sourceMac;
        hopLimit = packet.hopLimit;
        seq = Tcp.sequenceNumber(header);
        ack = Tcp.acknowledgmentNumber(header);
        flags = Tcp.flags(header);
        wnd = Tcp.window(header);
        text = header + headerLength;
        length = packet.payloadLength - headerLength;
        if (headerLength > Tcp.LENGTH) {
            options.parse(header + Tcp.LENGTH, headerLength - Tcp.LENGTH);
        } else {
            options.clear();
        }
    }

    /// Whether a flag is set.
    ///
    /// @param flag one of [Tcp]'s
    /// @return true if so
    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /// SEG.LEN: text, and one each for SYN and FIN.
    ///
    /// @return 0 or more
    int sequenceLength() {
        return length + (has(Tcp.SYN) ? 1 : 0) + (has(Tcp.FIN) ? 1 : 0);
    }

    /// The number behind the segment.
    ///
    /// @return SEG.SEQ + SEG.LEN
    int end() {
        return seq + sequenceLength();
    }

    /// Takes away what was there before (RFC 9293, 3.10.7.4: "tailor").
    ///
    /// @param rcvNxt the number wanted next
    void trimFront(int rcvNxt) {
        int old = Math.min(length, SeqNumber.difference(rcvNxt, seq));
        if (old > 0) {
            text += old;
            length -= old;
            seq += old;
        }
    }

    /// Takes away what lies beyond the window, and the FIN behind it.
    ///
    /// @param edge the end of the window
    void trimBack(int edge) {
        int beyond = SeqNumber.difference(seq + length, edge);
        if (beyond > 0) {
            length -= Math.min(length, beyond);
            flags &= ~Tcp.FIN;
        }
    }

    /// Whether the checksum is right, or need not be looked at.
    ///
    /// @param packet a TCP segment
    /// @return true if the segment may be believed
    static boolean isIntact(Packet packet) {
        if (packet.checksumTrusted) {
            return true;
        }
        int pseudo = packet.v4
                ? Ipv4.pseudoHeaderSum(packet.header, Tcp.PROTOCOL, packet.payloadLength)
                : Ipv6.pseudoHeaderSum(packet.header, Tcp.PROTOCOL, packet.payloadLength);
        int sum = Checksum.combine(pseudo, Checksum.sum(packet.payload, packet.payloadLength), 0);
        return Checksum.complement(sum) == 0;
    }
}
