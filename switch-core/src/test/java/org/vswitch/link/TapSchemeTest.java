package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.HostInterface;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.ToldMeasures;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.TunTap;

class TapSchemeTest {
    private final TestHost host = new TestHost();

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void shouldMakeAnInterfaceThatGoesWithTheLink() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        LinkScheme.Attachment attachment = new TapScheme().open(new LinkUrl("tap", name), host);
        assertTrue(HostInterface.exists(name));
        assertEquals(new LinkLabel("tuntap", name), host.label(0), "as vde_switch shows it");
        attachment.close();
        Sandbox.await("the interface has gone", () -> !HostInterface.exists(name));
    }

    @Test
    void shouldSayThatItHasGoneOnceTheInterfaceWasDeleted() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        new TapScheme().open(new LinkUrl("tap", name), host);
        FrameBatch batch = FrameBatch.forReceiving();
        assertEquals(0, host.link(0).receive(batch));
        Sandbox.execute("ip", "link", "del", name);
        assertEquals(Link.GONE, host.link(0).receive(batch));
        try (FrameTray tray = new FrameTray()) {
            assertEquals(Link.GONE, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
        }
    }

    /// A tap begins its life down: what is flooded to it until somebody sets it up is no error of the link.
    @Test
    void shouldSayThatItIsDownUntilItIsUp() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        new TapScheme().open(new LinkUrl("tap", name), host);
        try (FrameTray tray = new FrameTray()) {
            assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
            assertEquals(Drop.LINK_DOWN, Link.loss(Link.DOWN));
            Sandbox.execute("ip", "link", "set", name, "up");
            assertEquals(3, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
        }
    }

    /// A renaming is none of the link's business.
    @Test
    void shouldGoOnWhenTheInterfaceIsRenamed() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        String other = Sandbox.unique("vst");
        open(name);
        Sandbox.execute("ip", "link", "set", name, "name", other, "up");
        try (FrameTray tray = new FrameTray()) {
            assertEquals(3, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
        }
        assertNotEquals(Link.GONE, host.link(0).receive(FrameBatch.forReceiving()));
        assertEquals(Map.of("up", 1L, "set-down", 0L, "renamed", 1L), ToldMeasures.of(host.link(0)));
        assertEquals(1, ToldMeasures.of(host.link(0)).get("renamed"), "counted once");
    }

    @Test
    void shouldTellAndCountThatTheInterfaceIsSetDown() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        open(name);
        assertEquals(Map.of("up", 0L, "set-down", 0L, "renamed", 0L), ToldMeasures.of(host.link(0)), "it never was up");
        try (FrameTray tray = new FrameTray()) {
            for (int time = 1; time <= 2; time++) {
                Sandbox.execute("ip", "link", "set", name, "up");
                assertEquals(3, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
                assertEquals(Map.of("up", 1L, "set-down", time - 1L, "renamed", 0L), ToldMeasures.of(host.link(0)));
                Sandbox.execute("ip", "link", "set", name, "down");
                assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
                assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
                assertEquals(Map.of("up", 0L, "set-down", (long) time, "renamed", 0L), ToldMeasures.of(host.link(0)));
            }
        }
    }

    /// The waiting link ends when it is time to look again, also if another program has the interface by then.
    @Test
    void shouldComeBackWithTheInterfaceSetUpAsBefore() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        LinkScheme.Attachment attachment = new TapScheme().open(new LinkUrl("tap", name + "[mtu=9000,up]"), host);
        FrameBatch batch = FrameBatch.forReceiving();
        Sandbox.execute("ip", "link", "del", name);
        Sandbox.await("the end", () -> host.link(0).receive(batch) == Link.GONE);
        host.detach(0);
        assertEquals(new LinkLabel("tuntap", name + " (gone)"), host.label(1));
        assertEquals(0, host.link(1).receive(batch));
        assertEquals(Map.of("up", 0L), ToldMeasures.of(host.link(1)));
        try (FrameTray tray = new FrameTray()) {
            assertEquals(Link.DOWN, tray.send(host.link(1), FrameTray.frames(0, 3, 60)));
        }
        try (TunTap maker = TunTap.open(name, 0)) {
            maker.persist();
            Sandbox.await("news", () -> host.link(1).receive(batch) == Link.GONE);
            host.detach(1);
            assertEquals(new LinkLabel("tuntap", name + " (gone)"), host.label(2), "it is in use");
        }
        int last = 2;
        do { // a process that another test starts has the descriptor for a moment
            assertTheClockEnds((TimedLink) host.link(last), batch);
            host.detach(last++);
        } while (host.label(last).equals(new LinkLabel("tuntap", name + " (gone)")) && last < 50);
        int back = last;
        assertEquals(new LinkLabel("tuntap", name), host.label(back));
        assertEquals("9000", HostInterface.attribute(name, "mtu"));
        assertTrue(HostInterface.isUp(name));
        Sandbox.execute("ip", "link", "del", name);
        Sandbox.await("the end", () -> host.link(back).receive(batch) == Link.GONE);
        attachment.close();
        assertEquals(back + 1, host.count(), "closed while the interface is gone: nothing waits for it");
    }

    /// By its name, its path, and the number of a process in it.
    @Test
    void shouldMakeTheInterfaceInAnotherNamespace() throws IOException, InterruptedException {
        try (Sandbox sandbox = Sandbox.create()) {
            Process process = Processes.start(new ProcessBuilder(sandbox.inside("sleep", "60")));
            try {
                Sandbox.await("it is inside", () -> !isHere(process));
                int number = 0;
                for (String which : List.of(sandbox.name(), "/run/netns/" + sandbox.name(), "" + process.pid())) {
                    String inside = Sandbox.unique("vst");
                    open(inside + "[netns=" + which + ",mtu=9000,mac=52:54:00:12:34:5" + number + ",addr=198.51.10"
                            + number + ".1/24,up]");
                    assertEquals(new LinkLabel("tuntap", inside + " netns=" + which), host.label(number));
                    assertFalse(HostInterface.exists(inside), "not here");
                    assertEquals(0, ToldMeasures.of(host.link(number)).get("renamed"), "by nobody but us");
                    sandbox.run("sh", "-c", "ip link show " + inside + " | grep -q '<.*,UP.* mtu 9000 '"
                            + " && ip link show " + inside + " | grep -q 52:54:00:12:34:5" + number
                            + " && ip addr show " + inside + " | grep -q 198.51.10" + number + ".1/24");
                    try (FrameTray tray = new FrameTray()) {
                        assertEquals(3, tray.send(host.link(number), FrameTray.frames(0, 3, 60)));
                    }
                    number++;
                }
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void shouldEndWithItsNamespaceAndWaitForNothing() throws IOException {
        try (Sandbox sandbox = Sandbox.create()) {
            open("t0[netns=" + sandbox.name() + "]");
        }
        FrameBatch batch = FrameBatch.forReceiving();
        Sandbox.await("the end", () -> host.link(0).receive(batch) == Link.GONE);
        assertFalse(host.hasEnded());
        host.detach(0);
        assertEquals(1, host.count());
        assertTrue(host.hasEnded());
    }

    @Test
    void shouldSayWhyItCannotMakeItInANamespace() throws IOException {
        try (Sandbox sandbox = Sandbox.create()) {
            assertRefused("tap: netns=no-such (no such name; ip netns lists those there are): ENOENT: No such file or "
                    + "directory", "t0[netns=no-such]");
            assertRefused("tap: netns=999999999 (there is no such process, or it has ended): ENOENT: No such file or "
                    + "directory", "t0[netns=999999999]");
            assertRefused("tap: netns=/no/such: ENOENT: No such file or directory", "t0[netns=/no/such]");
            String file = "/proc/self/status";
            assertRefused("tap: t0 in netns=" + file + ": EINVAL: Invalid argument", "t0[netns=" + file + "]");
            open("t0[netns=" + sandbox.name() + "]");
            assertRefused("tap: t0 in netns=" + sandbox.name() + ": EEXIST: File exists",
                    "t0[netns=" + sandbox.name() + "]");
            sandbox.run("timeout", "10", "sh", "-c", "until [ $(ls /sys/class/net | grep -c '^t') = 1 ]; do :; done");
        }
    }

    private static boolean isHere(Process process) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/net"))
                    .equals(Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/ns/net")));
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    private static void assertTheClockEnds(TimedLink link, FrameBatch batch) {
        link.now(5);
        assertFalse(link.isReady());
        assertEquals(0, link.receive(batch));
        link.now(link.deadlineNs() - 1);
        assertFalse(link.isReady());
        link.now(link.deadlineNs());
        assertTrue(link.isReady());
        assertEquals(Link.GONE, link.receive(batch));
    }

    @Test
    void shouldLetTheKernelChooseAName() throws IOException {
        Sandbox.assumeTaps();
        new TapScheme().open(new LinkUrl("tap", ""), host);
        assertTrue(host.label(0).description().matches("tap\\d+"), host.label(0).description());
    }

    @Test
    void shouldNameTheValueAtFault() {
        assertEquals("tap: name " + "n".repeat(16) + " (at most 15 bytes): File name too long",
                assertThrows(IOException.class, () -> open("n".repeat(16))).getMessage());
        assertRefused("tap: unknown option mut (known: mtu=, mac=, addr=, addr6=, gw=, offload=, queues=, netns=, up, "
                + "lo, persist, broker, broker=, bridge=)",
                "t0[mut=9000]");
        assertRefused("tap: option up takes no value", "t0[up=1]");
        assertRefused("tap: mtu=1400: mtu=1500 is given too", "t0[mtu=1500,mtu=1400]");
        for (String bad : List.of("67", "65522", "x", "-1", "99999999999", "")) {
            assertRefused("tap: mtu=" + bad + " (68 to 65521)", "t0[mtu=" + bad + "]");
        }
        for (String bad : List.of("52:54:00", "01:00:5e:00:00:01", "00:00:00:00:00:00", "")) {
            assertRefused("tap: mac=" + bad + " (not the MAC address of a station)", "t0[mac=" + bad + "]");
        }
        for (String bad : List.of("198.51.100.1", "198.51.100.1/33", "198.51.100.1/0", "1.2.3/8", "999.1.1.1/8",
                "fd00::1/64", "host/24", "")) {
            assertRefused("tap: addr=" + bad + " (an address and the bits of its subnet)", "t0[addr=" + bad + "]");
        }
        for (String bad : List.of("fd00::1", "fd00::1/129", "fd00::1::/64", "198.51.100.1/24")) {
            assertRefused("tap: addr6=" + bad + " (an address and the bits of its subnet)", "t0[addr6=" + bad + "]");
        }
        assertRefused("tap: offload=everything (none, checksum, tso or all)", "t0[offload=everything]");
        for (String bad : List.of("0", "9", "x", "-1", "")) {
            assertRefused("tap: queues=" + bad + " (1 to 8)", "t0[queues=" + bad + "]");
        }
        assertRefused("tap: queues=2 (not with broker)", "t0[broker,queues=2]");
        for (String broker : List.of("broker", "broker=/run/socket")) {
            assertRefused("tap: gw=192.0.2.1 (not with broker)", "t0[" + broker + ",up,gw=192.0.2.1]");
        }
        assertRefused("tap: mtu=9000/up (68 to 65521) (options are separated by , here)", "t0[mtu=9000/up]");
        assertRefused("tap: netns= (a process, a path or a name)", "t0[netns=]");
        assertRefused("tap: name  (with netns= one of 1 to 15 bytes, without %)", "[netns=n]");
        assertRefused("tap: name t%d (with netns= one of 1 to 15 bytes, without %)", "t%d[netns=n]");
        assertRefused("tap: name a:b (without :)", "a:b[netns=n]");
        assertRefused("tap: persist (not with netns=: the interface goes with the link)", "t0[netns=n,persist]");
        assertRefused("tap: broker= (the path of a socket)", "t0[broker=]");
        assertRefused("tap: name  (with broker one of 1 to 15 bytes)", "[broker]");
        assertRefused("tap: bridge=0123456789abcdef (1 to 15 bytes)", "t0[broker,bridge=0123456789abcdef]");
        assertRefused("tap: persist (not with broker)", "t0[broker,persist]");
        assertRefused("tap: netns=n (not with broker)", "t0[broker,netns=n]");
        assertRefused("broker /nosuch/socket: t0: nobody to ask (root starts the broker: vswitch-tapd --socket "
                + "/nosuch/socket): No such file or directory",
                "t0[broker=/nosuch/socket]");
        String refusal = assertThrows(IOException.class, () -> open("a/b")).getMessage();
        assertTrue(refusal.startsWith("tap: "), refusal);
    }

    @Test
    void shouldSetTheInterfaceUpAsAsked() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        open(name + "[mtu=9000,mac=52:54:00:12:34:56,addr=198.51.100.1/24,addr6=fd00:5::1/64,up]");
        assertEquals("9000", HostInterface.attribute(name, "mtu"));
        assertEquals("52:54:00:12:34:56", HostInterface.attribute(name, "address"));
        NetworkInterface device = NetworkInterface.getByName(name);
        assertTrue(HostInterface.isUp(name));
        Set<String> addresses = device.getInterfaceAddresses().stream()
                .map(own -> own.getAddress().getHostAddress().split("%")[0] + "/" + own.getNetworkPrefixLength())
                .collect(Collectors.toSet());
        assertTrue(addresses.containsAll(Set.of("198.51.100.1/24", "fd00:5:0:0:0:0:0:1/64")), addresses.toString());
        try (FrameTray tray = new FrameTray()) {
            assertEquals(3, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
        }
    }

    @Test
    void shouldSetTheWayToEverywhereElse() throws IOException {
        try (Sandbox sandbox = Sandbox.create()) {
            open("t0[netns=" + sandbox.name() + ",addr=198.51.100.2/24,gw=198.51.100.1,up]");
            sandbox.run("sh", "-c", "ip route | grep -q '^default via 198.51.100.1 dev t0'");
            String refusal = assertThrows(IOException.class,
                    () -> open("t1[netns=" + sandbox.name() + ",gw=192.0.2.1,up]")).getMessage();
            assertTrue(refusal.startsWith("tap: t1: gw=192.0.2.1: E"), refusal);
        }
        assertRefused("tap: gw=192.0.2.1 (with up only)", "t0[gw=192.0.2.1]");
        assertRefused("tap: lo (with netns= only)", "t0[lo]");
        assertRefused("tap: gw=somewhere (an IPv4 address)", "t0[up,gw=somewhere]");
        assertRefused("tap: gw=1.2.3.400 (an IPv4 address)", "t0[up,gw=1.2.3.400]");
    }

    @Test
    void shouldLeaveAnInterfaceAsItIsWithoutOptions() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        open(name);
        assertEquals("1500", HostInterface.attribute(name, "mtu"));
        assertFalse(HostInterface.isUp(name));
    }

    /// A second link finds the interface and sets it up again: what it has already is no error. A child process that
    /// another test starts may hold the first one's descriptor until it execs.
    @Test
    void shouldKeepAPersistentInterface() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        try {
            for (int time = 0; time < 2; time++) {
                Sandbox.await("the interface is free", () -> isFree(name + "[addr=198.51.100.1/24,up,persist]"));
                host.detach(time);
                assertTrue(HostInterface.isUp(name), "time " + time);
            }
        } finally {
            Sandbox.execute("ip", "link", "del", name);
        }
    }

    /// Without IPv6 an interface cannot have such an address.
    @Test
    void shouldSayWhatTheKernelRefusesAndWhyAndLeaveNothingBehind() throws IOException {
        Sandbox.assumeTaps();
        String name = Sandbox.unique("vst");
        assertRefused("tap: " + name + ": addr=fd00:5:0:0:0:0:0:1/64: EINVAL: Invalid argument",
                name + "[mtu=1000,addr6=fd00:5::1/64,persist]");
        Sandbox.await("it has gone, from children of other tests as well", () -> !HostInterface.exists(name));
    }

    @Test
    void shouldOffloadWhatIsAskedFor() throws IOException {
        Sandbox.assumeTaps();
        open("");
        open("[offload=checksum]");
        open("[offload=none]");
        open("[offload=tso]");
        open("[offload=all]");
        boolean uso = knowsTrains();
        int buffered = LinkFeatures.MAX_BUFFERED;
        assertEquals(new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, uso, buffered), host.link(0).features());
        assertEquals(new LinkFeatures(FrameSlab.MAX_FRAME, true, false, false, false, buffered),
                host.link(1).features());
        assertEquals(LinkFeatures.plain(FrameSlab.MAX_FRAME, buffered), host.link(2).features());
        assertEquals(new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, false, buffered),
                host.link(3).features());
        assertEquals(host.link(0).features(), host.link(4).features());
    }

    private static boolean knowsTrains() throws IOException {
        try (TunTap tap = TunTap.open("", 12)) {
            tap.offload(TunTap.OFFLOAD_CHECKSUM | TunTap.OFFLOAD_USO);
            return true;
        } catch (LinuxException refusal) {
            assertTrue(refusal.is(Errno.EINVAL), refusal.getMessage());
            return false;
        }
    }

    private boolean isFree(String rest) {
        try {
            open(rest);
            return true;
        } catch (LinuxException refusal) {
            assertTrue(refusal.is(Errno.EBUSY), refusal.getMessage());
            return false;
        } catch (IOException unexpected) {
            throw new UncheckedIOException(unexpected);
        }
    }

    private void assertRefused(String complaint, String rest) {
        assertEquals(complaint, assertThrows(IOException.class, () -> open(rest)).getMessage());
    }

    private void open(String rest) throws IOException {
        new TapScheme().open(new LinkUrl("tap", rest), host);
    }
}
