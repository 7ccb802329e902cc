package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.FakeHostNetwork;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.wire.IpAddress;

/// The DNS proxy between guests and name servers that the test plays. Time is a number.
final class DnsRig implements AutoCloseable {
    static final int GUEST_PORT = 40_000;
    static final long MS = 1_000_000;
    static final String FIRST = "192.0.2.1";
    static final String SECOND = "192.0.2.2";

    final IpRig ip;
    final FakeHostNetwork host = new FakeHostNetwork();
    final DnsService dns;
    ResolvConf conf;
    long nowNs = 1_000 * MS;
    /// Datagrams that the proxy did not want.
    int refused;

    /// A proxy for these servers.
    DnsRig(String... servers) {
        this(new SentFrames(), servers);
    }

    DnsRig(SentFrames sent, String... servers) {
        ip = new IpRig(sent, 1500);
        ip.nowNs = nowNs;
        configure(servers);
        dns = new DnsService(new DnsPorts(host, new UdpOutput(ip.output), this::elsewhere, ip.counters),
                new DnsAddresses(IpAddress.v4(GuestPackets.DNS_V4), GuestPackets.PREFIX, GuestPackets.DNS_LOW),
                time -> conf);
    }

    private void elsewhere(Packet packet, long timeNs) {
        refused++;
    }

    void configure(String... servers) {
        conf = ResolvConf.parse("nameserver " + String.join("\nnameserver ", servers));
    }

    /// Who is at an address; nobody is until this is called.
    FakeDatagramPeer peer(String address) {
        ResolvConf.Server server = ResolvConf.parse("nameserver " + address).servers().getFirst();
        return host.datagramPeer(server.high(), server.low(), server.port());
    }

    /// A guest asks over IPv4.
    DnsRig ask(byte[] message) {
        return ask(GuestPackets.GUEST, message);
    }

    DnsRig ask(long station, byte[] message) {
        return send(new GuestPackets.V4().to(GuestPackets.DNS_V4).stations(station, GuestPackets.ROUTER)
                .payload(GuestPackets.UDP, GuestPackets.udp(GUEST_PORT, 53, message)).frame());
    }

    /// A guest asks over IPv6.
    DnsRig askV6(byte[] message) {
        byte[] udp = GuestPackets.udp(GUEST_PORT, 53, message);
        FrameCheck.fillChecksum(udp, 0, udp.length, 6); // nobody looks at this level
        return send(new GuestPackets.V6().to(GuestPackets.PREFIX, GuestPackets.DNS_LOW)
                .payload(GuestPackets.UDP, udp).frame());
    }

    DnsRig send(byte[] frame) {
        Packet packet = ip.accept(frame);
        dns.receive(packet, nowNs);
        return turn();
    }

    /// What is ready on the host's side is looked at.
    DnsRig turn() {
        host.poll((token, _) -> dns.ready(token, nowNs));
        return this;
    }

    /// Lets time pass, from deadline to deadline.
    DnsRig pass(long ms) {
        long endNs = nowNs + ms * MS;
        while (dns.nextDeadlineNs() <= endNs) {
            nowNs = Math.max(nowNs, dns.nextDeadlineNs());
            dns.expire(nowNs);
            turn();
        }
        nowNs = endNs;
        ip.nowNs = nowNs;
        return this;
    }

    /// What a server has been asked.
    FakeDatagram asked(String server) {
        FakeDatagram query = peer(server).receive();
        assertNotNull(query, server + " was not asked");
        return query;
    }

    DnsRig notAsked(String server) {
        assertNull(peer(server).receive(), server + " was asked");
        return this;
    }

    /// A server answers a query.
    DnsRig answer(String server, FakeDatagram query, byte[] answer) {
        peer(server).send(answer, query.port());
        return turn();
    }

    /// What the guest hears, from where it asked.
    byte[] heard() {
        byte[] frame = ip.takeSent();
        byte[] udp = udp(frame);
        assertEquals(53, FrameCheck.u16(udp, 0));
        assertEquals(GUEST_PORT, FrameCheck.u16(udp, 2));
        return Arrays.copyOfRange(udp, 8, udp.length);
    }

    /// What the guest hears is an answer to this query and no more than an RCODE.
    DnsRig heardError(byte[] query, int rcode) {
        byte[] heard = heard();
        assertEquals(DnsMessages.id(query), DnsMessages.id(heard));
        assertEquals(rcode, DnsMessages.rcode(heard));
        assertArrayEquals(new byte[4], Arrays.copyOfRange(heard, 6, 10), "records");
        return this;
    }

    DnsRig heardNothing() {
        assertNull(ip.sent.poll(), "something was sent");
        return this;
    }

    long count(StackDrop reason) {
        return ip.counters.value(reason);
    }

    @Override
    public void close() {
        dns.close();
        host.close();
        ip.close();
    }

    private static byte[] udp(byte[] frame) {
        byte[] packet = FrameCheck.packet(frame);
        int header = packet[0] >>> 4 == 4 ? 20 : 40;
        return Arrays.copyOfRange(packet, header, packet.length);
    }
}
