package org.vswitch.slirp.service;

import org.vswitch.slirp.ip.Packet;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.Udp;

/// A client's message, as long as it is worked on. One object, used anew for each.
final class DhcpRequest {
    /// The station that it comes from.
    long station;
    /// Who the client is, as [ClientKey] tells them apart.
    long client;
    /// Address of its first byte.
    long message;
    /// Bytes of it.
    int length;
    /// Its options.
    final Dhcpv4Options options = new Dhcpv4Options();

    private final ClientKey keys = new ClientKey();

    /// Takes the message out of a datagram.
    ///
    /// @param datagram with a valid UDP header
    /// @return false if it makes no sense
    boolean read(Packet datagram) {
        return read(datagram.payload + Udp.LENGTH, Udp.length(datagram.payload) - Udp.LENGTH, datagram.sourceMac);
    }

    /// Takes a message from where it lies.
    ///
    /// @param from address of its first byte
    /// @param bytes how long it is
    /// @param sender the station that it comes from
    /// @return false if it makes no sense
    boolean read(long from, int bytes, long sender) {
        message = from;
        length = bytes;
        station = sender;
        boolean sensible = Dhcpv4.isRequest(message, length) && options.parse(message, length)
                && Dhcpv4.chaddr(message) != 0 && !MacAddress.isGroup(Dhcpv4.chaddr(message))
                && (isBootp() || options.messageType() != 0);
        client = sensible ? keys.of(message, options) : 0;
        return sensible;
    }

    /// Whether the client speaks BOOTP, which knows no types (RFC 1534).
    boolean isBootp() {
        return !options.has(Dhcpv4Options.MESSAGE_TYPE);
    }

    /// The address that the client names: to be leased, or already its own.
    int namedAddress() {
        int requested = options.requestedAddress();
        return requested != 0 ? requested : Dhcpv4.ciaddr(message);
    }
}
