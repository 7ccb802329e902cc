package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SharedMemory;

/// What a front-end says to a session, without a socket between them.
///
/// Every descriptor it sends is one of a file with a name of its own, so that those that are open can be counted
/// whatever else happens in this process.
final class FrontEndTalk implements AutoCloseable {
    /// Where the guest's memory begins for the front-end.
    static final long USER = 0x7f00_0000_0000L;
    /// How much memory a guest has.
    static final int SIZE = 1 << 20;
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final int VERSION = 1;
    private static final int NEEDS_REPLY = 8;
    private static final int RING_ROOM = 0x10000;

    private final String name = "talk" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    private final SharedMemory file;
    private final List<String> log = new ArrayList<>();
    private final ToldDevice device;
    private final VhostSession session;

    FrontEndTalk(VhostOffer offer) throws IOException {
        this(offer, SIZE);
    }

    /// The same with more memory, of which only what is touched counts.
    FrontEndTalk(VhostOffer offer, int size) throws IOException {
        file = SharedMemory.create(name, size);
        device = new ToldDevice(offer.rings());
        session = new VhostSession(offer, device, log::add);
        device.take();
    }

    /// A port as it is when nothing else is asked for, but for its queue pairs.
    static VhostOffer offer(int pairs) {
        return new VhostOffer(VhostOffer.PLAIN | VhostOffer.CHECKSUM | VhostOffer.TSO, VhostOffer.PROTOCOL, pairs,
                VhostUserOptions.MAX_MTU, false);
    }

    /// The same for a front-end whose memory must be sealed.
    static VhostOffer sealed() {
        VhostOffer offer = offer(1);
        return new VhostOffer(offer.features(), offer.protocol(), offer.pairs(), offer.mtu(), true);
    }

    ToldDevice device() {
        return device;
    }

    VhostSession session() {
        return session;
    }

    /// What the session has logged.
    List<String> log() {
        return log;
    }

    /// A message that nobody acknowledges.
    static VhostMessage message(VhostRequest request, byte[] payload) {
        return new VhostMessage(request.number(), VERSION, payload);
    }

    /// A message that is to be acknowledged.
    static VhostMessage needing(VhostRequest request, byte[] payload) {
        return new VhostMessage(request.number(), VERSION | NEEDS_REPLY, payload);
    }

    /// Asks for a number.
    long ask(VhostRequest request) throws IOException {
        return value(session.handle(message(request, new byte[0]), List.of()));
    }

    /// Says something that has no answer.
    void tell(VhostRequest request, byte[] payload, Fd... files) throws IOException {
        assertArrayEquals(new byte[0], session.handle(message(request, payload), List.of(files)), request.name());
    }

    /// Says something that is acknowledged.
    ///
    /// @return 0 if it was done
    long acknowledged(VhostRequest request, byte[] payload, Fd... files) throws IOException {
        return value(session.handle(needing(request, payload), List.of(files)));
    }

    /// Stops a ring.
    ///
    /// @return where it stands
    int stop(int ring) throws IOException {
        byte[] reply = session.handle(message(VhostRequest.GET_VRING_BASE, u32(ring, 0)), List.of());
        assertEquals(ring, Integer.reverseBytes(ByteBuffer.wrap(reply).getInt(12)));
        return Integer.reverseBytes(ByteBuffer.wrap(reply).getInt(16));
    }

    /// Agrees to all features of the protocol.
    void agree() throws IOException {
        tell(VhostRequest.SET_PROTOCOL_FEATURES, u64(ask(VhostRequest.GET_PROTOCOL_FEATURES)));
    }

    /// A descriptor to be sent.
    Fd fd() throws IOException {
        return file.file().duplicate();
    }

    /// How many descriptors of this talk are open besides its own.
    int open() {
        String[] numbers = new File("/proc/self/fd").list();
        int count = -1;
        for (String number : numbers == null ? new String[0] : numbers) {
            Path link = Path.of("/proc/self/fd", number);
            try {
                count += Files.readSymbolicLink(link).toString().contains("memfd:" + name + " ") ? 1 : 0;
            } catch (IOException closedMeanwhile) {
                continue;
            }
        }
        return count;
    }

    /// How often the memory of this talk is mapped besides its own mapping.
    int mapped() {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) lines.filter(line -> line.contains("memfd:" + name + " ")).count() - 1;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The guest's memory as one region.
    static GuestMemory.Region region() {
        return new GuestMemory.Region(0, SIZE, USER, 0);
    }

    /// A table of regions.
    static byte[] table(GuestMemory.Region... regions) {
        byte[][] parts = new byte[regions.length + 1][];
        parts[0] = u32(regions.length, 0);
        for (int i = 0; i < regions.length; i++) {
            parts[i + 1] = numbers(regions[i]);
        }
        return joined(parts);
    }

    /// One region.
    static byte[] slot(GuestMemory.Region region) {
        return joined(u64(0), numbers(region));
    }

    /// The place of a ring within the guest's memory.
    static byte[] place(int ring) {
        long start = USER + (long) RING_ROOM * ring;
        return joined(u32(ring, 0), u64(start, start + 0x9000, start + 0x8000, 0));
    }

    static byte[] u32(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * values.length);
        for (int value : values) {
            bytes.putInt(Integer.reverseBytes(value));
        }
        return bytes.array();
    }

    static byte[] u64(long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * values.length);
        for (long value : values) {
            bytes.putLong(Long.reverseBytes(value));
        }
        return bytes.array();
    }

    static byte[] joined(byte[]... parts) {
        ByteBuffer bytes = ByteBuffer.allocate(1024);
        for (byte[] part : parts) {
            bytes.put(part);
        }
        byte[] all = new byte[bytes.position()];
        bytes.flip().get(all);
        return all;
    }

    /// Ends the session, of which nothing may be left.
    @Override
    public void close() {
        session.close();
        device.close();
        assertEquals(0, open(), "descriptors left");
        assertEquals(0, mapped(), "mappings left");
        file.close();
    }

    private static byte[] numbers(GuestMemory.Region region) {
        return u64(region.guest(), region.size(), region.user(), region.offset());
    }

    private static long value(byte[] reply) {
        assertEquals(20, reply.length, "bytes of a reply");
        assertEquals(5, Integer.reverseBytes(ByteBuffer.wrap(reply).getInt(4)), "flags of a reply");
        return Long.reverseBytes(ByteBuffer.wrap(reply).getLong(12));
    }
}
