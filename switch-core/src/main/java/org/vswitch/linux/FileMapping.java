package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The start of a file that another process has made, mapped readable, writable and shared. It stays mapped without its
/// descriptor.
///
/// Theory of operation. Whoever maps a file that another process can shorten dies of SIGBUS at the next access, which
/// the JVM turns into an InternalError. So the length is compared with the file's first, and [#isSealed] tells whether
/// it holds for ever. Files of hugetlbfs are mapped and unmapped in units of their large pages, which fstat(2) gives as
/// the block size.
public final class FileMapping implements AutoCloseable {
    private static final int AT_EMPTY_PATH = 0x1000;
    // struct statx { u32 mask, blksize; u64 attributes; u32 nlink, uid, gid; u16 mode, spare; u64 ino, size; ... }
    private static final int STATX_LENGTH = 256;
    private static final int STATX_BASIC = 0x7ff;
    private static final int BLOCK_SIZE = 4;
    private static final int MODE = 28;
    private static final int SIZE = 40;
    private static final int S_IFMT = 0170000;
    private static final int S_IFREG = 0100000;
    /// Larger pages than the machine can have: 16 GiB.
    private static final long MOST_BLOCK = 1L << 34;

    private final long address;
    private final long length;
    private final boolean sealed;

    private FileMapping(long address, long length, boolean sealed) {
        this.address = address;
        this.length = length;
        this.sealed = sealed;
        NativeMemory.register(address, length);
    }

    /// Maps the start of a file.
    ///
    /// @param file stays the caller's, who may close it
    /// @param bytes how much is wanted, above 0
    /// @return the mapping, owned by the caller
    /// @throws LinuxException EINVAL if it is no regular file or shorter than that, and others
    public static FileMapping map(Fd file, long bytes) throws LinuxException {
        long block;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATX_LENGTH, Long.BYTES);
            LinuxException.check(LibC.statx(file.number(), arena.allocateFrom("").address(), AT_EMPTY_PATH,
                    new LibC.Region(status.address(), STATX_BASIC)), "statx " + file);
            block = status.get(ValueLayout.JAVA_INT, BLOCK_SIZE) & 0xffff_ffffL;
            long size = status.get(ValueLayout.JAVA_LONG, SIZE);
            boolean regular = (status.get(ValueLayout.JAVA_SHORT, MODE) & S_IFMT) == S_IFREG;
            if (!regular || size < bytes) {
                throw new LinuxException("mmap length=" + bytes + (regular ? " file length=" + size : " no file"),
                        Errno.EINVAL.number());
            }
        }
        long unit = Long.bitCount(block) == 1 && block <= MOST_BLOCK ? block : 1;
        long length = bytes + unit - 1 & -unit;
        long address = LibC.mmap(length, Constants.MAP_SHARED | Constants.MAP_NORESERVE, file.number());
        if (address < 0 && address > -4096) {
            throw new LinuxException("mmap length=" + length, (int) -address);
        }
        int seals = LibC.fcntl(file.number(), Constants.F_GET_SEALS, 0);
        return new FileMapping(address, length, seals >= 0 && (seals & Constants.F_SEAL_SHRINK) != 0);
    }

    /// Where the file's first byte lies.
    ///
    /// @return aligned to a page
    public long address() {
        return address;
    }

    /// Whether nobody can shorten the file.
    ///
    /// @return true if it is sealed against that
    public boolean isSealed() {
        return sealed;
    }

    /// Unmaps the memory. Called once, when nobody uses it any more.
    @Override
    public void close() {
        NativeMemory.unmap(address, length);
    }
}
