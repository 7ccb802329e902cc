package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.Bridge;
import org.vswitch.control.BridgeSettings;
import org.vswitch.control.GuardWishes;
import org.vswitch.control.SwitchLinks;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;
import org.vswitch.link.LinkUrl;

/// Many front-ends at one socket of a running switch.
class VhostUserGuestsTest {
    private static final int SECONDS = 30;
    private static final long FEATURES = 0x1_7060_BB8BL;

    @TempDir
    private Path folder;
    private final List<String> log = new ArrayList<>();
    private final List<FrontEndSocket> fronts = new ArrayList<>();
    private Switch network;
    private String path;

    @BeforeEach
    void start() throws Exception {
        network = Switch.start(SwitchConfig.in(folder.resolve("sw").toString()), this::log);
        path = folder.resolve("vhost").toString();
    }

    @AfterEach
    void stop() {
        fronts.forEach(FrontEndSocket::close);
        network.close();
        assertFalse(Files.exists(Path.of(path)), "the socket is left");
    }

    private void log(String line) {
        synchronized (log) {
            log.add(line.replace(folder.toString(), ""));
        }
    }

    private long logged(String line) {
        synchronized (log) {
            return log.stream().filter(line::equals).count();
        }
    }

    private void open(int guests) {
        network.links().add("vm", LinkUrl.parse("vhost-user://" + path + "[guests=" + guests + "]"),
                SwitchLinks.ANY_PORT).join();
    }

    private FrontEndSocket connect() throws IOException {
        FrontEndSocket front = FrontEndSocket.connect(path);
        fronts.add(front);
        return front;
    }

    private Set<Integer> ports() {
        return network.control().ask(VhostUserGuestsTest::active).join();
    }

    private static Set<Integer> active(Bridge bridge) {
        return IntStream.range(0, bridge.ports().count()).filter(number -> bridge.ports().port(number) != null
                && bridge.ports().port(number).isActive()).boxed().collect(Collectors.toSet());
    }

    @Test
    void shouldGiveEachFrontEndAPortForAsLongAsItIsThere() throws IOException {
        open(8);
        assertEquals(Set.of(), ports());
        for (int i = 0; i < 8; i++) {
            assertEquals(FEATURES, connect().ask(VhostRequest.GET_FEATURES));
        }
        assertEquals(Set.of(1, 2, 3, 4, 5, 6, 7, 8), ports());
        fronts.get(2).close();
        fronts.get(6).close();
        Sandbox.await("two have left", SECONDS, () -> ports().equals(Set.of(1, 2, 4, 5, 6, 8)));
        assertEquals(FEATURES, fronts.getFirst().ask(VhostRequest.GET_FEATURES));
        assertEquals(FEATURES, connect().ask(VhostRequest.GET_FEATURES));
        assertEquals(Set.of(1, 2, 3, 4, 5, 6, 8), ports());
    }

    @Test
    void shouldTurnAwayOneTooManyUntilAnotherLeaves() throws IOException {
        open(2);
        for (int i = 0; i < 2; i++) {
            connect().ask(VhostRequest.GET_FEATURES);
        }
        for (int i = 0; i < 5; i++) {
            assertTrue(connect().isEnded());
        }
        assertEquals(1, logged("vhost-user: /vhost: more than guests=2"), log.toString());
        fronts.getFirst().close();
        Sandbox.await("a place", SECONDS, () -> ports().equals(Set.of(2)));
        assertEquals(FEATURES, connect().ask(VhostRequest.GET_FEATURES));
    }

    @Test
    void shouldTurnAwayWhomTheSwitchHasNoPortFor() throws Exception {
        network.close();
        network = Switch.start(SwitchConfig.in(folder.resolve("sw").toString()).with(
                new BridgeSettings(2, false, false, 1, 0,
                        BridgeSettings.DEFAULT.addresses(),
                        GuardWishes.NONE)), this::log);
        open(8);
        assertEquals(FEATURES, connect().ask(VhostRequest.GET_FEATURES));
        assertTrue(connect().isEnded());
        Sandbox.await("it is told", () ->
                logged("vhost-user: /vhost: no free port for vhost-user:///vhost[guests=8]") == 1);
    }

    @Test
    void shouldServeOthersWhileOneTalksNonsenseOrNothing() throws IOException {
        open(8);
        FrontEndSocket good = connect();
        assertEquals(FEATURES, good.ask(VhostRequest.GET_FEATURES));
        connect();
        for (int i = 0; i < 3; i++) {
            FrontEndSocket bad = connect();
            bad.send("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertTrue(bad.isEnded());
        }
        assertEquals(FEATURES, good.ask(VhostRequest.GET_FEATURES));
        assertEquals(FEATURES, connect().ask(VhostRequest.GET_FEATURES));
    }

    @Test
    void shouldEndAllWhenWithdrawn() throws IOException {
        open(4);
        for (int i = 0; i < 4; i++) {
            connect().ask(VhostRequest.GET_FEATURES);
        }
        assertTrue(network.links().remove("vm").join());
        for (FrontEndSocket front : fronts) {
            assertTrue(front.isEnded());
        }
        assertEquals(Set.of(), ports());
        open(1);
        assertEquals(FEATURES, connect().ask(VhostRequest.GET_FEATURES));
    }
}
