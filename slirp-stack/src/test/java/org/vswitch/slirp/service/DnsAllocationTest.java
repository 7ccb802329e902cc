package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.wire.IpAddress;

/// Queries are answered, wait in vain and are given up without garbage.
class DnsAllocationTest {
    private static final byte[] QUERY = DnsMessages.query(0xbeef, "www.example", DnsMessages.A,
            DnsMessages.opt(1_232, 0));
    private static final ResolvConf CONF = ResolvConf.parse("nameserver 127.0.0.53\nnameserver 192.0.2.1");

    private final SentFrames sent = new SentFrames(false);
    private final AnsweringHost host = new AnsweringHost();
    private final IpRig ip = new IpRig(sent, 1500);
    private final ExactMemory memory = new ExactMemory();
    private final DnsService dns = new DnsService(
            new DnsPorts(host, new UdpOutput(ip.output), (packet, timeNs) -> { }, ip.counters),
            new DnsAddresses(IpAddress.v4(GuestPackets.DNS_V4), GuestPackets.PREFIX, GuestPackets.DNS_LOW),
            timeNs -> CONF);
    private final HostNetwork.ReadinessConsumer consumer = this::ready;
    private Packet packet;
    private long nowNs;
    private int queries;

    @AfterEach
    void close() {
        dns.close();
        host.close();
        ip.close();
        memory.close();
    }

    @Test
    void shouldAllocateNothing() {
        byte[] udp = GuestPackets.udp(DnsRig.GUEST_PORT, 53, QUERY);
        packet = ip.accept(new GuestPackets.V4().to(GuestPackets.DNS_V4).payload(GuestPackets.UDP, udp).frame());
        packet.payload = memory.place(udp);
        assertEquals(0, Allocations.bytesOf(30_000, 30_000, this::ask));
        assertTrue(queries >= 60_000);
        assertEquals(queries, sent.count(), "answers");
    }

    private void ready(long token, int readiness) {
        dns.ready(token, nowNs);
    }

    /// Every eighth query is left without answer by both servers.
    private void ask() {
        host.silent(queries++ % 8 == 0);
        dns.receive(packet, nowNs);
        host.poll(consumer);
        while (dns.inFlight() > 0) {
            nowNs = Math.max(nowNs, dns.nextDeadlineNs());
            dns.expire(nowNs);
        }
        nowNs += 2_000_000;
    }
}
