package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A guest as QEMU's `-netdev dgram` is one: it binds its name anew, and sends to ours without connecting.
class DgramSchemeTest {
    private static final long SECOND_NS = 1_000_000_000;

    @TempDir
    private Path directory;
    private final TestHost host = new TestHost();
    private final FrameTray tray = new FrameTray();
    private GuestSockets sockets;
    private long nowNs = Long.MAX_VALUE - SECOND_NS; // a time may wrap round

    @BeforeEach
    void prepare() {
        sockets = new GuestSockets(directory, tray);
    }

    @AfterEach
    void close() {
        host.close();
        tray.close();
        sockets.close();
    }

    @Test
    void shouldCarryFramesBothWays() throws IOException {
        Fd guest = guest();
        open("");
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(1, 1514))));
        GuestSockets.assertFrame(FrameTray.frame(1, 1514), guest);
        sockets.send(guest, FrameTray.frame(2, 60));
        assertArrayEquals(FrameTray.frame(2, 60), tray.receive(host.link(0)).getFirst());
        assertEquals(new LinkLabel("dgram", sockets.at("sw") + "->" + sockets.at("vm")), host.label(0));
    }

    @Test
    void shouldWaitForAGuestThatIsNotThereYet() throws IOException {
        open("");
        assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 2, 60)));
        Fd guest = guest();
        pass(SECOND_NS / 5);
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(1, 60))));
        GuestSockets.assertFrame(FrameTray.frame(1, 60), guest);
    }

    @Test
    void shouldAnswerAGuestThatSpeaksFirstAtOnce() throws IOException {
        open("");
        Fd guest = guest();
        sockets.send(guest, FrameTray.frame(2, 60));
        assertEquals(1, tray.receive(host.link(0)).size());
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(1, 60))));
        GuestSockets.assertFrame(FrameTray.frame(1, 60), guest);
    }

    @Test
    void shouldHearAGuestThatHasRestartedThoughNothingIsSentToIt() throws IOException {
        Processes.close(guest()::close);
        open("");
        for (int round = 0; round < 3; round++) {
            Fd again = guest();
            pass(SECOND_NS);
            sockets.send(again, FrameTray.frame(round, 60));
            assertArrayEquals(FrameTray.frame(round, 60), tray.receive(host.link(0)).getFirst());
            Processes.close(again::close);
        }
    }

    @Test
    void shouldFindAGuestThatHasRestartedWithTheFirstFrame() throws IOException {
        Fd first = guest();
        open("");
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(1, 60))));
        Processes.close(first::close);
        Fd again = guest();
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(2, 60))));
        GuestSockets.assertFrame(FrameTray.frame(2, 60), again);
    }

    @Test
    void shouldLoseWhatIsForAGuestThatHasLeft() throws IOException {
        Fd first = guest();
        open("");
        Processes.close(first::close);
        assertEquals(Link.DOWN, tray.send(host.link(0), FrameTray.frames(0, 2, 60)));
        assertEquals(0, tray.receive(host.link(0)).size());
    }

    @Test
    void shouldHearNobodyElse() throws IOException {
        guest();
        open("");
        Fd stranger = sockets.bound("stranger");
        assertEquals(Errno.EPERM.number(), assertThrows(org.vswitch.linux.LinuxException.class,
                () -> Sockets.connect(stranger, SocketAddress.ofPath(sockets.at("sw")))).errno());
    }

    /// A connected sender is told when there is room again, and only then.
    @Test
    void shouldWaitForAGuestThatDoesNotReadWithoutKeepingTheLoopBusy() throws IOException {
        Fd guest = guest();
        open("");
        Link link = host.link(0);
        Sandbox.await("a full queue", () -> tray.send(link, FrameTray.frames(0, 64, 1514)) < 64);
        assertEquals(0, tray.send(link, FrameTray.frames(0, 1, 1514)));
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(link.descriptor(), Epoll.WRITABLE, 1);
            epoll.await(0);
            assertEquals(0, epoll.await(0));
            byte[] room = new byte[2000];
            Sandbox.await("all of it", () -> Sockets.receive(guest, room) < 0);
            assertEquals(1, epoll.await(5000));
        }
        assertEquals(1, tray.send(link, FrameTray.frames(0, 1, 1514)));
    }

    @Test
    void shouldAllocateNothing() throws IOException {
        Fd guest = guest();
        open("");
        TimedLink link = (TimedLink) host.link(0);
        tray.add(FrameTray.frame(1, 1514));
        int[] rows = {0};
        long room = tray.batch().head(0);
        assertEquals(0, Allocations.bytesOf(3000, 2000, () -> {
            link.now(nowNs += SECOND_NS); // connects again each time
            link.transmit(tray.batch(), rows, 0, 1);
            Sockets.receive(guest.number(), room, 1514);
        }));
    }

    @Test
    void shouldLeaveNoFile() throws IOException {
        LinkScheme.Attachment attachment = open("[mode=660]");
        assertEquals("rw-rw----",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("sw"))));
        attachment.close();
        assertFalse(Files.exists(directory.resolve("sw")));
        host.refuse();
        assertThrows(IOException.class, () -> open(""));
        assertFalse(Files.exists(directory.resolve("sw")));
    }

    @Test
    void shouldReplaceASocketThatNobodyHas() throws IOException {
        Processes.close(sockets.bound("sw")::close);
        Fd guest = guest();
        open("");
        assertEquals("dgram: " + sockets.at("sw") + " is a socket that somebody has already",
                assertThrows(IOException.class, () -> open("")).getMessage());
        sockets.send(guest, FrameTray.frame(2, 60));
        assertEquals(1, tray.receive(host.link(0)).size());
    }

    @Test
    void shouldCarryUdpFromItsPeerAlone() throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        int port = freePort(here);
        try (DatagramSocket guest = new DatagramSocket(0, here);
                DatagramSocket stranger = new DatagramSocket(0, here)) {
            host("127.0.0.1:" + port + "->127.0.0.1:" + guest.getLocalPort());
            var to = new InetSocketAddress(here, port);
            stranger.send(new DatagramPacket(FrameTray.frame(1, 61), 61, to));
            guest.send(new DatagramPacket(FrameTray.frame(2, 60), 60, to));
            List<byte[]> received = new ArrayList<>();
            Sandbox.await("a frame", () -> received.addAll(tray.receive(host.link(0))));
            assertArrayEquals(FrameTray.frame(2, 60), received.getFirst());
            assertEquals(1, received.size());
            guest.setSoTimeout(10_000);
            tray.send(host.link(0), List.of(FrameTray.frame(3, 1514)));
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            guest.receive(packet);
            assertEquals(1514, packet.getLength());
            assertEquals(65_507, host.link(0).features().maxFrame());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "/a              | dgram: '/a' is neither OWN->PEER nor [SRC:]SPORT->DST:DPORT",
        "->/b            | dgram: '->/b' is neither OWN->PEER nor [SRC:]SPORT->DST:DPORT",
        "/a->            | dgram: '/a->' is neither OWN->PEER nor [SRC:]SPORT->DST:DPORT",
        "/a->/b->/c      | dgram: '/a->/b->/c' is neither OWN->PEER nor [SRC:]SPORT->DST:DPORT",
        "/a->/a          | dgram: both ends are /a",
        "/a->/b[mode=8]  | dgram: mode=8 (octal, at most 777)",
        "/no/where->/b   | dgram: bind /no/where: No such file or directory",
        "1->127.0.0.1:0  | dgram: port=0 of 127.0.0.1 (1 to 65535)"})
    void shouldNameTheValueAtFault(String rest, String complaint) {
        assertEquals(complaint, assertThrows(IOException.class, () -> host(rest)).getMessage());
    }

    private static int freePort(InetAddress here) throws IOException {
        return Processes.probe(() -> {
            try (DatagramSocket free = new DatagramSocket(0, here)) {
                return free.getLocalPort();
            }
        });
    }

    private LinkScheme.Attachment open(String options) throws IOException {
        LinkScheme.Attachment attachment = host(sockets.at("sw") + "->" + sockets.at("vm") + options);
        pass(0);
        return attachment;
    }

    private LinkScheme.Attachment host(String rest) throws IOException {
        return new DgramScheme().open(new LinkUrl("dgram", rest), host);
    }

    /// What a data plane does with links that act by the clock.
    private void pass(long afterNs) {
        nowNs += afterNs;
        TimedLink link = (TimedLink) host.link(0);
        link.now(nowNs);
        assertTrue(link.deadlineNs() - nowNs > 0 && link.deadlineNs() - nowNs <= SECOND_NS / 2);
    }

    private Fd guest() throws IOException {
        Files.deleteIfExists(directory.resolve("vm"));
        return sockets.bound("vm");
    }
}
