package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FileMapping;
import org.vswitch.linux.NativeMemory;

/// A guest's memory as its front-end shares it: the only way from an address that a guest or front-end names to one of
/// ours.
///
/// Theory of operation. A region is a stretch of a file, mapped from the file's start on (so that no offset need be
/// aligned to pages of any size). Guests name bytes by guest-physical address, front-ends by their own. Neighbors in
/// the one need not be neighbors here: a range has to be followed region by region ([#contiguous]), or is refused where
/// it does not lie in one ([#hostAddress(long, long)], [#translateUser]). The list of regions never changes. A memory
/// with one region more or less shares the mappings of the others; each is unmapped when the last memory that has it
/// was closed by all its holders: who made it, and the device that uses it.
///
/// Look-ups by guest address belong to one thread: they begin with the region that was hit last. There are seldom more
/// than three. The rest is callable from any thread.
final class GuestMemory implements AutoCloseable {
    /// The most regions, as SET_MEM_TABLE and ADD_MEM_REG together may give them (GET_MAX_MEM_SLOTS).
    static final int MAX_REGIONS = 64;
    /// No memory at all; closing it has no effect.
    static final GuestMemory NONE = new GuestMemory(List.of());

    private final List<Mapped> mapped;
    private final AtomicInteger holders = new AtomicInteger(1);
    // the region that was hit last: where it begins, its bytes, where it lies
    private long hitGuest;
    private long hitSize;
    private long hitHost;

    private GuestMemory(List<Mapped> mapped) {
        this.mapped = List.copyOf(mapped);
        mapped.forEach(region -> region.uses.incrementAndGet());
    }

    /// A stretch of memory that a front-end shares. No sum of an address or offset and the size may reach 2^63.
    ///
    /// @param guest guest-physical address of its first byte
    /// @param size bytes, above 0
    /// @param user the same byte in the front-end's address space
    /// @param offset the same byte in the file
    record Region(long guest, long size, long user, long offset) {
        private boolean isValid() {
            return size > 0 && isRange(guest) && isRange(user) && isRange(offset);
        }

        private boolean isRange(long start) {
            return start >= 0 && start + size > 0;
        }

        private boolean overlaps(Region other) {
            return guest < other.guest + other.size && other.guest < guest + size;
        }

        private boolean isSameAs(Region other) {
            return guest == other.guest && size == other.size && user == other.user;
        }

        @Override
        public String toString() {
            return "guest=0x" + Long.toHexString(guest) + " size=0x" + Long.toHexString(size) + " user=0x"
                    + Long.toHexString(user) + " offset=0x" + Long.toHexString(offset);
        }
    }

    /// A region and where it lies.
    private static final class Mapped {
        final Region region;
        final FileMapping file;
        final long host;
        final AtomicInteger uses = new AtomicInteger();

        Mapped(Region region, FileMapping file) {
            this.region = region;
            this.file = file;
            this.host = file.address() + region.offset;
        }
    }

    /// Maps regions. One that is there twice, equal in all four numbers, counts once.
    ///
    /// @param regions which do not overlap; 0 to [#MAX_REGIONS]
    /// @param files one for each; closed in any case
    /// @return to be closed
    /// @throws IOException with a line that names the value at fault; nothing stays mapped
    static GuestMemory map(List<Region> regions, List<Fd> files) throws IOException {
        List<Mapped> mapped = new ArrayList<>();
        try {
            if (regions.size() != files.size()) {
                throw new IOException("memory regions=" + regions.size() + " descriptors=" + files.size());
            }
            Set<Region> seen = new HashSet<>();
            for (int i = 0; i < regions.size(); i++) {
                if (seen.add(regions.get(i))) {
                    mapped.add(map(regions.get(i), files.get(i), mapped));
                }
            }
            return new GuestMemory(mapped);
        } catch (IOException refusal) {
            mapped.forEach(region -> region.file.close());
            throw refusal;
        } finally {
            files.forEach(Fd::close);
        }
    }

