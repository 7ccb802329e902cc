package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;

/// Our plug in Debian's vde_switch.
class VdeInteropTest {
    private static final Path VDE_SWITCH = Path.of("/usr/bin/vde_switch");
    @TempDir
    private Path directory;
    private final TestHost host = new TestHost();
    private final FrameTray tray = new FrameTray();
    private Process vdeSwitch;
    private BufferedReader console;

    @BeforeEach
    void start() throws IOException {
        assumeTrue(Files.isExecutable(VDE_SWITCH), "vde_switch is not installed");
        start(VDE_SWITCH.toString());
    }

    private void start(String... command) throws IOException {
        List<String> whole = new java.util.ArrayList<>(List.of(command));
        whole.addAll(List.of("-s", directory.resolve("sw").toString(), "-n", "8"));
        vdeSwitch = Processes.start(new ProcessBuilder(whole).redirectError(ProcessBuilder.Redirect.DISCARD));
        console = vdeSwitch.inputReader(StandardCharsets.ISO_8859_1);
        Sandbox.await("vde_switch listens", () -> Files.exists(directory.resolve("sw/ctl")));
        // it creates its socket before it listens; the console answers once it serves
        assertTrue(ask("showinfo").contains("1000 Success"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        host.close();
        tray.close();
        stopSwitch();
    }

    private void stopSwitch() throws InterruptedException {
        if (vdeSwitch != null) {
            vdeSwitch.destroy();
            assertTrue(vdeSwitch.waitFor(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void shouldCarryFramesBothWays() throws IOException {
        open("");
        open("");
        for (int length : new int[] {14, 60, 1514}) {
            exchange(host.link(0), host.link(1), FrameTray.frame(length, length));
            exchange(host.link(1), host.link(0), FrameTray.frame(length + 1, length));
        }
    }

    @Test
    void shouldGetThePortItAsksFor() throws IOException {
        open("[5]");
        String port = ask("port/print 5");
        assertTrue(port.contains("Port 0005 untagged_vlan=0000 ACTIVE"), port);
        assertTrue(port.contains("module unix prog   : test: user=" + System.getProperty("user.name") + " pid="
                + ProcessHandle.current().pid()), port);
    }

    @Test
    void shouldGetPortZeroIfItAsksForIt() throws IOException {
        open("[0]");
        assertTrue(ask("port/print 0").contains("Port 0000 untagged_vlan=0000 ACTIVE"));
    }

    @Test
    void shouldGiveUpWhereTheSwitchRefusesWithoutAWord() {
        long start = System.nanoTime();
        IOException refusal = assertThrows(IOException.class, () -> open("[40]"));
        assertTrue(refusal.getMessage().startsWith("vde: " + directory + "/sw/ctl"), refusal.getMessage());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(30));
    }

    @Test
    void shouldFreeItsPortWhenWithdrawn() throws IOException {
        open("[3]").close();
        Sandbox.await("the port is empty", () -> ask("port/print 3").contains("1006 "));
        assertFalse(ask("port/allprint").contains(" ACTIVE"));
    }

    @Test
    void shouldReachASwitchOfAnotherUser() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can start a switch of another user");
        stopSwitch();
        Files.setAttribute(directory, "unix:uid", 65534);
        start("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", VDE_SWITCH.toString());
        open("");
        open("");
        exchange(host.link(0), host.link(1), FrameTray.frame(1, 60));
    }

    @Test
    void shouldEndWithTheSwitch() throws IOException {
        open("");
        vdeSwitch.destroy();
        Sandbox.await("the link was detached", () -> host.link(0) == null);
    }

    private LinkScheme.Attachment open(String options) throws IOException {
        return new VdeScheme().open(LinkUrl.parse("vde://" + directory.resolve("sw") + options), host);
    }

    private void exchange(Link from, Link to, byte[] frame) {
        assertEquals(1, tray.send(from, List.of(frame)));
        byte[][] received = new byte[1][];
        Sandbox.await("the frame", () -> {
            List<byte[]> frames = tray.receive(to);
            received[0] = frames.isEmpty() ? null : frames.getFirst();
            return received[0] != null;
        });
        assertArrayEquals(frame, received[0]);
    }

    /// One console command and its reply up to the status line.
    private String ask(String command) {
        try {
            vdeSwitch.getOutputStream().write((command + "\n").getBytes(StandardCharsets.ISO_8859_1));
            vdeSwitch.getOutputStream().flush();
            StringBuilder reply = new StringBuilder();
            String line = "";
            while (line != null && !line.matches("1\\d{3} .*")) {
                line = console.readLine();
                reply.append(line).append('\n');
            }
            return reply.toString();
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }
}
