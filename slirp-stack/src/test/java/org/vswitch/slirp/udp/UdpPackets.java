package org.vswitch.slirp.udp;

import static org.vswitch.slirp.fixture.GuestPackets.GUEST;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.wire.IpAddress;

/// Guests' packets as they are behind reassembly: of any size, and in one piece.
final class UdpPackets {
    private UdpPackets() {
    }

    /// Describes a packet without options.
    static Packet of(long address, int length) {
        Packet packet = new Packet();
        packet.v4 = (NativeMemory.getByte(address) & 0xf0) == 0x40;
        packet.header = address;
        packet.headerLength = packet.v4 ? 20 : 40;
        packet.payload = address + packet.headerLength;
        packet.payloadLength = length - packet.headerLength;
        packet.sourceMac = GUEST;
        packet.protocol = 17;
        packet.hopLimit = 64;
        packet.sourceHigh = packet.v4 ? 0 : IpAddress.readHigh(address + 8);
        packet.sourceLow = packet.v4 ? IpAddress.readV4(address + 12) : IpAddress.readLow(address + 8);
        packet.destinationHigh = packet.v4 ? 0 : IpAddress.readHigh(address + 24);
        packet.destinationLow = packet.v4 ? IpAddress.readV4(address + 16) : IpAddress.readLow(address + 24);
        return packet;
    }
}
