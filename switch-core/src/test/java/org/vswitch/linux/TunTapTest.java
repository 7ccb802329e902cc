package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;

/// A tap in a network namespace of its own: what the switch leans on when it reads and writes frames.
class TunTapTest {
    private static final int HEADER = 12;
    private static final int ROOM = 4096;
    private static final byte[] ARP_REQUEST = HexFormat.of().parseHex("ffffffffffff" + "02000000000a" + "0806"
            + "0001080006040001" + "02000000000a" + "c6336402" + "000000000000" + "c6336401");

    private Sandbox sandbox;
    private TunTap tap;
    private long buffer;

    @BeforeEach
    void openTap() throws IOException {
        sandbox = Sandbox.create();
        tap = TunTap.open(Sandbox.unique("vst"), HEADER);
        buffer = NativeMemory.map(ROOM);
        sandbox.take(tap.name());
        sandbox.run("ip", "addr", "add", "198.51.100.1/24", "dev", tap.name());
    }

    @AfterEach
    void closeTap() {
        if (tap != null) {
            tap.close();
            NativeMemory.unmap(buffer, ROOM);
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    @Test
    void shouldCarryFramesBehindAVirtioHeader() throws IOException {
        sandbox.run("ip", "link", "set", tap.name(), "up");
        tap.offload(TunTap.OFFLOAD_CHECKSUM | TunTap.OFFLOAD_TSO4 | TunTap.OFFLOAD_TSO6 | TunTap.OFFLOAD_TSO_ECN);
        assertEquals(HEADER + ARP_REQUEST.length, writeFrame(ARP_REQUEST));
        byte[] reply = readReply();
        assertArrayEquals(new byte[HEADER], Arrays.copyOf(reply, HEADER), "nothing is left to do to the reply");
        assertEquals("02000000000a", HexFormat.of().formatHex(reply, HEADER, HEADER + 6));
        assertEquals("0806", HexFormat.of().formatHex(reply, HEADER + 12, HEADER + 14));
        assertEquals("0002", HexFormat.of().formatHex(reply, HEADER + 20, HEADER + 22), "an ARP reply");
    }

    @Test
    void shouldGatherAFrameFromPieces() throws IOException {
        sandbox.run("ip", "link", "set", tap.name(), "up");
        NativeMemory.zero(buffer, HEADER);
        NativeMemory.copyIn(ARP_REQUEST, 0, buffer + HEADER, 20);
        NativeMemory.copyIn(ARP_REQUEST, 20, buffer + 2000, ARP_REQUEST.length - 20);
        try (var vectors = new IoVectors(2)) {
            vectors.set(0, buffer, HEADER + 20);
            vectors.set(1, buffer + 2000, ARP_REQUEST.length - 20);
            assertEquals(HEADER + ARP_REQUEST.length, tap.write(vectors, 2));
        }
        assertTrue(readReply().length >= HEADER + ARP_REQUEST.length);
    }

    @Test
    void shouldRefuseFramesWhileTheInterfaceIsDown() {
        assertEquals(-Errno.EIO.number(), writeFrame(ARP_REQUEST));
        assertEquals(-Errno.EAGAIN.number(), tap.read(buffer, ROOM));
    }

    @Test
    void shouldFailOnceTheInterfaceWasDeleted() throws IOException {
        sandbox.run("ip", "link", "del", tap.name());
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(tap.fd(), Epoll.READABLE, 1);
            assertEquals(1, epoll.await(0));
            assertTrue((epoll.ready(0) & Epoll.FAILED) != 0);
        }
        assertEquals(-Errno.EBADFD.number(), tap.read(buffer, ROOM));
        assertEquals(-Errno.EBADFD.number(), writeFrame(ARP_REQUEST));
    }

    /// How one learns that a kernel lacks an offload.
    @Test
    void shouldRefuseOffloadsThatItDoesNotKnow() {
        LinuxException refusal = assertThrows(LinuxException.class, () -> tap.offload(1 << 30));
        assertEquals(Errno.EINVAL.number(), refusal.errno());
    }

    @Test
    void shouldNameTheInterfaceThatIsTaken() throws IOException {
        try (TunTap mine = TunTap.open(Sandbox.unique("vst"), 0)) {
            LinuxException busy = assertThrows(LinuxException.class, () -> TunTap.open(mine.name(), 0));
            assertEquals("tap: TUNSETIFF " + mine.name() + ": Device or resource busy", busy.getMessage());
        }
    }

    @Test
    void shouldRefuseANameThatIsTooLong() {
        LinuxException refusal = assertThrows(LinuxException.class, () -> TunTap.open("a234567890123456", HEADER));
        assertEquals("tap: name a234567890123456 (at most 15 bytes): File name too long", refusal.getMessage());
    }

    @Test
    void shouldSayWhatANameMustBeLike() {
        assertRefused("a/b (without /)", "a/b");
        assertRefused("a:b (without :)", "a:b");
        assertRefused("a b (without white space)", "a b");
        assertRefused("a?b (without white space)", "a\nb");
        assertRefused("a?b (without white space)", "a\0b");
        assertRefused("\u00e0 (without the byte a0, a blank to the kernel)", "\u00e0");
        assertRefused(". (not . or ..)", ".");
        assertRefused(".. (not . or ..)", "..");
        for (String bad : List.of("a%", "a%s", "a%d%d", "%%d")) {
            assertRefused(bad + " (% only once and as %d, which becomes a number)", bad);
        }
    }

    @Test
    void shouldTakeWhateverNameTheKernelTakes() throws IOException {
        for (String good : List.of("v\u00e9", "vst%d", "v..", "v-_+=,;*")) {
            try (TunTap strange = TunTap.open(good, 0)) {
                assertTrue(strange.name().startsWith(good.replace("%d", "")), strange.name());
            }
        }
    }

    @Test
    void shouldSayWhatAnInterfaceIsThatIsNoTap() throws IOException {
        assertRefusedByTheKernel("lo (in use by an interface that is no tap)", "lo");
        String tun = Sandbox.unique("vsu");
        Sandbox.execute("ip", "tuntap", "add", "mode", "tun", "name", tun);
        try {
            assertRefusedByTheKernel(tun + " (in use by a tun interface)", tun);
        } finally {
            Sandbox.execute("ip", "link", "del", tun);
        }
    }

    private static void assertRefused(String complaint, String name) {
        LinuxException refusal = assertThrows(LinuxException.class, () -> TunTap.open(name, HEADER));
        assertEquals("tap: name " + complaint + ": Invalid argument", refusal.getMessage());
    }

    private static void assertRefusedByTheKernel(String complaint, String name) {
        LinuxException refusal = assertThrows(LinuxException.class, () -> TunTap.open(name, HEADER));
        assertEquals("tap: TUNSETIFF " + complaint + ": Invalid argument", refusal.getMessage());
    }

    private int writeFrame(byte[] frame) {
        NativeMemory.zero(buffer, HEADER);
        NativeMemory.copyIn(frame, 0, buffer + HEADER, frame.length);
        return tap.write(buffer, HEADER + frame.length);
    }

    private byte[] readReply() throws IOException {
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(tap.fd(), Epoll.READABLE, 1);
            assertEquals(1, epoll.await(10_000));
            byte[] reply = new byte[tap.read(buffer, ROOM)];
            NativeMemory.copyOut(buffer, reply, 0, reply.length);
            return reply;
        }
    }
}
