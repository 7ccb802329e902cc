package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.HostInterface;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.ToldMeasures;
import org.vswitch.frame.FrameBatch;

/// Taps that join a bridge of the kernel.
class TapBridgeTest {
    private final TestHost host = new TestHost();
    private Sandbox sandbox;

    @AfterEach
    void close() {
        host.close();
        if (sandbox != null) {
            sandbox.close();
        }
    }

    /// The bridge takes neither MAC address nor MTU from a port of ours, though it has no other.
    @Test
    void shouldJoinABridgeThatStaysAsItIs() throws IOException {
        lan("br0");
        String before = attribute("br0", "address");
        open("t0[bridge=br0,up,netns=" + sandbox.name() + "]");
        assertEquals("up 1400 br0", state("t0"));
        assertTrue(attribute("t0", "address").startsWith("fe:"));
        String shown = sandbox(List.of("ip", "-d", "-o", "link", "show", "t0"));
        assertTrue(shown.contains(" addrgenmode none "), shown);
        open("t1[bridge=br0,mac=02:00:00:00:00:01,netns=" + sandbox.name() + "]");
        assertEquals("down 1400 br0", state("t1"));
        assertEquals("02:00:00:00:00:01", attribute("t1", "address"), "as asked");
        sandbox.run("ip", "link", "set", "t0", "address", "00:00:00:00:00:01");
        assertEquals(before, attribute("br0", "address"), "nor later");
        assertEquals("1400", attribute("br0", "mtu"));
        assertEquals(new LinkLabel("tuntap", "t0 netns=" + sandbox.name()), host.label(0));
    }

    /// A child process that another test starts may have the descriptor of one for a moment longer.
    @Test
    void shouldNameWhatIsNoBridgeAndLeaveNothingBehind() throws IOException {
        lan("br0");
        String here = ",netns=" + sandbox.name() + "]";
        assertRefused("tap: bridge=br1: ENODEV: No such device", "t0[bridge=br1" + here);
        assertRefused("tap: bridge=lo (no bridge): EOPNOTSUPP: Operation not supported", "t1[bridge=lo" + here);
        assertRefused("tap: bridge=t2 (no bridge): EOPNOTSUPP: Operation not supported", "t2[bridge=t2" + here);
        sandbox.run("timeout", "10", "sh", "-c", "until [ \"$(echo $(ls /sys/class/net))\" = 'br0 lo' ]; do :; done");
        String name = Sandbox.unique("vst");
        assertRefused("tap: bridge=br-of-nobody: ENODEV: No such device", name + "[bridge=br-of-nobody]");
        Sandbox.await("it has gone", () -> !HostInterface.exists(name));
    }

    @Test
    void shouldNameWhatDoesNotFitABridge() {
        assertRefused("tap: bridge= (1 to 15 bytes)", "t0[bridge=]");
        assertRefused("tap: bridge=0123456789abcdef (1 to 15 bytes)", "t0[bridge=0123456789abcdef]");
        assertRefused("tap: bridge=br:0 (without :)", "t0[bridge=br:0]");
        for (String word : List.of("mtu=9000", "addr=192.0.2.1/24", "addr6=fd00::1/64", "gw=192.0.2.1")) {
            assertRefused("tap: " + word + " (not with bridge=, which has its own)", "t0[bridge=br0,up," + word + "]");
        }
    }

    /// Guards believe what comes from there.
    @Test
    void shouldBeAnUplink() {
        TapScheme scheme = new TapScheme();
        assertTrue(scheme.isUplink(new LinkUrl("tap", "t0[bridge=br0]")));
        assertTrue(scheme.isUplink(new LinkUrl("tap", "t0[broker,bridge=br0]")));
        assertFalse(scheme.isUplink(new LinkUrl("tap", "t0[up]")));
        assertFalse(scheme.isUplink(new LinkUrl("tap", "t0[bridge=br0,nonsense]")));
    }

