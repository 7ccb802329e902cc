package org.vswitch.slirp;

import java.security.SecureRandom;
import org.vswitch.link.MeasuredLink;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.HostToken;
import org.vswitch.slirp.host.IoVector;
import org.vswitch.slirp.icmp.EchoResponder;
import org.vswitch.slirp.icmp.IcmpInput;
import org.vswitch.slirp.icmp.PingFlows;
import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.Outbox;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.PacketReader;
import org.vswitch.slirp.ip.RebuiltPacket;
import org.vswitch.slirp.ip.SegmentOutput;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.neighbor.ArpResponder;
import org.vswitch.slirp.neighbor.NdpResponder;
import org.vswitch.slirp.neighbor.NeighborTable;
import org.vswitch.slirp.policy.HostPolicy;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.slirp.service.DhcpService;
import org.vswitch.slirp.service.DnsPorts;
import org.vswitch.slirp.service.DnsServers;
import org.vswitch.slirp.service.DnsService;
import org.vswitch.slirp.service.ResolvConf;
import org.vswitch.slirp.service.RouterAdvertiser;
import org.vswitch.slirp.tcp.FlowPath;
import org.vswitch.slirp.tcp.TcpPorts;
import org.vswitch.slirp.tcp.TcpSettings;
import org.vswitch.slirp.tcp.TcpSplice;
import org.vswitch.slirp.udp.UdpFlows;
import org.vswitch.slirp.udp.UdpInput;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.slirp.udp.UdpPorts;
import org.vswitch.slirp.udp.UdpSettings;
import org.vswitch.slirp.wire.Dns;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Icmp;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.Tcp;
import org.vswitch.wire.Udp;

/// The router, pure: driven by frames, by the readiness of the host's sockets and by the time, on one thread. It reads
/// no clock and knows no link.
///
/// In each pass of its owner, in this order: [#begin], [#onFrame] for the frames of a batch, [#endBatch] before their
/// memory changes, [#onHostReady] for the sockets that are ready, [#gather]. Frames that are complete go to the
/// [Outbox] at any time.
final class Stack implements AutoCloseable {
    /// Whoever is so late has been stopped, or not been given the processor.
    private static final long STILL_NS = 100_000_000L;

    private final HostNetwork host;
    private final StackCounters counters = new StackCounters();
    private final Subnets subnets;
    private final IpOutput output;
    private final IcmpErrors errors;
    private final PacketReader reader;
    private final NeighborTable neighbors;
    private final ArpResponder arp;
    private final PingFlows pings;
    private final IcmpInput icmp;
    private final DnsService dns;
    private final TcpSettings tcpSettings;
    private final TcpSplice tcp;
    private final UdpSettings udpSettings;
    private final UdpFlows udpFlows;
    private final UdpInput udp;
    private final DhcpService dhcp;
    private final RouterAdvertiser advertiser;
    private final RebuiltPacket rebuilt = new RebuiltPacket();
    private final Envelope sent = new Envelope();
    private final HostNetwork.ReadinessConsumer whenReady = this::ready;
    private long nowNs;

