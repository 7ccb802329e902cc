package org.vswitch.slirp.service;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.Dhcpv4Reply;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Udp;

/// Writes the answers of DHCP and sends them where the client can hear them (RFC 2131, 4.1 and 4.3.1).
///
/// What identifies message and lease comes first, then what the client's parameter request list names, in its order;
/// but the subnet mask in front of the router (RFC 2132, 3.3), and an MTU that is not Ethernet's even unasked. A client
/// without such a list is told everything.
final class DhcpReplies implements AutoCloseable {
    private static final int USUAL_MTU = 1500;
    private static final int LIMITED_BROADCAST = 0xffff_ffff;
    /// More than all options together.
    private static final int ROOM = 2048;
    private static final int CODES = 256;
    private static final int V4_PREFIX = 96;
    /// T1 and T2 (RFC 2131, 4.4.5).
    private static final int RENEWAL_SECONDS = LeasePool.LEASE_SECONDS / 2;
    private static final int REBINDING_SECONDS = LeasePool.LEASE_SECONDS / 8 * 7;
    private static final byte[] REFUSAL = "not your address".getBytes(StandardCharsets.US_ASCII);
    private static final int[] EVERYTHING = {Dhcpv4Options.SUBNET_MASK, Dhcpv4Options.ROUTER,
        Dhcpv4Options.DOMAIN_NAME_SERVER, Dhcpv4Options.HOST_NAME, Dhcpv4Options.DOMAIN_NAME,
        Dhcpv4Options.INTERFACE_MTU, Dhcpv4Options.BROADCAST_ADDRESS, Dhcpv4Options.DOMAIN_SEARCH};

    private final UdpOutput output;
    private final Subnets subnets;
    private final DhcpSettings settings;
    private final byte[] hostName;
    private final byte[] domain;
    private final byte[] search;
    private final Dhcpv4Reply reply = new Dhcpv4Reply();
    private final Envelope envelope = new Envelope();
    private final boolean[] written = new boolean[CODES];
    private final long scratch = NativeMemory.map(ROOM);

    DhcpReplies(UdpOutput output, Subnets subnets, DhcpSettings settings) {
        this.output = output;
        this.subnets = subnets;
        this.settings = settings;
        hostName = settings.hostName().getBytes(StandardCharsets.US_ASCII);
        domain = settings.domain().getBytes(StandardCharsets.US_ASCII);
        search = SearchList.encode(settings.search());
    }

    /// The server's address.
    int server() {
        return (int) subnets.own().v4Low();
    }

    /// Offers or confirms a lease.
    ///
    /// @param to who asked
    /// @param type [Dhcpv4#DHCPOFFER] or [Dhcpv4#DHCPACK]
    /// @param address the address
    void lease(DhcpRequest to, int type, int address) {
        begin(to, address);
        reply.u8(Dhcpv4Options.MESSAGE_TYPE, type);
        reply.u32(Dhcpv4Options.SERVER_IDENTIFIER, server());
        reply.u32(Dhcpv4Options.LEASE_TIME, LeasePool.LEASE_SECONDS);
        reply.u32(Dhcpv4Options.RENEWAL_TIME, RENEWAL_SECONDS);
        reply.u32(Dhcpv4Options.REBINDING_TIME, REBINDING_SECONDS);
        if (type == Dhcpv4.DHCPACK) {
            reply.ciaddr(Dhcpv4.ciaddr(to.message) == address ? address : 0);
            if (to.options.messageType() == Dhcpv4.DHCPDISCOVER) {
                reply.copy(Dhcpv4Options.RAPID_COMMIT, to.options);
            }
        }
        reply.copy(Dhcpv4Options.CLIENT_IDENTIFIER, to.options);
        configuration(to.options);
        send(to, address);
    }

    /// Tells everything but an address (RFC 2131, 4.3.5).
    ///
    /// @param to who asked
    /// @param address the client's own
    void inform(DhcpRequest to, int address) {
        begin(to, 0);
        reply.ciaddr(Dhcpv4.ciaddr(to.message));
        reply.u8(Dhcpv4Options.MESSAGE_TYPE, Dhcpv4.DHCPACK);
        reply.u32(Dhcpv4Options.SERVER_IDENTIFIER, server());
        reply.copy(Dhcpv4Options.CLIENT_IDENTIFIER, to.options);
        configuration(to.options);
        send(to, address);
    }

    /// Answers a BOOTP request, with BOOTP's vendor extensions alone (RFC 1534, 2).
    ///
    /// @param to who asked
    /// @param address the address
    void bootp(DhcpRequest to, int address) {
        begin(to, address);
        configuration(to.options);
        send(to, address);
    }