    /// The same memory and one more region. Mappings are shared: addresses of this memory hold in the new one.
    ///
    /// @param region if there is an equal one, there will be no more
    /// @param file closed in any case
    /// @return to be closed, as this one still is
    /// @throws IOException as [#map], and nothing has changed
    GuestMemory with(Region region, Fd file) throws IOException {
        try (file) {
            List<Mapped> more = new ArrayList<>(mapped);
            if (!regions().contains(region)) {
                more.add(map(region, file, mapped));
            }
            return new GuestMemory(more);
        }
    }

    /// The same memory without a region.
    ///
    /// @param region equal in guest address, size and user address; its offset does not matter
    /// @return to be closed, as this one still is
    /// @throws IOException if there is none
    GuestMemory without(Region region) throws IOException {
        List<Mapped> fewer = mapped.stream().filter(other -> !other.region.isSameAs(region)).toList();
        if (fewer.size() == mapped.size()) {
            throw new IOException("memory region not there: " + region);
        }
        return new GuestMemory(fewer);
    }

    private static Mapped map(Region region, Fd file, List<Mapped> others) throws IOException {
        if (!region.isValid()) {
            throw new IOException("memory region: " + region);
        }
        if (others.size() == MAX_REGIONS) {
            throw new IOException("memory regions, at most " + MAX_REGIONS);
        }
        for (Mapped other : others) {
            if (region.overlaps(other.region)) {
                throw new IOException("memory region " + region + " overlaps " + other.region);
            }
        }
        return new Mapped(region, FileMapping.map(file, region.offset + region.size));
    }

    /// The regions there are.
    ///
    /// @return in the order of their coming
    List<Region> regions() {
        return mapped.stream().map(each -> each.region).toList();
    }

    /// Whether no other process can shorten any of the files, after which an access would end in SIGBUS.
    ///
    /// @return false if one is not sealed against that
    boolean isSealed() {
        return mapped.stream().allMatch(each -> each.file.isSealed());
    }

    /// Where a range of the front-end's own address space lies.
    ///
    /// @param user its first byte
    /// @param length how many bytes
    /// @return its first byte here, or 0 unless all of it lies in one region
    long translateUser(long user, long length) {
        for (Mapped each : mapped) {
            long offset = user - each.region.user;
            if (offset >= 0 && length >= 0 && offset <= each.region.size - length) {
                return each.host + offset;
            }
        }
        return 0;
    }

    /// Where a range that a guest names lies.
    ///
    /// @param guest its first byte
    /// @param length how many bytes, 1 or more
    /// @return its first byte here, or 0 unless all of it lies in one region
    long hostAddress(long guest, long length) {
        long offset = guest - hitGuest;
        if (offset >= 0 && offset <= hitSize - length) {
            return hitHost + offset;
        }
        return find(guest) && guest - hitGuest <= hitSize - length ? hitHost + guest - hitGuest : 0;
    }

    /// Where a byte that a guest names lies.
    ///
    /// @param guest its address
    /// @return where, or 0 if there is no such byte
    long hostAddress(long guest) {
        return hostAddress(guest, 1);
    }

    /// How far the region goes on behind a byte that [#hostAddress] has just found.
    ///
    /// @param guest its address
    /// @return bytes, itself among them
    long contiguous(long guest) {
        return hitSize - (guest - hitGuest);
    }

    /// Whether all of it is still there: a file that was cut short has lost its end.
    ///
    /// @return false if an access is answered with an error
    boolean isIntact() {
        try {
            int sum = 0;
            for (Mapped each : mapped) {
                sum += NativeMemory.getByte(each.host + each.region.size - 1);
            }
            return sum >= 0;
        } catch (InternalError lostMemory) {
            return false;
        }
    }

    /// One more holder, who will close it.
    void hold() {
        holders.incrementAndGet();
    }

    /// Gives up one holder's share.
    @Override
    public void close() {
        if (this != NONE && holders.decrementAndGet() == 0) {
            for (Mapped each : mapped) {
                if (each.uses.decrementAndGet() == 0) {
                    each.file.close();
                }
            }
        }
    }

    private boolean find(long guest) {
        for (int i = 0; i < mapped.size(); i++) {
            Mapped each = mapped.get(i);
            long offset = guest - each.region.guest;
            if (offset >= 0 && offset < each.region.size) {
                hitGuest = each.region.guest;
                hitSize = each.region.size;
                hitHost = each.host;
                return true;
            }
        }
        return false;
    }
}
