package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The bytes of a `struct sockaddr`: a Unix path or abstract name, or an internet address and port.
///
/// The Unix form is the one VDE puts on the wire: `sun_family` (2 bytes, native order) and `sun_path` (108 bytes).
public final class SocketAddress {
    /// `sizeof(struct sockaddr_un)`: what VDE's clients send and expect.
    public static final int UNIX_LENGTH = 110;
    /// The address family of Unix sockets.
    public static final int UNIX_FAMILY = Constants.AF_UNIX;
    /// The room for a path, its terminating NUL included.
    public static final int PATH_LENGTH = 108;

    private final byte[] bytes;

    private SocketAddress(byte[] bytes) {
        this.bytes = bytes;
    }

    /// The address of a path in the file system.
    ///
    /// @param path at most 107 bytes of UTF-8
    /// @return a `sockaddr_un` of 110 bytes
    /// @throws LinuxException ENAMETOOLONG if the path does not fit
    public static SocketAddress ofPath(String path) throws LinuxException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0) {
            throw new LinuxException("socket path ''", Errno.ENOENT.number());
        }
        if (name.length >= PATH_LENGTH) {
            throw new LinuxException("socket path " + path + " (" + name.length + " bytes, at most "
                    + (PATH_LENGTH - 1) + ")", Errno.ENAMETOOLONG.number());
        }
        byte[] bytes = new byte[UNIX_LENGTH];
        family(bytes, Constants.AF_UNIX);
        System.arraycopy(name, 0, bytes, 2, name.length);
        return new SocketAddress(bytes);
    }

    /// An address as a peer sent it.
    ///
    /// @param sockaddrUn a `sockaddr_un` of up to 110 bytes; all of them count for an abstract name
    /// @return the same bytes
    public static SocketAddress ofBytes(byte[] sockaddrUn) {
        return new SocketAddress(sockaddrUn.clone());
    }

    /// An internet address.
    ///
    /// @param address IPv4 or IPv6
    /// @param port 0 to 65,535
    /// @return a `sockaddr_in` or `sockaddr_in6`
    public static SocketAddress ofInet(InetAddress address, int port) {
        boolean v4 = address instanceof Inet4Address;
        byte[] bytes = new byte[v4 ? 16 : 28];
        family(bytes, v4 ? Constants.AF_INET : Constants.AF_INET6);
        bytes[2] = (byte) (port >>> 8);
        bytes[3] = (byte) port;
        byte[] raw = address.getAddress();
        System.arraycopy(raw, 0, bytes, v4 ? 4 : 8, raw.length);
        if (address instanceof Inet6Address v6) {
            MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_INT_UNALIGNED, 24, v6.getScopeId());
        }
        return new SocketAddress(bytes);
    }

    /// The whole structure.
    ///
    /// @return a copy
    public byte[] bytes() {
        return bytes.clone();
    }

    /// How many bytes the structure has.
    ///
    /// @return 16, 28 or up to 110
    public int length() {
        return bytes.length;
    }

    /// The address family.
    ///
    /// @return `AF_UNIX` (1), `AF_INET` (2) or `AF_INET6` (10)
    public int family() {
        return MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_SHORT_UNALIGNED, 0);
    }

    /// Whether this is a Unix name outside the file system.
    ///
    /// @return true if the path begins with NUL
    public boolean isAbstract() {
        return family() == Constants.AF_UNIX && (bytes.length <= 2 || bytes[2] == 0);
    }

    /// The path of a Unix address.
    ///
    /// @return up to the first NUL; empty if there is none
    public String path() {
        return new String(pathBytes(), StandardCharsets.UTF_8);
    }

    /// The path of a Unix address as it is, for names that are no UTF-8.
    byte[] pathBytes() {
        int end = Math.min(2, bytes.length);
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(bytes, Math.min(2, bytes.length), end);
    }

    /// The port of an internet address.
    ///
    /// @return 0 to 65,535
    public int port() {
        return (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
    }

    /// The address as Linux wants it: copied into memory of an arena.
    MemorySegment in(Arena arena) {
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
    }

    @Override
    public String toString() {
        if (family() == Constants.AF_UNIX) {
            return isAbstract() ? "@" + new String(bytes, 2, bytes.length - 2, StandardCharsets.ISO_8859_1).trim()
                    : path();
        }
        boolean v4 = family() == Constants.AF_INET;
        try {
            InetAddress address = InetAddress.getByAddress(Arrays.copyOfRange(bytes, v4 ? 4 : 8, v4 ? 8 : 24));
            return (v4 ? address.getHostAddress() : "[" + address.getHostAddress() + "]") + ":" + port();
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void family(byte[] bytes, int family) {
        MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) family);
    }
}
