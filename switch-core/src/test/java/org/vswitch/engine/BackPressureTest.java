package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.MacTable;
import org.vswitch.bridge.PortSettings;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Congestion;
import org.vswitch.link.DatagramLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.Sockets;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;

/// A sender that is faster than its receiver: who waits, for how long, and who does not. Time is a number.
class BackPressureTest {
    private static final long STATION = 0x0200_0000_0000L;
    private static final int PORTS = 3;
    private static final int BATCH = 64;
    private static final int MANY = 10_000;

    private final List<Fd> clients = new ArrayList<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private final MessageBatch outgoing = new MessageBatch();
    private final MessageBatch incoming = new MessageBatch();
    private final FrameSlab slots = FrameSlab.forFrames(BATCH);
    private long nowNs = 1_000_000_000;
    private DataPlane plane;
    private Bridge bridge;

    @BeforeEach
    void plugIn() throws LinuxException {
        plane = new DataPlane(() -> nowNs);
        bridge = new Bridge(new BridgePorts(PORTS + 2), new MacTable(1024), plane.egress(), plane);
        plane.forwarder(bridge);
        PortSettings settings = new PortSettings(bridge);
        for (int port = 1; port <= PORTS; port++) {
            settings.create(port, true);
            Sockets.Pair pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
            clients.add(pair.second());
            DatagramLink link = DatagramLink.buffered(pair.first(), FrameSlab.MAX_FRAME, null);
            endpoints.add(plane.attach(new Plug(port, port, link, new LinkLabel("unix prog", "test"), () -> { })));
        }
        for (int port = 1; port <= PORTS; port++) {
            send(port, port % PORTS + 1, 1);
            plane.doWork();
        }
        for (int port = 1; port <= PORTS; port++) {
            drain(port);
        }
    }

    @AfterEach
    void unplug() {
        plane.onClose();
        clients.forEach(Fd::close);
        slots.free();
    }

    @Test
    void shouldLoseNothingWhenTheReceiverGoesOnReading() {
        int sent = 0;
        int received = 0;
        while (sent < MANY) {
            int went = send(1, 2, BATCH);
            sent += went;
            boolean paused = plane.doWork() == 0;
            if (paused || went == 0) {
                received += drain(2);
            }
        }
        for (int last = -1; last != received; received += drain(2)) {
            last = received;
            plane.doWork();
            plane.doWork();
        }
        assertEquals(sent, received);
        assertEquals(0, endpoints.get(1).lost(Drop.EGRESS_FULL));
    }

    @Test
    void shouldPauseTheSourceAndNobodyElse() {
        fill(1, 2);
        long taken = bridge.ports().port(1).received();
        assertTrue(send(1, 2, BATCH) > 0);
        assertEquals(0, plane.doWork(), "frames of the paused source");
        assertTrue(send(3, 1, BATCH) > 0);
        assertEquals(BATCH, plane.doWork() + plane.doWork(), "frames of another: one, then the rest");
        assertEquals(taken, bridge.ports().port(1).received());
        assertEquals(BATCH, drain(1));
    }

    @Test
    void shouldNotWaitForAReceiverThatIsStuck() {
        fill(1, 2);
        nowNs += Congestion.PATIENCE_NS;
        assertTrue(send(1, 2, BATCH) > 0);
        plane.doWork(); // its time is up: it goes on in the next pass
        for (int i = 0; i < 100; i++) {
            assertTrue(plane.doWork() > 0, "pass " + i);
            assertTrue(send(1, 2, BATCH) > 0);
        }
        assertTrue(endpoints.get(1).lost(Drop.EGRESS_FULL) > 0);
    }

    @Test
    void shouldLetTheSourceGoOnWhenItsReceiverIsUnplugged() {
        fill(1, 2);
        plane.detach(endpoints.get(1));
        nowNs += Congestion.PATIENCE_NS;
        assertTrue(send(1, 3, BATCH) > 0);
        plane.doWork();
        assertTrue(plane.doWork() > 0);
    }

    @Test
    void shouldForgetAPausedSourceThatIsUnplugged() {
        fill(1, 2);
        plane.detach(endpoints.get(0));
        nowNs += Congestion.PATIENCE_NS;
        plane.doWork();
        assertTrue(send(3, 2, 1) > 0);
        assertEquals(1, plane.doWork());
    }

    /// Such a link is flushed before the loop sleeps, not by an event.
    @Test
    void shouldLetTheSourceGoOnWhenALinkWithoutDescriptorHasRoom() {
        ProbeLink probe = new ProbeLink(LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED));
        new PortSettings(bridge).create(PORTS + 1, true);
        Endpoint polled = plane.attach(new Plug(PORTS + 1, PORTS + 1, probe, new LinkLabel("test", ""), () -> { }));
        bridge.hub(true);
        plane.detach(endpoints.get(1));
        plane.detach(endpoints.get(2));
        probe.room(1);
        send(1, 2, 2);
        plane.doWork();
        plane.doWork();
        assertTrue(polled.isBacklogged());
        send(1, 2, BATCH);
        assertEquals(0, plane.doWork(), "frames of the paused source");
        probe.room(1);
        plane.doWork();
        assertTrue(plane.doWork() > 0, "the source goes on, at the same time");
    }

    @Test
    void shouldAllocateNothingForAPause() {
        int[] pauses = {0};
        long allocated = Allocations.bytesOf(300, 40, () -> {
            fill(1, 2);
            drain(2);
            plane.doWork();
            plane.doWork();
            drain(2);
            pauses[0]++;
        });
        assertEquals(0, allocated);
        assertTrue(pauses[0] >= 500);
    }

    /// Sends until the source is paused.
    private void fill(int from, int to) {
        int passes = 0;
        do {
            send(from, to, BATCH);
            passes++;
        } while (plane.doWork() > 0 && passes < MANY);
        assertTrue(endpoints.get(to - 1).isBacklogged());
        assertEquals(0, endpoints.get(to - 1).lost(Drop.EGRESS_FULL), "lost before the source was paused");
    }

    /// @return how many frames the sender's socket took
    private int send(int from, int to, int count) {
        outgoing.begin(null);
        for (int i = 0; i < count; i++) {
            NetworkOrder.u48(slots.frame(i), STATION + to);
            NetworkOrder.u48(slots.frame(i) + 6, STATION + from);
            NetworkOrder.u16(slots.frame(i) + 12, Ethernet.TYPE_IPV4);
            outgoing.startMessage(1);
            outgoing.addPiece(slots.frame(i), 60);
        }
        return Math.max(0, outgoing.send(clients.get(from - 1).number(), 0));
    }

    /// @return how many frames waited for the receiver
    private int drain(int port) {
        for (int i = 0; i < BATCH; i++) {
            incoming.receiveInto(i, slots.frame(i), FrameSlab.MAX_FRAME);
        }
        int all = 0;
        int count = incoming.receive(clients.get(port - 1).number(), BATCH);
        while (count > 0) {
            all += count;
            count = incoming.receive(clients.get(port - 1).number(), BATCH);
        }
        return all;
    }
}
