package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.control.StartException;
import org.vswitch.control.SwitchLinks;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.link.CrossingLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkUrl;

/// A switch with several data-plane threads, which run.
@Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SwitchThreadsTest {
    private static final int FRAMES = 20_000;
    private static final int ROUNDS = 200;

    @TempDir
    private Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Path directory;
    private Switch running;

    @BeforeEach
    void start() throws StartException {
        directory = folder.resolve("sw");
        running = Switch.start(SwitchConfig.in(directory.toString()).withThreads(2), log::add);
    }

    @AfterEach
    void end() {
        running.close();
    }

    /// Two pairs, each of one port on either thread, at the same time. Who sends goes on until the last frame has come.
    @Test
    void shouldKeepEachFlowInOrder() throws Exception {
        List<PlugClient> clients = new ArrayList<>();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                clients.add(PlugClient.plug(directory, 0));
            }
            for (int i = 0; i < 4; i++) {
                clients.get(i).frame(Frames.plain(Frames.A + i, Frames.A + i, 60)); // says where it is
            }
            Sandbox.await("four addresses", () -> running.control()
                    .ask(bridge -> bridge.addresses().count()).join() == 4);
            for (int i = 0; i < 4; i++) {
                int from = i;
                CompletableFuture<Void> received = CompletableFuture.runAsync(
                        () -> receive(clients.get(from ^ 1), from), task -> run(task, "receiver"));
                ends.add(received);
                ends.add(CompletableFuture.runAsync(() -> send(clients.get(from), from, received),
                        task -> run(task, "sender")));
            }
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).join();
        } finally {
            clients.forEach(PlugClient::close);
        }
    }

    private static void run(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void send(PlugClient client, int from, CompletableFuture<Void> received) {
        byte[] frame = Frames.plain(Frames.A + (from ^ 1), Frames.A + from, 200);
        try {
            for (int i = 0; !received.isDone(); i++) {
                ByteBuffer.wrap(frame).putInt(20, i);
                client.frame(frame);
            }
        } catch (Exception failure) {
            throw new CompletionException(failure);
        }
    }

    private static void receive(PlugClient client, int from) {
        try {
            int last = -1;
            while (last < FRAMES) {
                byte[] frame = client.frame();
                int number = ByteBuffer.wrap(frame).getInt(20);
                if (frame.length == 200) {
                    assertTrue(number > last, "from " + from + ": " + number + " behind " + last);
                    last = number;
                }
            }
        } catch (Exception failure) {
            throw new CompletionException(failure);
        }
    }

    /// Each wakes the next: no wake-up is lost, however often all sleep.
    @Test
    void shouldPassSingleFramesThroughThreadsThatSleep() throws Exception {
        try (PlugClient first = PlugClient.plug(directory, 0); PlugClient second = PlugClient.plug(directory, 0)) {
            for (int i = 0; i < ROUNDS; i++) {
                first.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60 + i));
                assertEquals(60 + i, second.frame().length);
                second.frame(Frames.plain(Frames.A, Frames.B, 60 + i));
                assertEquals(60 + i, first.frame().length);
            }
        }
    }

    @Test
    void shouldEndWithAnErrorOfAnyThread() throws Exception {
        running.control().ask(bridge -> {
            running.control().settings().create(5, true);
            return running.control().gate().attach(
                    new Plug(7, 5, new Faulty(), new LinkLabel("test", "faulty"), () -> { }, 1));
        }).join();
        try (PlugClient client = PlugClient.plug(directory, 0)) {
            client.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
            Switch.Ending ending = running.ended().get(20, TimeUnit.SECONDS);
            assertEquals(Switch.Ending.Reason.FAILED, ending.reason());
            assertTrue(ending.detail().contains("a bug"), ending.detail());
        }
    }

    @Test
    void shouldPutALinkWhereItsUrlSays() {
        SwitchLinks.Opened opened = running.links().add("sink", LinkUrl.parse("null://[thread=1]"), 5).join();
        assertEquals(5, opened.port());
        assertTrue(endpoint(5).link() instanceof CrossingLink);
        assertTrue(running.links().remove("sink").join());
        Throwable refused = assertThrows(CompletionException.class, () ->
                running.links().add("sink", LinkUrl.parse("null://[thread=2]"), 5).join()).getCause();
        assertEquals("thread=2: must be 0 to 1", refused.getMessage());
    }

    @Test
    void shouldLeaveNothingBehind() throws Exception {
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 50; i++) {
            try (PlugClient first = PlugClient.plug(directory, 0); PlugClient second = PlugClient.plug(directory, 0)) {
                first.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
                assertEquals(60, second.frame().length);
            }
        }
        Sandbox.await("all ports are empty", () -> running.control()
                .ask(bridge -> bridge.ports().active().isEmpty()).join());
        Sandbox.awaitDescriptors(before, 50);
    }

    private Endpoint endpoint(int port) {
        return running.control().ask(bridge -> bridge.ports().port(port).endpoints()[0]).join();
    }

    private static final class Faulty implements Link {
        @Override
        public LinkFeatures features() {
            return LinkFeatures.plain(1514, 0);
        }

        @Override
        public int descriptor() {
            return NO_DESCRIPTOR;
        }

        @Override
        public int receive(FrameBatch batch) {
            return 0;
        }

        @Override
        public int transmit(FrameBatch batch, int[] rows, int from, int to) {
            throw new IllegalStateException("a bug");
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
