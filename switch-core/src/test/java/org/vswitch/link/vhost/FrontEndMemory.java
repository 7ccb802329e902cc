package org.vswitch.link.vhost;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.vswitch.link.vhost.GuestMemory.Region;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SharedMemory;
import org.vswitch.linux.Sockets;

/// A guest's memory as its front-end has it: one file, and the regions in which it is shared. Guest addresses follow
/// each other over all regions.
public final class FrontEndMemory implements AutoCloseable {
    /// Guest address of the first byte.
    public static final long GUEST = 0x10_0000;
    private static final long USER = 0x7f12_3400_0000L;

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final String name;
    private final SharedMemory file;
    private final List<Region> regions = new ArrayList<>();

    /// Memory in regions that meet at guest addresses.
    ///
    /// @param bytes how much
    /// @param cuts offsets in ascending order at which a region ends and the next one begins
    public FrontEndMemory(long bytes, long... cuts) throws IOException {
        this("guest" + NAMES.incrementAndGet(), bytes, cuts);
    }

    private FrontEndMemory(String name, long bytes, long... cuts) throws IOException {
        this(name, SharedMemory.create(name, bytes), cuts);
    }

    private FrontEndMemory(String name, SharedMemory shared, long... cuts) {
        this.name = name;
        file = shared;
        long bytes = shared.length();
        long from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            long to = i < cuts.length ? cuts[i] : bytes;
            regions.add(new Region(GUEST + from, to - from, USER + from, from));
            from = to;
        }
        Collections.reverse(regions); // neighbors in the guest are none here
    }

    /// Memory in a file that can be cut short.
    ///
    /// @param open stays the caller's
    /// @param path of the file
    static FrontEndMemory inFile(RandomAccessFile open, Path path) throws IOException {
        return new FrontEndMemory(path.toString(), SharedMemory.map(descriptorOf(path), open.length()));
    }

    /// How often the file is mapped in this process, the front-end's own mapping included.
    long mappings() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("memfd:" + name + " ")).count();
        }
    }

    List<Region> regions() {
        return regions;
    }

    /// Maps the memory as a device does.
    GuestMemory mapped() throws IOException {
        return GuestMemory.map(regions, copies(regions.size()));
    }

    /// Descriptors of the file.
    List<Fd> copies(int count) throws IOException {
        return copies(file.file(), count);
    }

    /// Further descriptors of what a descriptor stands for.
    static List<Fd> copies(Fd fd, int count) throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.STREAM, false);
        List<Fd> copies = new ArrayList<>();
        FdPassing.send(pair.first(), new byte[1], Collections.nCopies(count, fd));
        FdPassing.receive(pair.second(), new byte[1], copies);
        pair.first().close();
        pair.second().close();
        if (copies.size() != count) {
            throw new IllegalStateException("descriptors=" + copies.size());
        }
        return copies;
    }

    /// A descriptor of a file that is open in this process.
    static Fd descriptorOf(Path path) throws IOException {
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            for (Path link : links.toList()) {
                if (Files.exists(link) && Files.isSameFile(link, path)) {
                    Fd open = new Fd(Integer.parseInt(link.getFileName().toString()));
                    Fd copy = copies(open, 1).getFirst();
                    open.release();
                    return copy;
                }
            }
        }
        throw new IllegalStateException("not open: " + path);
    }

    /// Where the front-end itself has what it calls by a guest address.
    public long at(long guest) {
        return file.address() + guest - GUEST;
    }

    /// The front-end's name for what it calls by a guest address.
    static long user(long guest) {
        return USER + guest - GUEST;
    }

    /// Stores bytes.
    void put(long guest, byte[] bytes) {
        NativeMemory.copyIn(bytes, 0, at(guest), bytes.length);
    }

    /// Loads bytes.
    byte[] get(long guest, int length) {
        byte[] bytes = new byte[length];
        NativeMemory.copyOut(at(guest), bytes, 0, length);
        return bytes;
    }

    @Override
    public void close() {
        file.close();
    }
}
