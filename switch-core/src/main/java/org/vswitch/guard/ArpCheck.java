package org.vswitch.guard;

import org.vswitch.frame.Drop;
import org.vswitch.wire.Arp;
import org.vswitch.wire.IpAddress;

/// Dynamic ARP inspection: a station speaks for itself. The sender's hardware address is that of the frame, the
/// sender's IP address one of the port's, or none in a probe (RFC 5227, 2.1.1). RARP has the same form.
final class ArpCheck {
    /// The type of RARP, with which QEMU announces a guest that has moved.
    static final int TYPE_RARP = 0x8035;

    private ArpCheck() {
    }

    /// Whether a message may not pass.
    ///
    /// @param sight at an ARP or RARP message
    /// @param guard of the port
    /// @return the reason, or null
    static Drop refusal(Sight sight, PortGuard guard) {
        long message = sight.header();
        if (!Arp.isValid(message, sight.available()) || Arp.senderHardware(message) != sight.station()) {
            return Drop.GUARD_ARP;
        }
        int sender = Arp.senderProtocol(message);
        boolean silent = sender == 0 && Arp.opcode(message) != Arp.REPLY;
        return silent || !guard.has(Check.IP) || guard.permits(0, IpAddress.v4(sender)) ? null : Drop.GUARD_ARP;
    }
}
