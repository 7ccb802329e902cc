package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vswitch.linux.Fd;
import org.vswitch.linux.NativeMemory;

/// A guest with a network driver: pairs of rings, each descriptor with a buffer of its own.
public final class TestGuest implements AutoCloseable {
    /// Bytes of a descriptor's buffer.
    public static final int BUFFER = 2048;
    /// What Linux agrees to.
    public static final long LINUX = VirtioFeatures.VERSION_1 | VirtioFeatures.MRG_RXBUF | VirtioFeatures.EVENT_IDX
            | VirtioFeatures.INDIRECT_DESC | VirtioFeatures.CSUM | VirtioFeatures.GUEST_CSUM
            | VirtioFeatures.GUEST_TSO4 | VirtioFeatures.GUEST_TSO6 | VirtioFeatures.GUEST_ECN
            | VirtioFeatures.HOST_TSO4 | VirtioFeatures.HOST_TSO6 | VirtioFeatures.HOST_ECN | VirtioFeatures.MQ;

    private final long features;
    private final int size;
    private final FrontEndMemory memory;
    private final List<SplitRingDriver> rings = new ArrayList<>();
    private final List<Bell> kicks = new ArrayList<>();
    private final List<Bell> calls = new ArrayList<>();
    private final List<Bell> errors = new ArrayList<>();
    private final long buffers;
    private GuestMemory mapped;
    private int[] sent;

    /// A guest that is not plugged in.
    ///
    /// @param features what it agrees to
    /// @param pairs of rings
    /// @param size of each ring
    /// @param cuts where its memory is cut into regions
    public TestGuest(long features, int pairs, int size, long... cuts) throws IOException {
        this(features, pairs, size, new FrontEndMemory(bytes(pairs, size), cuts));
    }

    /// A guest with memory of its own.
    ///
    /// @param memory of [#bytes], closed with the guest
    TestGuest(long features, int pairs, int size, FrontEndMemory memory) throws IOException {
        this.features = features;
        this.size = size;
        this.memory = memory;
        sent = new int[2 * pairs];
        buffers = FrontEndMemory.GUEST + start(pairs, size);
        for (int ring = 0; ring < 2 * pairs; ring++) {
            rings.add(new SplitRingDriver(memory, FrontEndMemory.GUEST + ring * SplitRingDriver.bytes(size), size,
                    (features & VirtioFeatures.EVENT_IDX) != 0));
            kicks.add(new Bell());
            calls.add(new Bell());
            errors.add(new Bell());
        }
    }

    /// How much memory a guest needs.
    static long bytes(int pairs, int size) {
        return start(pairs, size) + 2L * pairs * size * BUFFER + (1 << 20);
    }

    private static long start(int pairs, int size) {
        return (2L * pairs * SplitRingDriver.bytes(size) + BUFFER & -BUFFER) + BUFFER;
    }

    /// Plugs it in, with all rings enabled.
    void plugInto(VhostUserLink link) throws IOException {
        mapped = memory.mapped();
        link.features(features);
        link.memory(mapped);
        for (int ring = 0; ring < rings.size(); ring++) {
            start(link, ring);
            link.enable(ring, true);
        }
    }

    /// Plugs it in by messages, in QEMU's order. Rings go on where the device has left them, as after its crash.
    public void plugInto(FrontEndSocket socket) throws IOException {
        socket.ask(VhostRequest.GET_FEATURES);
        socket.tell(VhostRequest.SET_PROTOCOL_FEATURES,
                FrontEndTalk.u64(socket.ask(VhostRequest.GET_PROTOCOL_FEATURES)));
        socket.tell(VhostRequest.SET_OWNER, new byte[0]);
        socket.tell(VhostRequest.SET_FEATURES, FrontEndTalk.u64(features | VirtioFeatures.PROTOCOL_FEATURES));
        List<Fd> files = memory.copies(memory.regions().size());
        socket.tell(VhostRequest.SET_MEM_TABLE,
                FrontEndTalk.table(memory.regions().toArray(GuestMemory.Region[]::new)), files.toArray(Fd[]::new));
        files.forEach(Fd::close);
        for (int ring = 0; ring < rings.size(); ring++) {
            start(socket, ring);
        }
    }

