package org.vswitch.plug;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.wire.Arp;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.NetworkOrder;

/// Looks whether somebody uses an address before a station does (RFC 5227, 2.1), and announces it then (2.3). Whose
/// station it is says when, and has room for frames.
final class AddressProbe {
    private final long mac;

    /// A probe for a station.
    ///
    /// @param mac its own address, whose messages are nobody else's
    AddressProbe(long mac) {
        this.mac = mac;
    }

    /// Writes a frame that asks whether anybody has an address.
    ///
    /// @param frame where it goes
    /// @param address asked for
    /// @return bytes
    int writeQuestion(long frame, int address) {
        return write(frame, 0, address);
    }

    /// Writes a frame that tells everybody whose an address is from now on; it may have been another's before.
    ///
    /// @param frame where it goes
    /// @param address the station's
    /// @return bytes
    int writeAnnouncement(long frame, int address) {
        return write(frame, address, address);
    }

    /// Whether a frame shows that an address is another's: its owner speaks, or somebody looks for it, too, who is to
    /// give way as the station is.
    ///
    /// @param batch where it is
    /// @param row which
    /// @param room for a copy of it
    /// @param address asked for
    /// @return false for what cannot be read, too
    boolean isConflict(FrameBatch batch, int row, long room, int address) {
        int length = batch.length(row);
        if (batch.isTagged(row) || batch.type(row) != Ethernet.TYPE_ARP || length > FrameSlab.MAX_FRAME) {
            return false;
        }
        batch.copyTo(row, room);
        long message = room + Ethernet.HEADER_LENGTH;
        if (!Arp.isValid(message, length - Ethernet.HEADER_LENGTH) || Arp.senderHardware(message) == mac) {
            return false;
        }
        int sender = Arp.senderProtocol(message);
        return sender == address || sender == 0 && Arp.opcode(message) == Arp.REQUEST
                && Arp.targetProtocol(message) == address;
    }

    private int write(long frame, int sender, int target) {
        NetworkOrder.u48(frame, MacAddress.BROADCAST);
        Ethernet.source(frame, mac);
        Ethernet.type(frame, Ethernet.TYPE_ARP);
        Arp.emitRequest(frame + Ethernet.HEADER_LENGTH, mac, sender, target);
        return Ethernet.HEADER_LENGTH + Arp.LENGTH;
    }
}
