package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.MacTable;
import org.vswitch.bridge.PortSettings;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.SuperFrameLink;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.DatagramLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.linux.Fd;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;

/// The running data plane allocates nothing: real sockets, floods, address moves, full backlogs, segmentation.
class DataPlaneAllocationTest {
    private static final long STATION = 0x0200_0000_0000L;
    private static final int DEAF = 3;
    private static final int SUPER = 4;

    @TempDir
    private Path directory;

    private final List<Fd> clients = new ArrayList<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private final MessageBatch outgoing = new MessageBatch();
    private final MessageBatch incoming = new MessageBatch();
    private final FrameSlab slots = FrameSlab.forFrames(64);
    private final FrameSlab sink = FrameSlab.forFrames(64);
    private final SuperFrameLink superFrames = new SuperFrameLink(STATION + 2, STATION + SUPER);
    private DataPlane plane;
    private Bridge bridge;
    private int round;

    @BeforeEach
    void plugIn() throws IOException {
        plane = new DataPlane();
        BridgePorts ports = new BridgePorts(8);
        bridge = new Bridge(ports, new MacTable(1024), plane.egress(), plane);
        bridge.clock().minPersistenceSeconds(-1);
        plane.forwarder(bridge);
        PortSettings settings = new PortSettings(bridge);
        for (int port = 1; port <= SUPER; port++) {
            settings.create(port, true);
            Link link = port == SUPER ? superFrames : socketLink(port);
            endpoints.add(plane.attach(new Plug(port, port, link, new LinkLabel("unix prog", "test"), () -> { })));
        }
        for (int i = 0; i < 64; i++) {
            incoming.receiveInto(i, sink.frame(i), FrameSlab.MAX_FRAME);
        }
    }

    @AfterEach
    void unplug() {
        plane.onClose();
        clients.forEach(Fd::close);
        slots.free();
        sink.free();
    }

    @Test
    void shouldAllocateNothingWhileRunning() {
        long allocated = Allocations.bytesOf(6_000, 200_000 / 96, this::cycle);
        assertEquals(0, allocated);
        assertTrue(bridge.ports().port(1).received() + bridge.ports().port(2).received() > 1_500_000, "frames");
        assertTrue(endpoints.get(DEAF - 1).lost(Drop.EGRESS_FULL) > 1_000, "full backlog");
        assertTrue(endpoints.get(1).sent() > 100_000, "delivered");
        assertTrue(superFrames.count() > 1_000, "super-frames");
        assertEquals(0, bridge.ports().port(SUPER).discarded(Drop.BAD_OFFLOAD), "super-frames that were refused");
        assertEquals(0, endpoints.get(1).lost(Drop.BAD_OFFLOAD), "super-frames that were not segmented");
    }

    private void cycle() {
        round++;
        send(clients.get(0), STATION + 1 + round % 2 * 100);
        send(clients.get(1), STATION + 101 - round % 2 * 100);
        if (round % 8 == 0) {
            superFrames.ready();
        }
        plane.doWork();
        plane.doWork();
        while (incoming.receive(clients.get(0).number(), 64) == 64) {
            assertTrue(incoming.length(0) > 0);
        }
        while (incoming.receive(clients.get(1).number(), 64) == 64) {
            assertTrue(incoming.length(0) > 0);
        }
    }

    /// 48 frames: to a known address, to everybody, to nobody known.
    private void send(Fd client, long source) {
        outgoing.begin(null);
        for (int i = 0; i < 48; i++) {
            long frame = slots.frame(i);
            NetworkOrder.u48(frame, i % 3 == 0 ? STATION + 2 : i % 3 == 1 ? 0xffff_ffff_ffffL : STATION + 900 + i);
            NetworkOrder.u48(frame + 6, source);
            NetworkOrder.u16(frame + 12, Ethernet.TYPE_IPV4);
            outgoing.startMessage(1);
            outgoing.addPiece(frame, 60 + i * 20);
        }
        outgoing.send(client.number(), 0);
    }

    private Link socketLink(int port) throws IOException {
        SocketAddress ours = SocketAddress.ofPath(directory.resolve("switch" + port).toString());
        SocketAddress theirs = SocketAddress.ofPath(directory.resolve("client" + port).toString());
        Fd inside = Sockets.open(Sockets.Type.DATAGRAM, true);
        Fd outside = Sockets.open(Sockets.Type.DATAGRAM, true);
        Sockets.bind(inside, ours);
        Sockets.bind(outside, theirs);
        Sockets.connect(inside, theirs);
        Sockets.connect(outside, ours);
        clients.add(outside);
        return new DatagramLink(inside, LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED / 2), null);
    }
}