    private void start(FrontEndSocket socket, int ring) throws IOException {
        SplitRingDriver driver = rings.get(ring);
        RingSetup setup = driver.setup(kicks.get(ring), calls.get(ring), errors.get(ring));
        socket.tell(VhostRequest.SET_VRING_NUM, FrontEndTalk.u32(ring, setup.size()));
        socket.tell(VhostRequest.SET_VRING_BASE, FrontEndTalk.u32(ring, driver.usedIndex()));
        socket.tell(VhostRequest.SET_VRING_ADDR, FrontEndTalk.joined(FrontEndTalk.u32(ring, 0),
                FrontEndTalk.u64(setup.descriptors(), setup.used(), setup.available(), 0)));
        socket.tell(VhostRequest.SET_VRING_KICK, FrontEndTalk.u64(ring), setup.kick());
        socket.tell(VhostRequest.SET_VRING_CALL, FrontEndTalk.u64(ring), setup.call());
        socket.tell(VhostRequest.SET_VRING_ERR, FrontEndTalk.u64(ring), setup.error());
        socket.tell(VhostRequest.SET_VRING_ENABLE, FrontEndTalk.u32(ring, 1));
        setup.kick().close();
        setup.call().close();
        setup.error().close();
    }

    void start(VhostUserLink link, int ring) throws IOException {
        link.start(ring, rings.get(ring).setup(kicks.get(ring), calls.get(ring), errors.get(ring)));
    }

    FrontEndMemory memory() {
        return memory;
    }

    /// A ring: even ones receive.
    public SplitRingDriver ring(int number) {
        return rings.get(number);
    }

    /// Wakes the device.
    public Bell kick(int ring) {
        return kicks.get(ring);
    }

    Bell call(int ring) {
        return calls.get(ring);
    }

    Bell error(int ring) {
        return errors.get(ring);
    }

    /// Bytes of the header in front of a frame.
    public int header() {
        return (features & (VirtioFeatures.VERSION_1 | VirtioFeatures.MRG_RXBUF)) != 0 ? 12 : 10;
    }

    /// The buffer of a descriptor.
    public long buffer(int ring, int descriptor) {
        return buffers + ((long) ring * size + descriptor) * BUFFER;
    }

    /// Memory for whatever a test needs: 1 MiB behind all buffers.
    long spare() {
        return buffers + (long) rings.size() * size * BUFFER;
    }

    /// Where the front-end has what it calls by a guest address.
    public long at(long guest) {
        return memory.at(guest);
    }

    /// Sends a frame without offloads through a ring, header and frame in one buffer.
    void send(int ring, byte[] frame) {
        send(ring, new byte[header()], frame);
    }

    /// Sends a frame in one buffer.
    void send(int ring, byte[] header, byte[] frame) {
        int index = sent[ring]++ & size - 1;
        byte[] all = Arrays.copyOf(header, header.length + frame.length);
        System.arraycopy(frame, 0, all, header.length, frame.length);
        memory.put(buffer(ring, index), all);
        rings.get(ring).descriptor(index, buffer(ring, index), all.length, 0);
        rings.get(ring).offer(index);
        rings.get(ring).announce();
    }

    /// Gives buffers to a receive ring, one descriptor each.
    void give(int ring, int count, int length) {
        for (int i = 0; i < count; i++) {
            int index = sent[ring]++ & size - 1;
            rings.get(ring).descriptor(index, buffer(ring, index), length, SplitRingDriver.WRITE);
            rings.get(ring).offer(index);
        }
        rings.get(ring).announce();
    }

    /// Takes what came into buffers that [#give] gave: headers and frames.
    List<Received> received(int ring) {
        List<Received> frames = new ArrayList<>();
        SplitRingDriver driver = rings.get(ring);
        while (driver.returned() > 0) {
            byte[] header = memory.get(buffer(ring, driver.head()), header());
            int chains = header.length == 12 ? header[10] & 0xff | (header[11] & 0xff) << 8 : 1;
            byte[] frame = new byte[0];
            for (int i = 0; i < chains; i++) {
                int skip = i == 0 ? header.length : 0;
                byte[] part = memory.get(buffer(ring, driver.head()) + skip, driver.length() - skip);
                byte[] joined = Arrays.copyOf(frame, frame.length + part.length);
                System.arraycopy(part, 0, joined, frame.length, part.length);
                frame = joined;
                driver.take();
            }
            frames.add(new Received(header, frame));
        }
        return frames;
    }

    /// A frame that came.
    ///
    /// @param header as it came
    /// @param frame all of it
    record Received(byte[] header, byte[] frame) {
        long word() {
            long word = 0;
            for (int i = 7; i >= 0; i--) {
                word = word << 8 | header[i] & 0xff;
            }
            return word;
        }
    }

    /// The value of two bytes anywhere, for those who look into rings.
    int u16(long guest) {
        return NativeMemory.getShort(memory.at(guest));
    }

    @Override
    public void close() {
        if (mapped != null) {
            mapped.close();
        }
        memory.close();
        kicks.forEach(Bell::close);
        calls.forEach(Bell::close);
        errors.forEach(Bell::close);
    }
}
