package org.vswitch.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeHostNetwork;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.policy.HostPolicy;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.wire.IpAddress;

/// UDP of a router, put together with a network in memory; frames and the host's datagrams go in, time is a number.
final class UdpRig implements AutoCloseable {
    static final int REMOTE_PORT = 7;
    static final int GUEST_PORT = 40_000;
    static final long SECOND_NS = 1_000_000_000L;

    final IpRig ip;
    final FakeHostNetwork host = new FakeHostNetwork();
    final UdpFlows flows;
    final UdpInput input;
    long nowNs = 5_000 * SECOND_NS;
    private final HostNetwork.ReadinessConsumer consumer = this::ready;

    UdpRig() {
        this(Reach.WORLD, new UdpSettings(32, 8, 1, 2));
    }

    UdpRig(Reach reach, UdpSettings settings) {
        this(new IpRig(), reach, settings);
    }

    UdpRig(IpRig ip, Reach reach, UdpSettings settings) {
        this.ip = ip;
        flows = new UdpFlows(new UdpPorts(host, new HostPolicy(host, ip.subnets, reach), ip.subnets, ip.output,
                ip.errors, ip.counters), settings);
        input = new UdpInput(ip.subnets, ip.counters, ip.errors, flows);
    }

    static SentFrames counting() {
        return new SentFrames(false);
    }

    /// The low half of the address that guests know as outside.
    static long outside() {
        return IpAddress.v4(GuestPackets.OUTSIDE_V4);
    }

    /// Hands in a guest's frame, which is a whole packet.
    void send(byte[] frame) {
        input.receive(ip.accept(frame), nowNs);
        flows.endBatch(nowNs);
    }

    /// Sends a datagram from the guest to the usual remote.
    void send(int fromPort, int toPort, byte[] data) {
        send(v4(fromPort, toPort, data).frame());
    }

    static GuestPackets.V4 v4(int fromPort, int toPort, byte[] data) {
        return new GuestPackets.V4().payload(GuestPackets.UDP, GuestPackets.udp(fromPort, toPort, data));
    }

    static GuestPackets.V6 v6(int fromPort, int toPort, byte[] data) {
        byte[] datagram = GuestPackets.udp(fromPort, toPort, data);
        byte[] pseudo = ByteBuffer.allocate(40).putLong(GuestPackets.PREFIX).putLong(GuestPackets.GUEST_LOW)
                .putLong(GuestPackets.OUTSIDE_HIGH).putLong(1).putInt(datagram.length).putInt(17).array();
        int sum = ~FrameCheck.sum(FrameCheck.sum(0, pseudo, 0, 40), datagram, 0, datagram.length);
        datagram[6] = (byte) (sum >> 8);
        datagram[7] = (byte) sum;
        return new GuestPackets.V6().payload(GuestPackets.UDP, datagram);
    }

    /// Lets the router do what the host's sockets are ready for.
    void poll() {
        flows.resume(nowNs);
        host.poll(consumer);
    }

    void pass(long seconds) {
        nowNs += seconds * SECOND_NS;
        flows.expire(nowNs);
    }

    /// What the only datagram that was sent to the guest carries, its IPv4 source and its ports.
    Answer takeV4() {
        byte[] frame = ip.takeSent();
        assertEquals(17, frame[23]);
        int length = FrameCheck.u16(frame, 38);
        return new Answer(ByteBuffer.wrap(frame).getInt(26), FrameCheck.u16(frame, 34), FrameCheck.u16(frame, 36),
                Arrays.copyOfRange(frame, 42, 34 + length), frame);
    }

    /// A datagram that the guest got.
    record Answer(int source, int sourcePort, int port, byte[] data, byte[] frame) {
        int ttl() {
            return frame[22] & 0xff;
        }

        int typeOfService() {
            return frame[15] & 0xff;
        }
    }

    private void ready(long token, int readiness) {
        flows.ready(token, readiness, nowNs);
    }

    @Override
    public void close() {
        flows.close();
        assertEquals(0, host.openSockets(), "sockets left open");
        host.close();
        ip.close();
    }
}
