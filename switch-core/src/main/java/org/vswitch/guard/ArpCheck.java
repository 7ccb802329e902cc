package org.vswitch.guard;

import org.vswitch.frame.Drop;
import org.vswitch.wire.Arp;
import org.vswitch.wire.IpAddress;

/// Dynamic ARP inspection: a station speaks for itself. The sender's hardware address is that of the frame, the
/// sender's IP address one of the port's, or none in a probe (RFC 5227, 2.1.1). RARP has the same form, and no
/// servers.
///
/// A probe for an address makes an owner who probes for it, too, give it up: what another port was leased, or what has
/// been written down for it, is not probed for.
final class ArpCheck {
    /// The type of RARP, with which QEMU announces a guest that has moved.
    static final int TYPE_RARP = 0x8035;

    /// RFC 903.
    private static final int REVERSE_REPLY = 4;

    private ArpCheck() {
    }

    /// Whether a message may not pass.
    ///
    /// @param sight at an ARP or RARP message
    /// @param guard of the port
    /// @return the reason, or null
    static Drop refusal(Sight sight, PortGuard guard) {
        long message = sight.header();
        if (sight.isOffloaded() || !Arp.isValid(message, sight.available())
                || Arp.senderHardware(message) != sight.station()) {
            return Drop.GUARD_ARP;
        }
        int opcode = Arp.opcode(message);
        int sender = Arp.senderProtocol(message);
        if (opcode == REVERSE_REPLY) {
            return Drop.GUARD_ARP;
        }
        if (!guard.has(Check.IP)) {
            return null;
        }
        boolean permitted = sender == 0
                ? opcode != Arp.REPLY && guard.mayProbe(0, IpAddress.v4(Arp.targetProtocol(message)))
                : guard.permits(0, IpAddress.v4(sender));
        return permitted ? null : Drop.GUARD_ARP;
    }
}
