package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.BridgePort;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.link.LinkUrl;

/// Links by URL at a running switch.
@Timeout(60)
class LinkRegistryTest {
    private static final LinkUrl NULL = LinkUrl.parse("null://");

    @TempDir
    Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Switch running;

    @AfterEach
    void end() {
        if (running != null) {
            running.close();
        }
    }

    @Test
    void shouldNameLinksBySchemeAndPort() throws Exception {
        start();
        assertEquals(new SwitchLinks.Opened("null1", NULL, 1, false), add(null, NULL, SwitchLinks.ANY_PORT));
        assertEquals(new SwitchLinks.Opened("null7", NULL, 7, false), add(null, NULL, 7));
        assertEquals(new SwitchLinks.Opened("sink", NULL, 2, false), add("sink", NULL, SwitchLinks.ANY_PORT));
        assertEquals(new SwitchLinks.Opened("null8", NULL, 7, false), add(null, NULL, 7));
        assertEquals(List.of("null1", "null7", "null8", "sink"),
                running.links().list().join().stream().map(SwitchLinks.Opened::name).toList());
    }

    @Test
    void shouldFreeThePortOfALinkThatIsWithdrawn() throws Exception {
        start();
        add("sink", NULL, SwitchLinks.ANY_PORT);
        assertTrue(running.links().remove("sink").join());
        assertFalse(running.links().remove("sink").join());
        assertEquals(List.of(), running.links().list().join());
        assertEquals(1, add(null, NULL, SwitchLinks.ANY_PORT).port());
    }

    @Test
    void shouldSayWhatIsWrong() throws Exception {
        start();
        add("sink", NULL, SwitchLinks.ANY_PORT);
        assertEquals("link name=sink is in use", refusal("sink", NULL, SwitchLinks.ANY_PORT));
        assertEquals("no port 32 for null://", refusal(null, NULL, 32));
        assertTrue(refusal(null, LinkUrl.parse("nonsense://x"), 1).startsWith(
                "unknown scheme nonsense in nonsense://x, known are: "));
        for (int port = 2; port < 32; port++) {
            add(null, NULL, SwitchLinks.ANY_PORT);
        }
        assertEquals("no free port for null://", refusal(null, NULL, SwitchLinks.ANY_PORT));
    }

    @Test
    void shouldShowWhatHasEndedByItselfUntilItsNameIsTakenAgain() throws Exception {
        start();
        add("sink", NULL, 5);
        end(5);
        SwitchLinks.Opened ended = new SwitchLinks.Opened("sink", NULL, 5, true);
        Sandbox.await("its end", () -> running.links().list().join().equals(List.of(ended)));
        assertEquals(new SwitchLinks.Opened("sink", NULL, 6, false), add("sink", NULL, 6));
        assertEquals(1, running.links().list().join().size());
        end(6);
        Sandbox.await("its end", () -> running.links().list().join().getFirst().ended());
        assertTrue(running.links().remove("sink").join());
        assertEquals(List.of(), running.links().list().join());
        add("sink", NULL, 7);
        assertTrue(running.links().remove("sink").join());
        assertEquals(List.of(NULL + " has ended", NULL + " has ended"), log);
    }

    @Test
    void shouldForgetWhatHasEndedLongAgo() throws Exception {
        start();
        for (int i = 0; i < 70; i++) {
            add("sink" + i, NULL, 5);
            end(5);
            String name = "sink" + i;
            Sandbox.await("its end", () -> running.links().list().join().stream()
                    .anyMatch(each -> each.ended() && each.name().equals(name)));
        }
        add("last", NULL, 5);
        List<String> names = running.links().list().join().stream().map(SwitchLinks.Opened::name).toList();
        assertEquals(65, names.size());
        assertFalse(names.contains("sink5") || !names.contains("sink6"), names.toString());
    }

    private void end(int number) {
        running.control().ask(bridge -> {
            BridgePort port = bridge.ports().port(number);
            running.control().gate().detach(port.endpoints()[0]);
            return null;
        }).join();
    }

    @Test
    void shouldPlugIntoAnotherSwitch() throws Exception {
        start();
        Path far = folder.resolve("far");
        try (Switch _ = Switch.start(SwitchConfig.in(far.toString()), log::add);
                PlugClient here = PlugClient.plug(folder.resolve("sw"), 0);
                PlugClient there = PlugClient.plug(far, 0)) {
            add("trunk", LinkUrl.parse("vde://" + far + "[9]"), 9);
            here.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
            assertEquals(60, there.frame().length);
            there.frame(Frames.plain(Frames.A, Frames.B, 1514));
            assertEquals(1514, here.frame().length);
        }
        Sandbox.await("the cable has gone with the switch", () -> running.control()
                .ask(bridge -> bridge.ports().port(9).isActive() ? "active" : "").join().isEmpty());
    }

    @Test
    void shouldOpenLinksAtStart() throws Exception {
        running = Switch.start(config()
                .withLinks(List.of("sink=null://", "null://")), log::add);
        assertEquals(List.of("null2", "sink"),
                running.links().list().join().stream().map(SwitchLinks.Opened::name).toList());
    }

    @Test
    void shouldNotStartIfALinkCannotBeOpened() {
        SwitchConfig config = config()
                .withLinks(List.of("null://", "up=vde://" + folder + "/nowhere"));
        StartException refused = assertThrows(StartException.class, () -> Switch.start(config, log::add));
        assertEquals(StartException.Kind.LINK, refused.kind());
        assertTrue(refused.getMessage().startsWith("link up=vde://" + folder + "/nowhere: "), refused.getMessage());
        assertFalse(Files.exists(folder.resolve("sw")));
        assertEquals(List.of(), log);
    }

    @Test
    void shouldOnlyLogATapThatCannotBeOpened() throws Exception {
        SwitchConfig config = config();
        running = Switch.start(new SwitchConfig(config.bridge(), config.ctl(), config.management(),
                List.of("name-that-is-too-long"), List.of(), config.limits(), config.threads()), log::add);
        assertEquals(1, log.size());
        assertTrue(log.getFirst().startsWith("ERROR OPENING tap interface: name-that-is-too-long: "),
                log.getFirst());
        PlugClient.plug(folder.resolve("sw"), 0).close();
    }

    @Test
    void shouldNotStartIfTheOptionsOfATapMakeNoSense() {
        SwitchConfig config = config();
        SwitchConfig wrong = new SwitchConfig(config.bridge(), config.ctl(), config.management(), List.of("t0[upp]"),
                List.of(), config.limits());
        StartException refused = assertThrows(StartException.class, () -> Switch.start(wrong, log::add));
        assertTrue(refused.getMessage().startsWith("link tap://t0[upp]: tap: unknown option upp (known: mtu=, "),
                refused.getMessage());
        assertTrue(refused.getMessage().endsWith(", bridge=, [guard=], [thread=])"), "all that may be given here");
        assertEquals(List.of(), log);
    }

    @Test
    void shouldAnswerAfterTheEnd() throws Exception {
        start();
        running.close();
        assertEquals("the switch has ended", refusal(null, NULL, SwitchLinks.ANY_PORT));
    }

    SwitchConfig config() {
        return SwitchConfig.in(folder.resolve("sw").toString());
    }

    private void start() throws StartException {
        running = Switch.start(config(), log::add);
    }

    private SwitchLinks.Opened add(String name, LinkUrl url, int port) {
        return running.links().add(name, url, port).join();
    }

    private String refusal(String name, LinkUrl url, int port) {
        return assertThrows(CompletionException.class, () -> add(name, url, port)).getCause().getMessage();
    }
}
