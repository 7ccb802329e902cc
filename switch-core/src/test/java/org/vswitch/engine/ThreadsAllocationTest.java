package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Congestion;
import org.vswitch.linux.MessageBatch;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;

/// Neither the thread that decides nor a worker allocates: crossings both ways, floods, full receivers, holds.
class ThreadsAllocationTest {
    private static final int PORTS = 4;
    private static final int DEAF = 4;

    private final MessageBatch outgoing = new MessageBatch();
    private final MessageBatch incoming = new MessageBatch();
    private final FrameSlab slots = FrameSlab.forFrames(64);
    private final FrameSlab sink = FrameSlab.forFrames(64);
    private ThreadsRig rig;
    private int round;

    @Test
    void shouldAllocateNothingOnAnyThread() throws IOException {
        for (int i = 0; i < 64; i++) {
            incoming.receiveInto(i, sink.frame(i), FrameSlab.MAX_FRAME);
        }
        try (ThreadsRig opened = new ThreadsRig(2, PORTS)) {
            rig = opened;
            for (int port = 1; port <= PORTS; port++) {
                rig.plug(port, port % 2);
            }
            assertEquals(0, Allocations.bytesOf(8_000, 500, this::cycle));
            assertEquals("", rig.imbalance());
            assertTrue(rig.endpoints[1].sent() > 50_000, "from the thread that decides");
            assertTrue(rig.endpoints[2].sent() > 50_000, "to the thread that decides");
            assertTrue(rig.endpoints[DEAF].lost(Drop.EGRESS_FULL) > 1_000, "full backlog");
        } finally {
            slots.free();
            sink.free();
        }
    }

    private void cycle() {
        round++;
        rig.nowNs += Congestion.PATIENCE_NS / 4;
        for (int port = 1; port < DEAF; port++) {
            send(port);
        }
        rig.pass(1);
        rig.pass(0);
        rig.pass(1);
        for (int port = 1; port < DEAF; port++) {
            while (incoming.receive(rig.clients[port].number(), 64) > 0) {
                assertTrue(incoming.length(0) > 0);
            }
        }
    }

    /// 24 frames: to the next one, to everybody, to nobody known.
    private void send(int port) {
        outgoing.begin(null);
        for (int i = 0; i < 24; i++) {
            long frame = slots.frame(i);
            NetworkOrder.u48(frame, i % 3 == 0 ? ThreadsRig.STATION + port % 3 + 1
                    : i % 3 == 1 ? 0xffff_ffff_ffffL : ThreadsRig.STATION + 900 + i);
            NetworkOrder.u48(frame + 6, ThreadsRig.STATION + port + round % 2 * 100);
            NetworkOrder.u16(frame + 12, Ethernet.TYPE_IPV4);
            outgoing.startMessage(1);
            outgoing.addPiece(frame, 60 + i * 20);
        }
        outgoing.send(rig.clients[port].number(), 0);
    }
}
