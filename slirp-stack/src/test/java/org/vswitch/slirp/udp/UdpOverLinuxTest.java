package org.vswitch.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.udp.UdpRig.GUEST_PORT;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Sandbox;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.LinuxHostNetwork;
import org.vswitch.slirp.policy.HostPolicy;
import org.vswitch.slirp.policy.Reach;

/// The same over the kernel's sockets: a guest and a program on the host's loopback.
class UdpOverLinuxTest {
    private static final int TIMEOUT_MS = 5_000;

    private final IpRig ip = new IpRig();
    private final ExactMemory memory = new ExactMemory();
    private HostNetwork host;
    private UdpFlows flows;
    private UdpInput input;
    private DatagramSocket program;
    private int port;

    @BeforeEach
    void open() throws IOException {
        host = new LinuxHostNetwork();
        flows = new UdpFlows(new UdpPorts(host, new HostPolicy(host, ip.subnets, Reach.WORLD_AND_HOST), ip.subnets,
                ip.output, ip.errors, ip.counters), new UdpSettings(8, 8, 1, 2));
        input = new UdpInput(ip.subnets, ip.counters, ip.errors, flows);
        program = new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        program.setSoTimeout(TIMEOUT_MS);
        port = program.getLocalPort();
    }

    @AfterEach
    void close() {
        program.close();
        flows.close();
        host.close();
        memory.close();
        ip.close();
    }

    /// T47.
    @Test
    void shouldCarryDatagramsBothWays() throws IOException {
        for (int size : new int[] {0, 1, 1472, 65_507}) {
            byte[] data = new byte[size];
            new Random(size).nextBytes(data);
            send(data, 17);
            DatagramPacket got = new DatagramPacket(new byte[65_507], 65_507);
            program.receive(got);
            assertArrayEquals(data, Arrays.copyOf(got.getData(), got.getLength()));
            program.send(got);
            int frames = (size + 8 + 1479) / 1480;
            Sandbox.await("an answer", () -> poll() == frames);
            byte[] frame = ip.sent.poll();
            FrameCheck.verify(frame);
            assertEquals(ROUTER_V4, ByteBuffer.wrap(frame).getInt(26));
            assertEquals(63, frame[22], "the program's 64 less one");
            assertEquals(port, FrameCheck.u16(frame, 34));
            assertEquals(GUEST_PORT, FrameCheck.u16(frame, 36));
            assertEquals(size + 8, FrameCheck.u16(frame, 38));
            while (ip.sent.poll() != null) {
                continue;
            }
        }
        assertEquals(1, flows.flows());
    }

    /// T44.
    @Test
    void shouldSayThatNobodyHasThePort() {
        program.close();
        byte[] data = {1, 2, 3, 4, 5};
        byte[] asked = send(data, 64);
        Sandbox.await("an error", () -> poll() == 1);
        byte[] told = ip.takeSent();
        assertArrayEquals(new byte[] {3, 3}, Arrays.copyOfRange(told, 34, 36));
        assertEquals(ROUTER_V4, ByteBuffer.wrap(told).getInt(26));
        assertArrayEquals(asked, Arrays.copyOfRange(told, 42, 42 + asked.length));
    }

    /// The kernel says so twice: at once, and with the MTU in its error queue.
    @Test
    void shouldSayOnceThatADatagramIsTooLongForTheHost() {
        send(new byte[65_508], 64);
        poll();
        assertArrayEquals(new byte[] {3, 4}, Arrays.copyOfRange(ip.takeSent(), 34, 36));
    }

    private byte[] send(byte[] data, int ttl) {
        byte[] packet = UdpRig.v4(GUEST_PORT, port, data)
                .to(ROUTER_V4).ttl(ttl).identification(0).packet();
        input.receive(UdpPackets.of(memory.place(packet), packet.length), 0);
        flows.endBatch(0);
        return packet;
    }

    private int poll() {
        host.poll((token, readiness) -> flows.ready(token, readiness, 0));
        return ip.sent.size();
    }
}
