package org.vswitch.linux;

import java.lang.foreign.Arena;

/// Memory that several processes map: a file without a name (memfd_create(2)), handed on with [FdPassing].
///
/// Theory of operation. Whoever maps a file that another process can shorten dies of SIGBUS at the next access. So what
/// is created here is sealed at its size, for ever; and [#map] refuses a file that is shorter than what is to be
/// mapped, which protects from mistakes, and from malice only where the file is sealed: [#mapSealed] looks for that.
public final class SharedMemory implements AutoCloseable {
    private final Fd file;
    private final long address;
    private final long length;
    private boolean mapped = true;

    private SharedMemory(Fd file, long address, long length) {
        this.file = file;
        this.address = address;
        this.length = length;
    }

    /// Creates and maps zeroed memory that can neither grow nor shrink.
    ///
    /// @param name for people, shown in /proc
    /// @param length bytes, above 0
    /// @return the mapping, owned by the caller
    /// @throws LinuxException if the kernel refuses
    public static SharedMemory create(String name, long length) throws LinuxException {
        Fd file;
        try (Arena arena = Arena.ofConfined()) {
            file = new Fd(LinuxException.check(LibC.memfdCreate(arena.allocateFrom(name).address(),
                    Constants.MFD_CLOEXEC | Constants.MFD_ALLOW_SEALING), "memfd_create " + name));
        }
        try {
            LinuxException.check(LibC.ftruncate(file.number(), length), "ftruncate " + name + " length=" + length);
            int seals = Constants.F_SEAL_SHRINK | Constants.F_SEAL_GROW | Constants.F_SEAL_SEAL;
            LinuxException.check(LibC.fcntl(file.number(), Constants.F_ADD_SEALS, seals), "seal " + name);
            return map(file, length);
        } catch (LinuxException failure) {
            file.close();
            throw failure;
        }
    }

    /// Maps the start of a file.
    ///
    /// @param file the mapping's once this returns, otherwise still the caller's
    /// @param length bytes, above 0
    /// @return the mapping, owned by the caller
    /// @throws LinuxException EINVAL if the file is shorter, and others
    public static SharedMemory map(Fd file, long length) throws LinuxException {
        long size = LibC.lseek(file.number(), 0, Constants.SEEK_END);
        if (size < length) {
            throw new LinuxException("mmap length=" + length + " file length=" + size,
                    size < 0 ? (int) -size : Errno.EINVAL.number());
        }
        long address = LibC.mmap(length, Constants.MAP_SHARED, file.number());
        if (address < 0 && address > -4096) {
            throw new LinuxException("mmap length=" + length, (int) -address);
        }
        NativeMemory.register(address, length);
        return new SharedMemory(file, address, length);
    }

    /// Maps the start of a file that is not to change its size as long as it lives.
    ///
    /// @param file as [#map]
    /// @param length bytes, above 0
    /// @return the mapping, owned by the caller
    /// @throws LinuxException EINVAL if the file is shorter, EPERM if it is not sealed, and others
    public static SharedMemory mapSealed(Fd file, long length) throws LinuxException {
        int wanted = Constants.F_SEAL_SHRINK | Constants.F_SEAL_GROW;
        int seals = LibC.fcntl(file.number(), Constants.F_GET_SEALS, 0);
        if (seals < 0 || (seals & wanted) != wanted) {
            throw new LinuxException("mmap length=" + length + " seals=" + Math.max(0, seals), Errno.EPERM.number());
        }
        return map(file, length);
    }

    /// Where the memory lies.
    ///
    /// @return the first byte, aligned to a page
    public long address() {
        return address;
    }

    /// How much there is.
    ///
    /// @return bytes
    public long length() {
        return length;
    }

    /// The file, to be handed to another process.
    ///
    /// @return owned by this mapping, which needs it no more
    public Fd file() {
        return file;
    }

    /// Unmaps the memory and closes the file; a second call has no effect.
    @Override
    public void close() {
        file.close();
        if (mapped) {
            mapped = false;
            NativeMemory.unmap(address, length);
        }
    }
}
