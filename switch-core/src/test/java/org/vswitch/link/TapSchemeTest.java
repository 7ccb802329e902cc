package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;

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
        assertTrue(Files.exists(Path.of("/sys/class/net", name)));
        assertEquals(new LinkLabel("tuntap", name), host.label(0), "as vde_switch shows it");
        attachment.close();
        Sandbox.await("the interface has gone", () -> !Files.exists(Path.of("/sys/class/net", name)));
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
        assertEquals("tap: unknown option mtu (it has none)",
                assertThrows(IOException.class, () -> open("t0[mtu=9000]")).getMessage());
        String refusal = assertThrows(IOException.class, () -> open("a/b")).getMessage();
        assertTrue(refusal.startsWith("tap: "), refusal);
    }

    private void open(String rest) throws IOException {
        new TapScheme().open(new LinkUrl("tap", rest), host);
    }
}
