package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Entries of the file system: what Java's own calls cannot say of them, or only for names that the locale can spell.
///
/// Callable from any thread.
public final class FileEntry {
    /// Leaves user or group as it is.
    public static final int UNCHANGED = -1;

    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int R_OK = 4;
    private static final int W_OK = 2;
    private static final int O_PATH = 0x20_0000;
    // asm-generic/fcntl.h; AArch64 has its own
    private static final int O_NOFOLLOW = "aarch64".equals(System.getProperty("os.arch")) ? 0x8000 : 0x2_0000;
    // struct statx { u32 mask, blksize; u64 attributes; u32 nlink, uid, gid; u16 mode; ... }, 256 bytes
    private static final int STATX_LENGTH = 256;
    private static final int STATX_BASIC = 0x7ff;
    private static final int UID = 20;
    private static final int GID = 24;
    private static final int MODE = 28;
    // stx_rdev_major, stx_rdev_minor
    private static final int DEVICE_MAJOR = 128;
    private static final int DEVICE_MINOR = 132;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;
    private static final int S_IFDIR = 0040000;
    private static final int S_IFCHR = 0020000;

    private FileEntry() {
    }

    /// What an entry is and whose.
    ///
    /// @param mode type and permission bits, as in `st_mode`
    /// @param uid its owner
    /// @param gid its group
    public record Status(int mode, int uid, int gid) {
        /// Whether it is a socket.
        ///
        /// @return false for everything else
        public boolean isSocket() {
            return (mode & S_IFMT) == S_IFSOCK;
        }

        /// Whether it is a directory.
        ///
        /// @return false for everything else
        public boolean isDirectory() {
            return (mode & S_IFMT) == S_IFDIR;
        }
    }

    /// Looks at what a path leads to, through symbolic links.
    ///
    /// @param path any path
    /// @return type, permissions and owner
    /// @throws LinuxException ENOENT and others
    public static Status status(String path) throws LinuxException {
        return status(path.getBytes(StandardCharsets.UTF_8));
    }

    /// Looks at what the path of a Unix address leads to, whatever its encoding.
    ///
    /// @param address with a path
    /// @return type, permissions and owner
    /// @throws LinuxException ENOENT and others
    public static Status status(SocketAddress address) throws LinuxException {
        return status(address.pathBytes());
    }

    /// Whether this process, by its real user id, may read and write what the path of a Unix address leads to.
    ///
    /// @param address with a path
    /// @return false if it may not or there is nothing
    public static boolean isUsable(SocketAddress address) {
        try (Arena arena = Arena.ofConfined()) {
            return LibC.access(text(address.pathBytes(), arena), R_OK | W_OK) == 0;
        }
    }