    /// Who restarts the host's network deletes both, and makes them again in whatever order.
    @Test
    void shouldJoinAgainWhenBothAreBack() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        String bridge = Sandbox.unique("vsbr");
        try {
            Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
            open(name + "[bridge=" + bridge + ",up]");
            Sandbox.execute("ip", "link", "del", bridge);
            Sandbox.execute("ip", "link", "del", name);
            follow(0);
            assertEquals(new LinkLabel("tuntap", name + " (gone)"), host.label(1));
            Sandbox.execute("ip", "tuntap", "add", name, "mode", "tap");
            follow(1);
            assertEquals(new LinkLabel("tuntap", name + " (" + bridge + " gone)"), host.label(2));
            Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
            follow(2);
            assertEquals(new LinkLabel("tuntap", name), host.label(3));
            assertTrue(Files.exists(Path.of("/sys/class/net", bridge, "brif", name)));
        } finally {
            host.close();
            remove(name);
            remove(bridge);
        }
    }

    /// Meanwhile the tap stays, but nothing is sent: without bridge it would go to the host.
    @Test
    void shouldJoinTheNextBridgeOfThatName() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        String bridge = Sandbox.unique("vsbr");
        try (FrameTray tray = new FrameTray()) {
            Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
            open(name + "[bridge=" + bridge + ",queues=2,up]");
            assertEquals(Map.of("bridged", 1L, "queues", 2L, "up", 1L, "set-down", 0L, "renamed", 0L),
                    ToldMeasures.of(host.link(0)));
            assertEquals(3, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
            for (int time = 0; time < 2; time++) {
                Sandbox.execute("ip", "link", "del", bridge);
                Sandbox.await("it has gone", () -> bridged() == 0);
                assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
                Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
                Sandbox.await("it is back", () -> bridged() == 1);
                assertTrue(Files.exists(Path.of("/sys/class/net", bridge, "brif", name)));
                assertEquals(3, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
            }
            assertEquals(new LinkLabel("tuntap", name), host.label(0));
            assertEquals(1, host.count(), "it was the same link all the time");
            String line = "tap: " + name + ": bridge=" + bridge;
            assertEquals(List.of(line + " has gone", line + " is back", line + " has gone", line + " is back"),
                    host.messages());
        } finally {
            host.close();
            remove(bridge);
        }
    }

    /// What is told in the end shows that it was not put back before.
    @Test
    void shouldNotBePutBackIntoABridgeThatStays() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        String bridge = Sandbox.unique("vsbr");
        String other = Sandbox.unique("vsbr");
        try {
            Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
            open(name + "[bridge=" + bridge + ",up]");
            Sandbox.execute("ip", "link", "set", name, "nomaster");
            Sandbox.await("it was taken out", () -> bridged() == 0);
            Sandbox.execute("ip", "link", "add", other, "type", "bridge");
            Sandbox.execute("ip", "link", "set", name, "master", other);
            Sandbox.await("it was put into another", () -> bridged() == 1);
            Sandbox.execute("ip", "link", "del", bridge);
            Sandbox.execute("ip", "tuntap", "add", bridge, "mode", "tap");
            Sandbox.execute("ip", "link", "del", other);
            Sandbox.await("what is no bridge is refused", () -> !host.messages().isEmpty());
            assertEquals(List.of("tap: bridge=" + bridge + " (no bridge): EOPNOTSUPP: Operation not supported"),
                    host.messages());
            Sandbox.execute("ip", "link", "del", bridge);
            Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
            Sandbox.await("it has joined", () -> bridged() == 1);
            assertEquals("tap: " + name + ": bridge=" + bridge + " is back", host.messages().getLast());
        } finally {
            host.close();
            remove(bridge);
            remove(other);
        }
    }

    /// Other tests open and close some beside it; what watches the tap closes its own a moment later.
    @Test
    void shouldLeaveNoDescriptorBehind() throws IOException {
        Sandbox.assumeTaps();
        String bridge = Sandbox.unique("vsbr");
        int rounds = 50;
        Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
        try {
            int before = Sandbox.openDescriptors();
            for (int round = 0; round < rounds; round++) {
                new TapScheme().open(new LinkUrl("tap", "[bridge=" + bridge + ",up]"), host).close();
            }
            Sandbox.await("all are closed", () -> Sandbox.openDescriptors() < before + rounds);
        } finally {
            remove(bridge);
        }
    }

    private long bridged() {
        return ToldMeasures.of(host.link(0)).get("bridged");
    }

    /// Waits for the end of a link, and lets the next one come.
    private void follow(int index) {
        FrameBatch batch = FrameBatch.forReceiving();
        Sandbox.await("the end of " + host.label(index), () -> host.link(index).receive(batch) == Link.GONE);
        host.detach(index);
    }

    private static void remove(String name) {
        if (HostInterface.exists(name)) {
            Sandbox.execute("ip", "link", "del", name);
        }
    }

    private void lan(String bridge) {
        sandbox = Sandbox.create();
        sandbox.run("ip", "link", "add", bridge, "type", "bridge");
        sandbox.run("ip", "link", "set", bridge, "mtu", "1400", "up");
    }

    private String state(String name) throws IOException {
        String shown = sandbox(List.of("ip", "-o", "link", "show", name));
        String up = shown.matches(".*<[^>]*\\bUP\\b.*") ? "up" : "down";
        return up + shown.replaceAll(".* (mtu) (\\d+).* (master) (\\S+).*", " $2 $4");
    }

    private String attribute(String name, String attribute) throws IOException {
        return sandbox(List.of("cat", "/sys/class/net/" + name + "/" + attribute));
    }

    private String sandbox(List<String> command) throws IOException {
        Process process = Processes.start(new ProcessBuilder(sandbox.inside(command.toArray(String[]::new)))
                .redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes()).strip();
        assertEquals(0, process.onExit().orTimeout(10, TimeUnit.SECONDS).join().exitValue(), output);
        return output;
    }

    private void assertRefused(String complaint, String rest) {
        assertEquals(complaint, assertThrows(IOException.class, () -> open(rest)).getMessage());
    }

    private void open(String rest) throws IOException {
        new TapScheme().open(new LinkUrl("tap", rest), host);
    }
}