    /// A router without guests.
    ///
    /// @param config addresses and policy
    /// @param host the host's sockets; closed with the stack
    /// @param servers the host's name servers
    /// @param outbox where complete frames go
    Stack(SlirpConfig config, HostNetwork host, DnsServers servers, Outbox outbox) {
        this.host = host;
        int mtu = config.options().mtu();
        subnets = config.subnets();
        output = new IpOutput(outbox, counters, subnets.own().mac(), mtu);
        errors = new IcmpErrors(output, counters, subnets.own());
        reader = new PacketReader(subnets, counters, errors);
        neighbors = new NeighborTable(subnets, counters);
        arp = new ArpResponder(outbox, subnets, neighbors, counters);
        HostPolicy policy = new HostPolicy(host, subnets, config.options().reach());
        SecureRandom random = new SecureRandom();
        int flows = config.flows(host.mostSockets());
        udpSettings = UdpSettings.usual(flows, random.nextLong(), random.nextLong());
        udpFlows = new UdpFlows(new UdpPorts(host, policy, subnets, output, errors, counters), udpSettings);
        udp = new UdpInput(subnets, counters, errors, udpFlows);
        advertiser = new RouterAdvertiser(output, subnets, neighbors, counters, host, config.advertised());
        pings = new PingFlows(host, output, errors, policy, counters);
        icmp = new IcmpInput(new EchoResponder(output, subnets.own(), counters), pings,
                new NdpResponder(output, subnets, neighbors, counters), advertiser::solicited, errors, counters);
        dhcp = new DhcpService(new UdpOutput(output), subnets, neighbors, arp, counters, config.dhcp());
        if (config.hasDhcp()) {
            udp.service(Dhcpv4.SERVER_PORT, dhcp);
        }
        DnsPorts dnsPorts = new DnsPorts(host, new UdpOutput(output), udp::refuse, counters);
        boolean routerOnly = config.options().reach() == Reach.ROUTER_ONLY;
        dns = new DnsService(dnsPorts, config.dnsAddresses(), routerOnly ? _ -> ResolvConf.NONE : servers);
        udp.service(Dns.PORT, dns);
        tcpSettings = TcpSettings.usual(mtu, random.nextLong(), random.nextLong())
                .withFlows(flows);
        tcp = new TcpSplice(new TcpPorts(host, new IoVector(), outbox, this::synError,
                dns.streams((path, into, _) -> policy.choose(path.remoteHigh, path.remoteLow, path.remotePort, into)),
                counters), tcpSettings);
    }

    /// A pass begins: does what is due. But if that should have been done long ago the process stood still, and what
    /// guests and servers have said meanwhile waits to be heard: then it is done in the next pass.
    ///
    /// @param timeNs the time
    void begin(long timeNs) {
        boolean stoodStill = timeNs - nowNs > STILL_NS && timeNs - nextDeadlineNs(nowNs) > STILL_NS;
        nowNs = timeNs;
        if (!stoodStill) {
            onDeadline(timeNs);
        }
    }

    /// Takes a guest's frame.
    ///
    /// @param frame address of its first byte; it lies contiguously and does not change until [#endBatch]
    /// @param length bytes
    /// @param offloadWord what is left to do to it ([org.vswitch.wire.VirtioNetHeader])
    /// @param timeNs the time
    void onFrame(long frame, int length, long offloadWord, long timeNs) {
        nowNs = timeNs;
        switch (reader.read(frame, length, offloadWord, timeNs)) {
            case ARP -> arp.receive(reader.packet(), timeNs);
            case PACKET -> dispatch(reader.packet());
            case FRAGMENT, DROPPED -> {
                return; // the reader has counted it, or waits for more
            }
        }
    }

    /// The frames of a batch have all been handed over; what they carry for the host is written.
    ///
    /// @param timeNs the time
    void endBatch(long timeNs) {
        nowNs = timeNs;
        tcp.endBatch(timeNs);
        udpFlows.endBatch(timeNs);
    }

    /// Does what the host's sockets are ready for.
    ///
    /// @param timeNs the time
    void onHostReady(long timeNs) {
        nowNs = timeNs;
        udpFlows.resume(timeNs);
        host.poll(whenReady);
    }

    /// Does what is due.
    ///
    /// @param timeNs the time
    void onDeadline(long timeNs) {
        nowNs = timeNs;
        reader.expire(timeNs);
        tcp.expire(timeNs);
        pings.expire(timeNs);
        advertiser.expire(timeNs);
        udpFlows.expire(timeNs);
        dns.expire(timeNs);
        dhcp.expire(timeNs);
    }

    /// When [#begin] is to be called at the latest.
    ///
    /// @param timeNs the time
    /// @return a time, [Long#MAX_VALUE] for never
    long nextDeadlineNs(long timeNs) {
        long untilNs = reader.untilExpiryNs(timeNs);
        long earliestNs = Math.min(tcp.nextDeadlineNs(), pings.nextDeadlineNs());
        earliestNs = Math.min(earliestNs, udpFlows.nextDeadlineNs());
        earliestNs = Math.min(earliestNs, advertiser.nextDeadlineNs(timeNs));
        earliestNs = Math.min(earliestNs, Math.min(dns.nextDeadlineNs(), dhcp.nextDeadlineNs()));
        return Math.min(earliestNs, untilNs == Long.MAX_VALUE ? untilNs : timeNs + untilNs);
    }

    /// Whether [#gather] may have something to send, or what has come from the host has waited for room.
    boolean isReady() {
        return tcp.hasOutput() || udpFlows.holds();
    }

