package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePort;
import org.vswitch.control.StartException;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.link.Endpoint;

/// A whole switch, with real sockets.
@Timeout(60)
class SwitchTest {
    @TempDir
    Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Path directory;
    private Switch running;

    @BeforeEach
    void start() throws StartException {
        directory = folder.resolve("sw");
        running = Switch.start(config(directory), log::add);
    }

    SwitchConfig config(Path sockets) {
        return SwitchConfig.in(sockets.toString());
    }

    @AfterEach
    void end() {
        running.close();
    }

    @Test
    void shouldCarryFramesOfAnyLengthBetweenTwoPlugs() throws Exception {
        try (PlugClient first = PlugClient.plug(directory, 0); PlugClient second = PlugClient.plug(directory, 0)) {
            for (int length : new int[] {14, 59, 60, 1514, 1518, 9234, 65_535}) {
                byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, length);
                first.frame(frame);
                assertArrayEquals(frame, second.frame());
            }
            byte[] answer = Frames.plain(Frames.A, Frames.B, 60);
            second.frame(answer);
            assertArrayEquals(answer, first.frame());
        }
    }

    @Test
    void shouldAccountForEveryFrame() throws Exception {
        try (PlugClient first = PlugClient.plug(directory, 0);
                PlugClient second = PlugClient.plug(directory, 0);
                PlugClient deaf = PlugClient.plug(directory, 0)) {
            int sent = 0;
            for (int i = 0; i < 3000; i++) {
                first.frame(Frames.plain(i % 3 == 0 ? Frames.A : Frames.BROADCAST, Frames.A, 1514));
                first.frame(new byte[1 + i % 20]);
                sent += 2;
                if (i % 3 != 0) {
                    second.frame();
                }
            }
            int all = sent;
            Sandbox.await("all frames are in", () -> running.control()
                    .ask(bridge -> bridge.ports().port(1).received() == all ? "all" : "").join().equals("all"));
            deaf.address();
            assertEquals("", running.control().ask(SwitchTest::imbalance).join());
            assertTrue(running.control().ask(bridge -> bridge.ports().port(3).endpoints()[0].lost(Drop.EGRESS_FULL))
                    .join() > 0);
        }
    }

    @Test
    void shouldNotFeelAClientThatDiesUnheard() throws Exception {
        try (PlugClient first = PlugClient.plug(directory, 0); PlugClient second = PlugClient.plug(directory, 0)) {
            PlugClient.plug(directory, 0).close();
            byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, 60);
            first.frame(frame);
            assertArrayEquals(frame, second.frame());
        }
    }

    @Test
    void shouldEndItsClientsAndLeaveNothing() throws Exception {
        try (PlugClient client = PlugClient.plug(directory, 0)) {
            running.close();
            running.close();
            assertFalse(Files.exists(directory));
            assertThrows(java.io.IOException.class, () -> client.frame(new byte[60]));
            assertNull(client.reply());
        }
        assertEquals(List.of(), log);
        assertEquals(Switch.Ending.Reason.CLOSED, running.ended().get(10, TimeUnit.SECONDS).reason());
    }

    @Test
    void shouldSayWhyItEnded() throws Exception {
        running.end(new Switch.Ending(Switch.Ending.Reason.SHUTDOWN, ""));
        assertEquals(Switch.Ending.Reason.SHUTDOWN, running.ended().get(10, TimeUnit.SECONDS).reason());
        assertFalse(Files.exists(directory));
    }

    @Test
    void shouldEndAndCleanUpWhenItsDataPlaneFails() throws Exception {
        try (PlugClient first = PlugClient.plug(directory, 0); PlugClient second = PlugClient.plug(directory, 0)) {
            running.control().ask(bridge -> {
                bridge.ports().port(2).endpoints()[0] = null;
                return null;
            }).join();
            first.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
            Switch.Ending ending = running.ended().get(10, TimeUnit.SECONDS);
            assertEquals(Switch.Ending.Reason.FAILED, ending.reason());
            assertTrue(ending.detail().contains("NullPointerException"), ending.detail());
            assertNull(second.reply());
            assertFalse(Files.exists(directory));
        }
    }

    @Test
    void shouldStartAgainAfterItsEnd() throws Exception {
        running.close();
        start();
        PlugClient.plug(directory, 0).close();
    }

    @Test
    void shouldRunBesideAnotherInOneProcess() throws Exception {
        Path elsewhere = folder.resolve("other");
        try (Switch other = Switch.start(config(elsewhere), log::add);
                PlugClient here = PlugClient.plug(directory, 0);
                PlugClient there = PlugClient.plug(elsewhere, 0)) {
            assertTrue(other.macAddress() != running.macAddress());
            assertEquals(0x00ff, other.macAddress() >>> 32);
            here.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
            there.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
        }
        PlugClient.plug(directory, 0).close();
    }

    /// Both ledgers (invariant 5), or what is wrong with them.
    private static String imbalance(Bridge bridge) {
        long offered = 0;
        for (int number = 0; number < bridge.ports().count(); number++) {
            BridgePort port = bridge.ports().port(number);
            if (port == null) {
                continue;
            }
            long discarded = Drop.ALL.stream().mapToLong(port::discarded).sum();
            if (port.received() != port.consumed() + discarded + port.passedOn()) {
                return "port " + number + ": received=" + port.received() + " discarded=" + discarded;
            }
            for (Endpoint endpoint : port.endpoints()) {
                Endpoint.Ledger ledger = endpoint.ledger();
                long lost = Drop.ALL.stream().mapToLong(ledger::lost).sum();
                if (ledger.queued() < 0 || ledger.offered() != ledger.sent() + ledger.queued() + lost) {
                    return "endpoint " + endpoint.id() + ": " + ledger;
                }
                offered += ledger.offered();
            }
        }
        return offered == bridge.fanOut() ? "" : "offered=" + offered + " fan-out=" + bridge.fanOut();
    }
}