    /// Whether a path leads to a certain character device.
    ///
    /// @param path any path
    /// @param major its number among drivers
    /// @param minor its number among the driver's devices
    /// @return false for everything else, and if there is nothing
    public static boolean isDevice(String path, int major, int minor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_LENGTH, Long.BYTES);
            return LibC.statx(AT_FDCWD, text(path, arena), 0, new LibC.Region(statx.address(), STATX_BASIC)) == 0
                    && (statx.get(ValueLayout.JAVA_SHORT, MODE) & S_IFMT) == S_IFCHR
                    && statx.get(ValueLayout.JAVA_INT, DEVICE_MAJOR) == major
                    && statx.get(ValueLayout.JAVA_INT, DEVICE_MINOR) == minor;
        }
    }

    /// Makes a character device for our own user.
    ///
    /// @param path of the entry
    /// @param major its number among drivers
    /// @param minor its number among the driver's devices
    /// @throws LinuxException EPERM without CAP_MKNOD, EEXIST and others
    public static void makeDevice(String path, int major, int minor) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int number = minor & 0xff | major << 8 | (minor & ~0xff) << 12;
            LinuxException.check(LibC.mknodat(AT_FDCWD, text(path, arena), S_IFCHR | 0600, number), "mknod " + path);
        }
    }

    /// Creates a directory, only the last component of its path.
    ///
    /// @param path of the directory
    /// @param mode permission bits; the process's mask is taken off
    /// @throws LinuxException EEXIST and others
    public static void makeDirectory(String path, int mode) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            LinuxException.check(LibC.mkdir(text(path, arena), mode), "mkdir " + path);
        }
    }

    /// Removes an empty directory.
    ///
    /// @param path of the directory
    /// @throws LinuxException ENOTEMPTY and others
    public static void removeDirectory(String path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            LinuxException.check(LibC.rmdir(text(path, arena)), "rmdir " + path);
        }
    }

    /// Removes an entry that is no directory.
    ///
    /// @param path of the entry
    /// @throws LinuxException ENOENT and others
    public static void remove(String path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            LinuxException.check(LibC.unlink(text(path, arena)), "unlink " + path);
        }
    }

    /// Removes an entry that is no directory, if there is one.
    ///
    /// @param path of the entry
    /// @return 0 or -errno
    public static int discard(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return LibC.unlink(text(path, arena));
        }
    }

    /// The absolute path of an entry without symbolic links.
    ///
    /// @param path of an entry
    /// @return the path it has now
    /// @throws LinuxException ENOENT and others
    public static String resolve(String path) throws LinuxException {
        try (Arena arena = Arena.ofConfined();
                Fd entry = open(text(path, arena), O_PATH, path)) {
            MemorySegment buffer = arena.allocate(4096);
            long length = LibC.readlink(text(nameOf(entry), arena), buffer.address(), buffer.byteSize());
            LinuxException.check((int) length, "readlink " + path);
            return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        }
    }

    /// Sets whose an entry is and who may use it. If it is a symbolic link, it is refused: who may write to the
    /// directory could otherwise direct the change to any other entry.
    ///
    /// @param path of a socket or directory of ours
    /// @param mode permission bits
    /// @param uid its owner from now on, or [#UNCHANGED]
    /// @param gid its group from now on, or [#UNCHANGED]
    /// @throws LinuxException EPERM and others; EINVAL if somebody has put another kind of entry there
    public static void permit(String path, int mode, int uid, int gid) throws LinuxException {
        try (Arena arena = Arena.ofConfined();
                Fd entry = open(text(path, arena), O_PATH | O_NOFOLLOW, path)) {
            Status now = status(entry.number(), text(new byte[0], arena), AT_EMPTY_PATH, path);
            if (!now.isSocket() && !now.isDirectory()) {
                throw new LinuxException("chmod " + path, Errno.EINVAL.number());
            }
            if (uid != UNCHANGED || gid != UNCHANGED) {
                LinuxException.check(LibC.fchownat(entry.number(), text(new byte[0], arena), new LibC.Owner(uid, gid),
                        AT_EMPTY_PATH), "chown " + path);
            }
            LinuxException.check(LibC.chmod(text(nameOf(entry), arena), mode), "chmod " + path);
        }
    }

    private static Status status(byte[] path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return status(AT_FDCWD, text(path, arena), 0, new String(path, StandardCharsets.UTF_8));
        }
    }

    private static Status status(int folder, long path, int flags, String shown) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_LENGTH, Long.BYTES);
            LinuxException.check(LibC.statx(folder, path, flags, new LibC.Region(statx.address(), STATX_BASIC)),
                    "stat " + shown);
            return new Status(statx.get(ValueLayout.JAVA_SHORT, MODE) & 0xffff, statx.get(ValueLayout.JAVA_INT, UID),
                    statx.get(ValueLayout.JAVA_INT, GID));
        }
    }

    private static Fd open(long path, int flags, String shown) throws LinuxException {
        return new Fd(LinuxException.check(LibC.open(path, flags | Constants.O_CLOEXEC, 0), "open " + shown));
    }

    /// A name that leads to what a descriptor stands for, whatever happens to its path.
    private static String nameOf(Fd entry) {
        return "/proc/self/fd/" + entry.number();
    }

    private static long text(String text, Arena arena) {
        return text(text.getBytes(StandardCharsets.UTF_8), arena);
    }

    private static long text(byte[] bytes, Arena arena) {
        MemorySegment segment = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return segment.address();
    }
}
