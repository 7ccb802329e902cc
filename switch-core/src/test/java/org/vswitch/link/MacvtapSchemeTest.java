package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.HostInterface;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.ToldMeasures;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;

/// Macvtaps on one end of a pair of veth, which is the network card.
class MacvtapSchemeTest {
    private final TestHost host = new TestHost();
    private final String card = Sandbox.unique("vsn");
    private final String other = Sandbox.unique("vso");
    private final String name = Sandbox.unique("vsm");

    @BeforeEach
    void plugIn() {
        Sandbox.assumeTaps();
        Assumptions.assumeTrue(Files.exists(Path.of("/sys/class/macvtap")), "this kernel has no macvtap");
        Sandbox.execute("ip", "link", "add", card, "type", "veth", "peer", "name", other);
    }

    @AfterEach
    void close() {
        host.close();
        for (String each : List.of(name, card)) {
            if (HostInterface.exists(each)) {
                Sandbox.execute("ip", "link", "del", each);
            }
        }
    }

    /// The network card is set up, and free again at once.
    @Test
    void shouldMakeAnInterfaceThatGoesWithTheLink() throws IOException {
        String[] nodes = nodes();
        for (int time = 0; time < 2; time++) {
            LinkScheme.Attachment attachment = open("[on=" + card + "]");
            assertEquals(new LinkLabel("macvtap", name + " on=" + card), host.label(time));
            assertFalse(HostInterface.exists(name), "it is in a namespace of its own");
            assertTrue(HostInterface.isUp(card));
            try (FrameTray tray = new FrameTray()) {
                assertEquals(3, tray.send(host.link(time), FrameTray.frames(0, 3, 60)));
            }
            attachment.close();
        }
        assertArrayEquals(nodes, nodes());
    }

    /// Device nodes of this kind, and folders that were to hold some.
    private static String[] nodes() {
        return Path.of("/dev").toFile().list((_, node) -> node.startsWith("tap") || node.startsWith("vswitch"));
    }

    @Test
    void shouldBeAnUplink() {
        assertTrue(new MacvtapScheme().isUplink(new LinkUrl("macvtap", name)));
    }

    @Test
    void shouldOpenAnInterfaceThatExists() throws IOException {
        Sandbox.execute("ip", "link", "set", card, "up");
        Sandbox.execute("ip", "link", "add", "link", card, "name", name, "type", "macvtap", "mode", "bridge");
        LinkScheme.Attachment attachment = open("");
        assertEquals(Map.of("up", 0L, "set-down", 0L, "renamed", 0L), ToldMeasures.of(host.link(0)));
        try (FrameTray tray = new FrameTray()) {
            assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
            attachment.close();
            open("[mac=52:54:00:12:34:56,mtu=1400,up]");
            assertEquals(3, tray.send(host.link(1), FrameTray.frames(0, 3, 60)));
        }
        assertEquals("52:54:00:12:34:56", HostInterface.attribute(name, "address"));
        assertEquals("1400", HostInterface.attribute(name, "mtu"));
        host.detach(1);
        assertTrue(HostInterface.exists(name), "it is not ours");
    }

