package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// Guests as vfkit and libkrun are: bound to a name of their own, connected to ours. And one that only sends, as QEMU.
@Timeout(60)
class UnixgramSchemeTest {
    @TempDir
    private Path directory;
    private final TestHost host = new TestHost();
    private final FrameTray tray = new FrameTray();
    private GuestSockets sockets;
    private LinkScheme.Attachment attachment;

    @BeforeEach
    void prepare() {
        sockets = new GuestSockets(directory, tray);
    }

    @AfterEach
    void close() {
        if (attachment != null) {
            attachment.close();
        }
        host.close();
        tray.close();
        sockets.close();
    }

    @Test
    void shouldLearnAGuestFromItsFirstWordAndEatTheMagic() throws IOException {
        open("");
        Fd guest = connect("a");
        Sockets.send(guest, "VFKT".getBytes(StandardCharsets.US_ASCII));
        awaitLinks(1);
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(1, 1514))));
        GuestSockets.assertFrame(FrameTray.frame(1, 1514), guest);
        Sockets.send(guest, FrameTray.frame(2, 60));
        assertArrayEquals(FrameTray.frame(2, 60), receive(0).getFirst());
        assertEquals(new LinkLabel("unixgram", sockets.at("sw") + " " + sockets.at("a")), host.label(0));
    }

    @Test
    void shouldGiveEachGuestAPortWhetherTheyConnectedBeforeOrAfterOthersSpoke() throws IOException {
        open("");
        List<Fd> guests = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            guests.add(connect("early" + i));
        }
        for (int i = 0; i < 16; i++) {
            if (i >= 8) {
                guests.add(connect("late" + i));
            }
            Sockets.send(guests.get(i), FrameTray.frame(i, 60 + i));
            awaitLinks(i + 1);
            assertArrayEquals(FrameTray.frame(i, 60 + i), receive(i).getFirst());
        }
        for (int i = 0; i < 16; i++) {
            Sockets.send(guests.get(i), FrameTray.frame(i, 80 + i));
            assertArrayEquals(FrameTray.frame(i, 80 + i), receive(i).getFirst(), "from " + i);
            assertEquals(1, tray.send(host.link(i), List.of(FrameTray.frame(i, 100 + i))));
            GuestSockets.assertFrame(FrameTray.frame(i, 100 + i), guests.get(i));
        }
        assertEquals(16, host.count());
    }

    @Test
    void shouldTakeAGuestThatSendsWithoutConnecting() throws IOException {
        open("");
        Fd quiet = sockets.bound("q");
        sockets.send(quiet, FrameTray.frame(1, 60));
        awaitLinks(1);
        Sockets.send(connect("a"), FrameTray.frame(2, 60));
        awaitLinks(2);
        sockets.send(quiet, FrameTray.frame(3, 70));
        Sandbox.await("a frame", () -> tray.receive(host.link(0)).stream().anyMatch(frame -> frame.length == 70));
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(4, 60))));
        GuestSockets.assertFrame(FrameTray.frame(4, 60), quiet);
        assertEquals(2, host.count());
    }

    @Test
    void shouldNotLetAGuestThatDoesNotReadKeepOthersFromTheirs() throws IOException {
        open("");
        Fd deaf = connect("deaf");
        Sockets.send(deaf, FrameTray.frame(1, 60));
        awaitLinks(1);
        Fd other = connect("other");
        Sockets.send(other, FrameTray.frame(2, 60));
        awaitLinks(2);
        List<byte[]> many = FrameTray.frames(0, 64, 1514);
        Sandbox.await("a full socket", () -> tray.send(host.link(0), many) < 64);
        assertEquals(64, tray.send(host.link(1), many));
        assertEquals(0, tray.send(host.link(0), many));
        for (int i = 0; i < 64; i++) {
            GuestSockets.assertFrame(many.get(i), other);
        }
        byte[] room = new byte[2000];
        Sandbox.await("all of it", () -> Sockets.receive(deaf, room) < 0);
        assertEquals(64, tray.send(host.link(0), many), "once it reads");
    }

    @Test
    void shouldReplaceTheLinkOfAGuestThatIsStartedAgain() throws IOException {
        open("");
        for (int round = 0; round < 3; round++) {
            Files.deleteIfExists(directory.resolve("a"));
            Fd guest = connect("a");
            Sockets.send(guest, "VFKT".getBytes(StandardCharsets.US_ASCII));
            awaitLinks(round + 1);
            assertEquals(1, tray.send(host.link(round), List.of(FrameTray.frame(round, 60))));
            GuestSockets.assertFrame(FrameTray.frame(round, 60), guest);
            if (round > 0) {
                assertNull(host.link(round - 1));
            }
            Processes.close(guest::close);
        }
    }

    @Test
    void shouldEndTheLinkOfAGuestThatHasGone() throws IOException {
        open("");
        Fd guest = connect("a");
        Sockets.send(guest, FrameTray.frame(1, 60));
        awaitLinks(1);
        Processes.close(guest::close);
        assertEquals(Link.GONE, tray.send(host.link(0), FrameTray.frames(0, 1, 60)));
        FrameBatch batch = FrameBatch.forReceiving();
        assertEquals(Link.GONE, host.link(0).receive(batch));
        batch.free();
    }

    @Test
    void shouldCountWhatIsNoFrameAndWhatHasNoRoom() throws IOException {
        open("");
        Fd guest = connect("a");
        Sockets.send(guest, FrameTray.frame(1, 60));
        awaitLinks(1);
        Sockets.send(guest, new byte[13]);
        for (int i = 0; i < 1000; i++) {
            Sandbox.await("room in the socket", () -> Sockets.send(guest, FrameTray.frame(1, 1514)) == 1514);
        }
        FrameBatch batch = FrameBatch.forReceiving();
        long[] counts = new long[3];
        Sandbox.await("all of them", () -> {
            batch.clear();
            Link link = host.link(0);
            if (link.receive(batch) > 0) {
                counts[0] += batch.size();
                counts[1] += batch.discarded(Drop.TOO_SHORT);
                counts[2] += batch.discarded(Drop.RING_FULL);
                link.release(batch);
            }
            return counts[0] + counts[1] + counts[2] == 1002;
        });
        batch.free();
        assertEquals(1, counts[1]);
        assertTrue(counts[2] > 100, "beyond the ring: " + counts[2]);
    }

    @Test
    void shouldAllocateNothingOnTheDataPlane() throws IOException {
        open("");
        Fd guest = connect("a");
        Sockets.send(guest, FrameTray.frame(1, 60));
        awaitLinks(1);
        Link link = host.link(0);
        FrameTray.frames(0, 8, 1514).forEach(tray::add);
        int[] rows = {0, 1, 2, 3, 4, 5, 6, 7};
        long frame = tray.batch().head(0);
        FrameBatch batch = FrameBatch.forReceiving();
        long[] received = {0};
        long allocated = Allocations.bytesOf(3000, 2000, () -> {
            Sockets.send(guest.number(), frame, 1514);
            link.transmit(tray.batch(), rows, 0, 8);
            batch.clear();
            if (link.receive(batch) > 0) {
                received[0] += batch.size();
                link.release(batch);
            }
            for (int i = 0; i < 8; i++) {
                Sockets.receive(guest.number(), batch.slot(63), 2000);
            }
        });
        batch.free();
        assertEquals(0, allocated);
        assertTrue(received[0] > 1000, "received: " + received[0]);
    }

    @Test
    void shouldRefuseGuestsBeyondTheLimitAndThoseWithoutAName() throws IOException {
        open("[guests=1]");
        Sockets.send(connect("a"), FrameTray.frame(1, 60));
        awaitLinks(1);
        Sockets.send(connect("b"), FrameTray.frame(1, 60));
        Sandbox.await("a message", () -> host.messages().equals(
                List.of("unixgram: " + sockets.at("sw") + ": more than guests=1")));
        Fd nameless = sockets.socket();
        Sockets.connect(nameless, SocketAddress.ofPath(sockets.at("sw")));
        Sockets.send(nameless, FrameTray.frame(1, 60));
        Sandbox.await("a message", () -> host.messages().size() == 2);
        assertEquals(1, host.count());
    }

    @Test
    void shouldLeaveNothingWhenWithdrawn() throws IOException {
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 50; i++) {
            int links = host.count();
            open("[mode=660]");
            assertEquals("rw-rw----",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("sw"))));
            for (int j = 0; j < 3; j++) {
                Fd guest = connect("g" + i + "-" + j);
                Sockets.send(guest, FrameTray.frame(1, 60));
                awaitLinks(links + j + 1);
                assertEquals("rw-rw----",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("sw"))));
            }
            attachment.close();
            assertNull(host.link(links));
            assertFalse(Files.exists(directory.resolve("sw")));
            assertFalse(Files.exists(directory.resolve("sw.next")));
            sockets.close();
        }
        Sandbox.awaitDescriptors(before, 50);
    }

    @Test
    void shouldRefuseANameThatIsTaken() throws IOException {
        open("");
        LinkScheme.Attachment first = attachment;
        assertEquals("unixgram: " + sockets.at("sw") + " is a socket that somebody has already",
                assertThrows(IOException.class, () -> open("")).getMessage());
        assertNotNull(first);
        Sockets.send(connect("a"), FrameTray.frame(1, 60));
        awaitLinks(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "[guests=1]       | unixgram: '' is no socket (PATH)",
        "/x[guests=0]     | unixgram: guests=0 (1 to 1024)",
        "/x[mode=9]       | unixgram: mode=9 (octal, at most 777)",
        "/no/where        | unixgram: bind /no/where: No such file or directory"})
    void shouldNameTheValueAtFault(String rest, String complaint) {
        assertEquals(complaint, assertThrows(IOException.class,
                () -> new UnixgramScheme().open(new LinkUrl("unixgram", rest), host)).getMessage());
    }

    private void open(String options) throws IOException {
        attachment = new UnixgramScheme().open(new LinkUrl("unixgram", sockets.at("sw") + options), host);
    }

    private void awaitLinks(int count) {
        Sandbox.await(count + " links", () -> host.count() == count);
    }

    private List<byte[]> receive(int index) {
        List<byte[]> received = new ArrayList<>();
        Sandbox.await("a frame", () -> received.addAll(tray.receive(host.link(index))));
        return received;
    }

    private Fd connect(String name) throws IOException {
        Fd socket = sockets.bound(name);
        Sockets.connect(socket, SocketAddress.ofPath(sockets.at("sw")));
        return socket;
    }
}
