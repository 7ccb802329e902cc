package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SharedMemory;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// `shm://`: both ends, and ends that do not keep to the rules when they meet.
@Timeout(60)
@Isolated("counts the mappings of the process")
class ShmSchemeTest {
    @TempDir
    private Path directory;
    private final TestHost host = new TestHost();
    private final TestHost otherHost = new TestHost();
    private final FrameTray tray = new FrameTray();
    private final List<Fd> opened = new ArrayList<>();
    private final List<LinkScheme.Attachment> attachments = new ArrayList<>();

    @AfterEach
    void close() {
        attachments.forEach(LinkScheme.Attachment::close);
        host.close();
        otherHost.close();
        tray.close();
        opened.forEach(Fd::close);
    }

    @Test
    void shouldGiveEachOf64PeersOnOneSocketAPortOfItsOwn() throws IOException {
        open(host, "[guests=64]");
        for (int i = 0; i < 64; i++) {
            open(otherHost, "[client]");
        }
        Sandbox.await("64 links", () -> host.count() == 64);
        for (int i = 0; i < 64; i++) {
            tray.send(otherHost.link(i), List.of(FrameTray.frame(i, 60 + i)));
            assertArrayEquals(FrameTray.frame(i, 60 + i), receive(host.link(i)));
            tray.send(host.link(i), List.of(FrameTray.frame(i, 1514)));
            assertArrayEquals(FrameTray.frame(i, 1514), receive(otherHost.link(i)));
        }
        open(otherHost, "[client]");
        Sandbox.await("a complaint", () -> !host.messages().isEmpty());
        assertEquals(List.of("shm: " + path() + ": more than guests=64"), host.messages());
        assertEquals("shm", host.label(0).module());
        assertTrue(host.label(0).description().matches(".*/peer pid=" + ProcessHandle.current().pid() + " uid=\\d+"),
                host.label(0).description());
    }

    @Test
    void shouldConnectWheneverTheOtherSideIsThere() throws IOException {
        open(otherHost, "[client]");
        for (int round = 0; round < 3; round++) {
            int links = round + 1;
            LinkScheme.Attachment listening = open(host, "");
            Sandbox.await("both", () -> otherHost.count() == links && host.count() == links);
            tray.send(otherHost.link(round), List.of(FrameTray.frame(round, 60)));
            assertArrayEquals(FrameTray.frame(round, 60), receive(host.link(round)));
            listening.close();
            assertEnds(otherHost.link(round));
            otherHost.detach(round);
        }
        List<String> told = List.of("nobody listens there yet", "is there", "has gone"); // none held for a while
        Sandbox.await("news", () -> otherHost.messages().size() == told.size());
        assertEquals(told.stream().map(news -> "shm: " + path() + ": " + news).toList(), otherHost.messages());
    }

    @Test
    void shouldLetOnlyThoseInWhoMayAndReplaceASocketThatNobodyAnswers() throws IOException {
        try (Fd dead = Sockets.open(Sockets.Type.SEQPACKET, false)) {
            Sockets.bind(dead, SocketAddress.ofPath(path()));
        }
        open(host, "");
        assertEquals("rw-------", permissions());
        attachments.removeLast().close();
        assertFalse(Files.exists(Path.of(path())));
        open(host, "[mode=660,server]");
        assertEquals("rw-rw----", permissions());
    }

    @Test
    void shouldTellWhatAPeerDidAndUnplugOnlyIt() throws IOException {
        open(host, "");
        open(otherHost, "[client]");
        FdPassing.send(connect(), new byte[7], List.of());
        Sandbox.await("both links", () -> host.count() == 2);
        Sandbox.await("it is said", () -> {
            look(host.link(1));
            return ((ShmLink) host.link(1)).complaint().isPresent();
        });
        assertEnds(host.link(1));
        host.detach(1);
        assertEquals(1, host.messages().size());
        assertTrue(host.messages().getFirst().matches("shm: " + path()
                + " pid=\\d+ uid=\\d+ does not speak of shared memory, and is unplugged"), host.messages().getFirst());
        tray.send(otherHost.link(0), List.of(FrameTray.frame(1, 60)));
        assertArrayEquals(FrameTray.frame(1, 60), receive(host.link(0)));
    }