    @Test
    void shouldTellThatTheInterfaceIsDownRenamedOrGone() throws IOException {
        Sandbox.execute("ip", "link", "set", card, "up");
        Sandbox.execute("ip", "link", "add", "link", card, "name", name, "type", "macvtap", "mode", "bridge");
        open("[up]");
        Sandbox.execute("ip", "link", "set", name, "down");
        Sandbox.await("down", () -> ToldMeasures.of(host.link(0))
                .equals(Map.of("up", 0L, "set-down", 1L, "renamed", 0L)));
        try (FrameTray tray = new FrameTray()) {
            assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 3, 60)));
        }
        String renamed = Sandbox.unique("vsm");
        Sandbox.execute("ip", "link", "set", name, "name", renamed, "up");
        Sandbox.await("up", () -> ToldMeasures.of(host.link(0))
                .equals(Map.of("up", 1L, "set-down", 1L, "renamed", 1L)));
        Sandbox.execute("ip", "link", "del", renamed);
        Sandbox.await("the next link", () -> host.count() == 2);
        assertEquals(new LinkLabel("macvtap", name + " (gone)"), host.label(1));
        Sandbox.execute("ip", "link", "add", "link", card, "name", name, "type", "macvtap", "mode", "bridge");
        follow(1);
        assertEquals(new LinkLabel("macvtap", name), host.label(2));
    }

    /// What arrives at the network card: a frame to everybody, to the interface's own address, and to another one.
    @Test
    void shouldReceiveAllInPassthruAndItsOwnElse() throws IOException {
        long own = 0x5254_0012_3456L;
        byte[] toAll = Frames.plain(Frames.BROADCAST, Frames.A, 60);
        byte[] toIt = Frames.plain(own, Frames.A, 61);
        byte[] toGuest = Frames.plain(Frames.B, Frames.A, 62);
        byte[] toGroup = Frames.plain(Frames.MULTICAST, Frames.A, 63);
        byte[] last = Frames.plain(own, Frames.A, 64);
        Sandbox.execute("sysctl", "-q", "-w", "net.ipv6.conf." + card + ".disable_ipv6=1",
                "net.ipv6.conf." + other + ".disable_ipv6=1");
        new MacvtapScheme().open(new LinkUrl("macvtap", name + "[on=" + other + ",up]"), host);
        for (String mode : List.of("bridge,mac=52:54:00:12:34:56", "passthru")) {
            LinkScheme.Attachment attachment = open("[on=" + card + ",mode=" + mode + "]");
            Link receiver = host.link(host.count() - 1);
            Sandbox.await("the cable's other end to send",
                    () -> Sandbox.succeeds("grep", "-qx", "up", "/sys/class/net/" + other + "/operstate"));
            try (FrameTray tray = new FrameTray()) {
                assertEquals(5, tray.send(host.link(0), List.of(toAll, toIt, toGuest, toGroup, last)));
            }
            List<Integer> lengths = new ArrayList<>();
            FrameBatch batch = FrameBatch.forReceiving();
            Sandbox.await("the last frame, and those to several, which the kernel delivers later", () -> {
                batch.clear();
                receiver.receive(batch);
                FrameTray.frames(batch).stream().filter(frame -> frame[11] == (byte) Frames.A)
                        .forEach(frame -> lengths.add(frame.length));
                return lengths.containsAll(List.of(60, 63, 64));
            });
            Collections.sort(lengths);
            assertEquals(mode.equals("passthru") ? List.of(60, 61, 62, 63, 64) : List.of(60, 61, 63, 64), lengths);
            attachment.close();
        }
    }

    /// Neither one that is made nor one that is set up. A station beside them that does look for routers has done so
    /// by the time when they would have looked for their neighbors.
    @Test
    void shouldSayNothingOfItsOwn() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of("/proc/sys/net/ipv6")), "this kernel has no IPv6");
        String beside = Sandbox.unique("vsb");
        Sandbox.execute("ip", "link", "set", card, "up");
        new MacvtapScheme().open(new LinkUrl("macvtap", name + "[on=" + other + "]"), host);
        open("[on=" + card + ",mode=bridge,mac=52:54:00:00:00:01]");
        Sandbox.execute("ip", "link", "add", "link", card, "name", name, "address", "52:54:00:00:00:02", "type",
                "macvtap", "mode", "bridge");
        Sandbox.execute("sysctl", "-q", "-w", "net.ipv6.conf." + name + ".disable_ipv6=0");
        open("[up]");
        Sandbox.execute("ip", "link", "add", "link", card, "name", beside, "address", "52:54:00:00:00:03", "type",
                "macvlan", "mode", "bridge");
        Sandbox.execute("sysctl", "-q", "-w", "net.ipv6.conf." + beside + ".disable_ipv6=0",
                "net.ipv6.conf." + beside + ".accept_ra=2");
        Sandbox.execute("ip", "link", "set", beside, "up");
        List<byte[]> heard = new ArrayList<>();
        FrameBatch batch = FrameBatch.forReceiving();
        Sandbox.await("a question for routers", () -> {
            batch.clear();
            host.link(0).receive(batch);
            heard.addAll(FrameTray.frames(batch));
            return heard.stream().anyMatch(frame -> isFrom(frame, 3) && isRouterSolicitation(frame));
        });
        assertEquals(List.of(), heard.stream().filter(frame -> isFrom(frame, 1) || isFrom(frame, 2))
                .map(HexFormat.of()::formatHex).toList());
    }

    private static boolean isFrom(byte[] frame, int station) {
        return frame[6] == 0x52 && frame[7] == 0x54 && frame[11] == station;
    }

    private static boolean isRouterSolicitation(byte[] frame) {
        return frame.length > 54 && frame[12] == (byte) 0x86 && frame[20] == 58 && frame[54] == (byte) 133;
    }

    /// A network card that is unplugged takes the interface along; when it is there again, another is made.
    @Test
    void shouldComeBackWithTheNetworkCard() throws IOException {
        open("[on=" + card + ",mode=bridge]");
        Sandbox.execute("ip", "link", "del", card);
        Sandbox.await("the next link", () -> host.count() == 2);
        assertEquals(new LinkLabel("macvtap", name + " on=" + card + " (" + card + " gone)"), host.label(1));
        Sandbox.execute("ip", "link", "add", card, "type", "veth", "peer", "name", other);
        follow(1);
        assertEquals(new LinkLabel("macvtap", name + " on=" + card), host.label(2));
    }

    /// Waits for the end of a link, and lets the next one come.
    private void follow(int index) {
        FrameBatch batch = FrameBatch.forReceiving();
        Sandbox.await("the end of " + host.label(index), () -> host.link(index).receive(batch) == Link.GONE);
        host.detach(index);
    }

    @Test
    void shouldSayWhyItCannotAndLeaveNothingBehind() throws IOException {
        assertRefused("macvtap: on=of-nobody: ENODEV: No such device", "[on=of-nobody]");
        assertRefused("macvtap: " + name + " (there is no such interface; " + name + "[on=DEVICE] makes it on the "
                + "network card DEVICE): ENODEV: No such device", "");
        assertEquals("macvtap: lo (no macvtap): EINVAL: Invalid argument", assertThrows(IOException.class,
                () -> new MacvtapScheme().open(new LinkUrl("macvtap", "lo[mtu=1400]"), host)).getMessage());
        String shared = " (not Ethernet, or there is another macvtap on it, and one of the two is passthru): EINVAL: "
                + "Invalid argument";
        assertRefused("macvtap: on=lo" + shared, "[on=lo]");
        assertRefused("macvtap: " + name + ": mtu=9000: EINVAL: Invalid argument", "[on=" + card + ",mtu=9000]");
        assertFalse(HostInterface.exists(name));
        open("[on=" + card + "]");
        assertRefused("macvtap: on=" + card + shared, "[on=" + card + "]");
        assertRefused("macvtap: on=" + card + shared, "[on=" + card + ",mode=bridge]");
        String bridge = Sandbox.unique("vsbr");
        Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
        try {
            Sandbox.execute("ip", "link", "set", other, "master", bridge);
            assertRefused("macvtap: on=" + other + " (a port of a bridge or the like): EBUSY: Device or resource busy",
                    "[on=" + other + "]");
        } finally {
            Sandbox.execute("ip", "link", "del", bridge);
        }
    }

    @Test
    void shouldNameTheValueAtFault() {
        assertRefused("macvtap: mode=open (private, vepa, bridge or passthru)", "[on=eth0,mode=open]");
        assertRefused("macvtap: mode=vepa (with on= only)", "[mode=vepa]");
        assertRefused("macvtap: on= (1 to 15 bytes)", "[on=]");
        assertRefused("macvtap: on=0123456789abcdef (1 to 15 bytes)", "[on=0123456789abcdef]");
        assertRefused("macvtap: on=e:1 (without :)", "[on=e:1]");
        assertNameRefused("1 to 15 bytes", "");
        assertNameRefused("1 to 15 bytes", "0123456789abcdef");
        assertNameRefused("without :", "m:1");
        assertNameRefused("without /", "m/1");
        assertNameRefused("not . or ..", "..");
        assertNameRefused("without %", "m%d");
        assertNameRefused("without white space", "m 1");
        assertRefused("macvtap: mtu=67 (68 to 65521)", "[on=eth0,mtu=67]");
        assertRefused("macvtap: mac=01:00:5e:00:00:01 (not the MAC address of a station)",
                "[on=eth0,mode=bridge,mac=01:00:5e:00:00:01]");
        assertRefused("macvtap: mac=02:00:00:00:00:01 (not with mode=passthru: it would be that of eth0)",
                "[on=eth0,mac=02:00:00:00:00:01]");
        assertRefused("macvtap: unknown option persist (known: on=, mode=, mac=, mtu=, offload=, up)",
                "[persist]");
    }

    private void assertNameRefused(String why, String bad) {
        assertEquals("macvtap: name " + bad + " (" + why + ")", assertThrows(IOException.class,
                () -> new MacvtapScheme().open(new LinkUrl("macvtap", bad + "[on=eth0]"), host)).getMessage());
    }

    /// What goes out has no offloads left where none are wanted.
    @Test
    void shouldOffloadWhatIsAskedFor() throws IOException {
        open("[on=" + card + ",offload=none,up]");
        assertEquals(LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED), host.link(0).features());
    }

    private void assertRefused(String complaint, String rest) {
        assertEquals(complaint, assertThrows(IOException.class, () -> open(rest)).getMessage());
    }

    private LinkScheme.Attachment open(String rest) throws IOException {
        return new MacvtapScheme().open(new LinkUrl("macvtap", name + rest), host);
    }
}