    /// Refuses an address. Everybody hears it, since the client's address may be wrong.
    ///
    /// @param to who asked
    void refuse(DhcpRequest to) {
        begin(to, 0);
        reply.u8(Dhcpv4Options.MESSAGE_TYPE, Dhcpv4.DHCPNAK);
        reply.u32(Dhcpv4Options.SERVER_IDENTIFIER, server());
        reply.bytes(Dhcpv4Options.MESSAGE, REFUSAL);
        reply.copy(Dhcpv4Options.CLIENT_IDENTIFIER, to.options);
        if (Dhcpv4.giaddr(to.message) != 0) {
            reply.broadcast();
        }
        send(to, 0);
    }

    /// Unmaps the memory.
    @Override
    public void close() {
        NativeMemory.unmap(scratch, ROOM);
    }

    /// BOOTP's messages have one length.
    private void begin(DhcpRequest to, int yiaddr) {
        int room = to.isBootp() ? Dhcpv4.MIN_LENGTH : Math.min(to.options.maxReplyLength(), ROOM);
        reply.begin(scratch, room, to.message);
        reply.addresses(yiaddr, 0);
    }

    private void configuration(Dhcpv4Options asked) {
        Arrays.fill(written, false);
        int count = asked.length(Dhcpv4Options.PARAMETER_REQUEST_LIST);
        if (count == 0) {
            for (int code : EVERYTHING) {
                option(code);
            }
            return;
        }
        long list = asked.address(Dhcpv4Options.PARAMETER_REQUEST_LIST);
        for (int i = 0; i < count; i++) {
            int code = NetworkOrder.u8(list + i);
            if (code == Dhcpv4Options.ROUTER && asked.isRequested(Dhcpv4Options.SUBNET_MASK)) {
                option(Dhcpv4Options.SUBNET_MASK);
            }
            option(code);
        }
        option(Dhcpv4Options.INTERFACE_MTU);
    }

    /// Appends an option if there is something to say that has not been said.
    private void option(int code) {
        if (written[code]) {
            return;
        }
        written[code] = true;
        switch (code) {
            case Dhcpv4Options.SUBNET_MASK -> reply.u32(code, mask());
            case Dhcpv4Options.ROUTER -> address(code, settings.nameServer() == 0 ? 0 : server());
            case Dhcpv4Options.DOMAIN_NAME_SERVER -> address(code, settings.nameServer());
            case Dhcpv4Options.HOST_NAME -> text(code, hostName);
            case Dhcpv4Options.DOMAIN_NAME -> text(code, domain);
            case Dhcpv4Options.DOMAIN_SEARCH -> text(code, search);
            case Dhcpv4Options.BROADCAST_ADDRESS -> reply.u32(code, server() | ~mask());
            case Dhcpv4Options.INTERFACE_MTU -> {
                if (settings.mtu() != USUAL_MTU) {
                    reply.u16(code, settings.mtu());
                }
            }
            default -> {
                return; // nothing is known about it, or it has its place among the first
            }
        }
    }

    private void address(int code, int address) {
        if (address != 0) {
            reply.u32(code, address);
        }
    }

    private void text(int code, byte[] text) {
        if (text.length > 0) {
            reply.bytes(code, text);
        }
    }

    private int mask() {
        int hostBits = Integer.SIZE - (subnets.v4().prefixLength() - V4_PREFIX);
        return (int) (-1L << hostBits);
    }

    /// Sends the reply to the relay that the request came through; to the client's address, if that is already its own
    /// or it can receive there already; else to everybody. An address of 0 is that of nobody.
    private void send(DhcpRequest to, int address) {
        boolean relayed = Dhcpv4.giaddr(to.message) != 0;
        if (relayed) {
            reply.copy(Dhcpv4Options.RELAY_AGENT_INFORMATION, to.options); // the last one (RFC 3046, 2.2)
        }
        int length = reply.end();
        boolean bound = address != 0 && Dhcpv4.ciaddr(to.message) == address;
        boolean toAll = address == 0 || !bound && Dhcpv4.isBroadcast(to.message);
        if (relayed) {
            envelope(to.station, Dhcpv4.giaddr(to.message));
        } else if (toAll) {
            envelope(MacAddress.BROADCAST, LIMITED_BROADCAST);
        } else {
            envelope(Dhcpv4.chaddr(to.message), address);
        }
        int port = relayed ? Dhcpv4.SERVER_PORT : Dhcpv4.CLIENT_PORT;
        long data = output.begin(envelope, Dhcpv4.SERVER_PORT, port, length);
        if (data != 0) {
            NativeMemory.copy(scratch, data, length);
            output.commit();
        }
    }

    private void envelope(long station, int address) {
        envelope.destinationMac = station;
        envelope.sourceHigh = 0;
        envelope.sourceLow = subnets.own().v4Low();
        envelope.destinationHigh = 0;
        envelope.destinationLow = IpAddress.v4(address);
        envelope.protocol = Udp.PROTOCOL;
    }
}
