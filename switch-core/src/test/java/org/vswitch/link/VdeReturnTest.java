package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.Bridge;
import org.vswitch.control.SwitchLinks;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;

/// A switch whose `vde://` link leads to another one, which is ended and started anew.
@Timeout(120)
class VdeReturnTest {
    private static final Path VDE_SWITCH = Path.of("/usr/bin/vde_switch");
    @TempDir
    private Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Switch running;

    @BeforeEach
    void start() throws Exception {
        running = Switch.start(SwitchConfig.in(folder.resolve("sw").toString()), log::add);
    }

    @AfterEach
    void end() {
        running.close();
        assertFalse(Files.exists(folder.resolve("sw")));
    }

    @Test
    void shouldBeCabledToASwitchOfOursAgainAtTheSamePortWithItsCounters() throws Exception {
        try (PlugClient here = PlugClient.plug(folder.resolve("sw"), 0)) {
            try (Switch _ = far()) {
                cable();
                exchange(here);
            }
            awaitLost();
            assertEquals(List.of(1L, 1L), counters());
            try (PlugClient _ = PlugClient.plug(folder.resolve("sw"), 0)) {
                assertEquals(List.of(1, 3), active(), "the port is kept");
                try (Switch _ = far()) {
                    awaitLink(ShmLink.class);
                    exchange(here);
                    assertEquals(List.of(2L, 2L), counters());
                }
            }
            awaitLost();
        }
        assertEquals(List.of(said("has gone"), said("is there"), said("has gone")), log);
        assertTrue(running.links().remove("far").join());
        Sandbox.await("empty ports", () -> active().isEmpty());
        try (PlugClient _ = PlugClient.plug(folder.resolve("sw"), 0);
                PlugClient _ = PlugClient.plug(folder.resolve("sw"), 0)) {
            assertEquals(List.of(1, 2), active(), "the port is free");
        }
    }

    @Test
    void shouldAgreeAnewOnHowFramesGo() throws Exception {
        assumeTrue(Files.isExecutable(VDE_SWITCH), "vde_switch is not installed");
        try (PlugClient here = PlugClient.plug(folder.resolve("sw"), 0)) {
            Process theirs = vdeSwitch();
            cable();
            assertInstanceOf(DatagramLink.class, link());
            exchange(here);
            theirs.destroyForcibly();
            assertTrue(theirs.waitFor(10, TimeUnit.SECONDS));
            awaitLost();
            try (Switch _ = far()) {
                awaitLink(ShmLink.class);
                exchange(here);
            }
            awaitLost();
            theirs = vdeSwitch();
            awaitLink(DatagramLink.class);
            exchange(here);
            theirs.destroyForcibly();
        }
    }

    private Switch far() throws Exception {
        return Switch.start(SwitchConfig.in(folder.resolve("far").toString()), _ -> { });
    }

    private Process vdeSwitch() throws IOException {
        Process started = Processes.start(new ProcessBuilder(VDE_SWITCH.toString(), "-s",
                folder.resolve("far").toString()).redirectError(ProcessBuilder.Redirect.DISCARD));
        BufferedReader console = started.inputReader(StandardCharsets.ISO_8859_1);
        started.getOutputStream().write("showinfo\n".getBytes(StandardCharsets.ISO_8859_1));
        started.getOutputStream().flush();
        assertTrue(console.lines().anyMatch(line -> line.startsWith("1000 Success")));
        return started;
    }

    private void cable() throws Exception {
        SwitchLinks.Opened opened = running.links().add("far", url(), SwitchLinks.ANY_PORT)
                .get(30, TimeUnit.SECONDS);
        assertEquals(2, opened.port());
    }

    private LinkUrl url() {
        return new LinkUrl("vde", folder.resolve("far").toString());
    }

    private String said(String news) {
        return "vde: " + folder.resolve("far") + " " + news;
    }

    /// Broadcasts of a station on either side reach the other.
    private void exchange(PlugClient here) throws IOException {
        try (PlugClient there = PlugClient.plug(folder.resolve("far"), 0)) {
            byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, 60);
            here.frame(frame);
            assertArrayEquals(frame, there.frame());
            there.frame(Frames.plain(Frames.A, Frames.B, 1514));
            assertArrayEquals(Frames.plain(Frames.A, Frames.B, 1514), here.frame());
        }
    }

    private void awaitLost() {
        Sandbox.await("the end of the link", () -> link() == null);
    }

    private void awaitLink(Class<? extends Link> kind) {
        Sandbox.await("another link at its port", () -> kind.isInstance(link()));
    }

    private Link link() {
        return ask(bridge -> bridge.ports().port(2).isActive() ? bridge.ports().port(2).endpoints()[0].link() : null);
    }

    private List<Long> counters() {
        return ask(bridge -> List.of(bridge.ports().port(2).received(), bridge.ports().port(2).transmitted()));
    }

    private List<Integer> active() {
        return ask(bridge -> IntStream.range(0, bridge.ports().count()).boxed()
                .filter(number -> bridge.ports().port(number) != null && bridge.ports().port(number).isActive())
                .toList());
    }

    private <T> T ask(Function<Bridge, T> question) {
        return running.control().ask(question).join();
    }
}