    @Test
    void shouldLeaveNothingOfPeersThatCameAndWent() throws IOException {
        open(host, "");
        int descriptors = Sandbox.openDescriptors();
        int mappings = mappings();
        for (int i = 0; i < 100; i++) {
            int index = i;
            LinkScheme.Attachment client = open(otherHost, "[client]");
            Sandbox.await("a link", () -> host.count() == index + 1 && otherHost.count() == index + 1);
            client.close();
            assertEnds(host.link(i));
            host.detach(i);
        }
        assertEquals(mappings, mappings());
        Sandbox.awaitDescriptors(descriptors, 50);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "SHORT       | said 23 bytes of 24",
        "LONG        | said 25 bytes of 24",
        "MAGIC       | does not speak of shared memory",
        "VERSION     | speaks version=2 (known: 1)",
        "RING_SIZE   | offers rings of 1048575 bytes for frames of 67568",
        "HUGE_RING   | offers rings of 134217728 bytes for frames of 67568",
        "NO_FILE     | offers 0 descriptors instead of 1",
        "TWO_FILES   | offers 2 descriptors instead of 1",
        "MANY_FILES  | offers 32 descriptors instead of 1",
        "UNSEALED    | offers memory of no use: mmap length=2240512 seals=",
        "TOO_SMALL   | offers memory of no use: mmap length=2240512 file length=2236416: Invalid argument",
        "NO_MEMORY   | offers memory of no use: mmap length=2240512 seals="})
    void shouldSayWhatAnOfferLacksAndKeepNothingOfIt(Nonsense nonsense, String complaint) throws Exception {
        Fd listener = keep(Sockets.open(Sockets.Type.SEQPACKET, false));
        Sockets.bind(listener, SocketAddress.ofPath(path()));
        Sockets.listen(listener, 1);
        int mappings = mappings();
        Thread player = Thread.ofPlatform().start(() -> {
            try {
                nonsense.play(keep(new Fd(Sockets.accept(listener))));
            } catch (IOException failure) {
                throw new java.io.UncheckedIOException(failure);
            }
        });
        IOException refusal = assertThrows(IOException.class, () -> open(otherHost, "[client]"));
        player.join();
        String expected = "shm: " + path() + ": " + complaint;
        assertTrue(refusal.getMessage().startsWith(expected), refusal.getMessage());
        assertEquals(mappings, mappings());
        assertEquals(0, otherHost.count());
    }

    /// What a listening side offers instead of memory.
    enum Nonsense {
        SHORT, LONG, MAGIC, VERSION, RING_SIZE, HUGE_RING, NO_FILE, TWO_FILES, MANY_FILES, UNSEALED, TOO_SMALL,
        NO_MEMORY;

        void play(Fd socket) throws IOException {
            byte[] offer = ShmOffer.of(Offload.ALL, ShmLayout.RING_BYTES).emit();
            try (SharedMemory good = ShmHandshake.memory();
                    SharedMemory small = SharedMemory.create("small", good.length() - 4096)) {
                switch (this) {
                    case SHORT -> send(socket, Arrays.copyOf(offer, 23), good.file());
                    case LONG -> send(socket, Arrays.copyOf(offer, 25), good.file());
                    case MAGIC -> send(socket, new byte[24], good.file());
                    case VERSION -> send(socket, with(offer, 4, 2), good.file());
                    case RING_SIZE -> send(socket, ShmOffer.of(Offload.ALL, 1_048_575).emit(), good.file());
                    case HUGE_RING -> send(socket, ShmOffer.of(Offload.ALL, 1 << 27).emit(), good.file());
                    case NO_FILE -> send(socket, offer);
                    case TWO_FILES -> send(socket, offer, good.file(), good.file());
                    case MANY_FILES -> send(socket, offer, Stream.generate(good::file).limit(32).toArray(Fd[]::new));
                    case UNSEALED -> {
                        try (Fd file = unsealed(good.length())) {
                            send(socket, offer, file);
                        }
                    }
                    case TOO_SMALL -> send(socket, offer, small.file());
                    case NO_MEMORY -> send(socket, offer, socket);
                }
            }
        }

        private static byte[] with(byte[] offer, int at, int value) {
            offer[at] = (byte) value;
            return offer;
        }

        private static void send(Fd socket, byte[] bytes, Fd... files) {
            FdPassing.send(socket, bytes, List.of(files));
        }

        /// A file that its owner can shorten at any time.
        private static Fd unsealed(long length) throws IOException {
            Path path = Files.createTempFile("vswitch", "unsealed");
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
                    Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
                file.setLength(length);
                for (Path link : links.toList()) {
                    if (Files.exists(link) && Files.isSameFile(link, path)) {
                        Fd open = new Fd(Integer.parseInt(link.getFileName().toString()));
                        Fd copy = open.duplicate();
                        open.release();
                        return copy;
                    }
                }
                throw new IllegalStateException("not open: " + path);
            } finally {
                Files.delete(path);
            }
        }
    }

    @Test
    void shouldNameTheValueAtFault() {
        assertEquals("shm: '' is no socket (PATH)", refusal(""));
        assertEquals("shm: offload=some (none, checksum, tso or all)", refusal("/x[offload=some]"));
        assertEquals("shm: mode=600 (not with client)", refusal("/x[client,mode=600]"));
        assertEquals("shm: guests=0 (1 to 1024)", refusal("/x[guests=0]"));
    }

    private static String refusal(String rest) {
        return assertThrows(IOException.class, () -> new ShmScheme().open(new LinkUrl("shm", rest), new TestHost()))
                .getMessage();
    }

    private LinkScheme.Attachment open(TestHost at, String options) throws IOException {
        attachments.add(new ShmScheme().open(new LinkUrl("shm", path() + options), at));
        return attachments.getLast();
    }

    private byte[] receive(Link link) {
        List<byte[]> received = new ArrayList<>();
        Sandbox.await("a frame", () -> received.addAll(tray.receive(link)));
        assertEquals(1, received.size());
        return received.getFirst();
    }

    private static void assertEnds(Link link) {
        FrameBatch batch = FrameBatch.forReceiving();
        Sandbox.await("the end", () -> {
            look(link);
            batch.clear();
            return link.receive(batch) == Link.GONE;
        });
        batch.free();
    }

    /// As a data plane does when the descriptor is readable.
    private static void look(Link link) {
        link.woken();
    }

    private Fd connect() throws LinuxException {
        Fd socket = keep(Sockets.open(Sockets.Type.SEQPACKET, false));
        Sockets.connect(socket, SocketAddress.ofPath(path()));
        return socket;
    }

    private synchronized Fd keep(Fd one) {
        opened.add(one);
        return one;
    }

    private String path() {
        return directory.resolve("peer").toString();
    }

    private String permissions() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(path())));
    }

    private static int mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) lines.filter(line -> line.contains("vswitch-shm")).count();
        }
    }
}