    /// Sends TCP segments as far as there is room.
    ///
    /// @param to where they go
    /// @param timeNs the time
    void gather(SegmentOutput to, long timeNs) {
        tcp.gather(to, timeNs);
    }

    /// Tells guests that this router is about to end, and that their connections have.
    void leave() {
        advertiser.end();
        tcp.resetAll();
    }

    /// Tells what there is of each thing that is limited, and what was dropped.
    ///
    /// @param into takes it
    /// @param timeNs the time
    void measure(MeasuredLink.Measures into, long timeNs) {
        into.gauge("tcp-flows", tcp.flows(), tcpSettings.flows());
        into.gauge("tcp-flows-of-one", tcp.flowsOfGreediest(), tcpSettings.flowsOfGreediest());
        into.gauge("tcp-incomplete", tcp.incomplete(), tcpSettings.connecting());
        into.gauge("tcp-chunks", tcp.chunksInUse(), tcpSettings.chunks());
        into.gauge("udp-flows", udpFlows.flows(), udpSettings.flows());
        into.gauge("ping-flows", pings.size(), pings.most());
        into.gauge("host-sockets", host.sockets(), host.mostSockets());
        into.gauge("dns-in-flight", dns.inFlight(), DnsService.MAX_IN_FLIGHT);
        into.gauge("dhcp-leases", dhcp.leases(timeNs), DhcpService.MAX_LEASES);
        into.gauge("dhcp-waiting", dhcp.waiting(), DhcpService.MAX_WAITING);
        into.gauge("neighbors", neighbors.count(), NeighborTable.CAPACITY);
        into.gauge("incomplete-datagrams", reader.incompleteDatagrams(), PacketReader.MAX_INCOMPLETE);
        for (StackDrop reason : StackDrop.values()) {
            into.counter(reason.key(), counters.value(reason));
        }
    }

    /// Why packets were dropped.
    ///
    /// @return readable from any thread
    StackCounters counters() {
        return counters;
    }

    /// Whether it holds nothing for any guest but what DHCP and neighbor discovery know: no connection, no socket, no
    /// fragment.
    boolean isIdle() {
        return tcp.flows() == 0 && tcp.chunksInUse() == 0 && udpFlows.flows() == 0 && pings.size() == 0
                && reader.incompleteDatagrams() == 0;
    }

    @Override
    public void close() {
        tcp.close();
        pings.close();
        dhcp.close();
        udpFlows.close();
        dns.close();
        reader.close();
        output.close();
        rebuilt.close();
        host.close();
    }

    private void dispatch(Packet packet) {
        switch (packet.protocol) {
            case Tcp.PROTOCOL -> tcp.receive(packet, nowNs);
            case Udp.PROTOCOL -> udp.receive(packet, nowNs);
            case Icmpv4.PROTOCOL, Icmpv6.PROTOCOL -> icmp.receive(packet, nowNs);
            default -> {
                counters.count(StackDrop.UNKNOWN_PROTOCOL);
                errors.send(packet, IcmpError.UNKNOWN_PROTOCOL, packet.protocolOffset, nowNs);
            }
        }
    }

    private void ready(long token, int readiness) {
        switch (HostToken.kind(token)) {
            case HostToken.TCP -> tcp.ready(token, readiness, nowNs);
            case HostToken.PING -> pings.ready(token, readiness, nowNs);
            case HostToken.UDP -> udpFlows.ready(token, readiness, nowNs);
            case HostToken.DNS -> dns.ready(token, nowNs);
            default -> throw new IllegalStateException("token=" + token);
        }
    }

    /// The host could not connect: the guest's SYN is rebuilt, for the error to quote it.
    private void synError(FlowPath path, int sequence, int hopLimit, HostError error) {
        sent.sourceHigh = path.guestHigh;
        sent.sourceLow = path.guestLow;
        sent.destinationHigh = path.remoteHigh;
        sent.destinationLow = path.remoteLow;
        sent.protocol = Tcp.PROTOCOL;
        sent.hopLimit = hopLimit;
        long ports = (long) path.guestPort << 48 | (long) path.remotePort << 32 | sequence & 0xffff_ffffL;
        errors.relay(rebuilt.of(sent, path.guestMac, ports, Tcp.LENGTH), error, nowNs);
    }
}
