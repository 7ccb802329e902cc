package org.vswitch.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A tap interface (linux/if_tun.h): Ethernet frames to and from the kernel's network stack, one each read and write,
/// behind a 12-byte virtio_net_hdr that says which checksum or segmentation is still to be done. Used by one thread.
///
/// With several queues each has a descriptor. The kernel chooses by the flow a frame belongs to: the queue that carried
/// the flow's other direction last, or one by hash.
public final class TunTap implements AutoCloseable {
    /// The kernel may leave checksums to us.
    public static final int OFFLOAD_CHECKSUM = 1;
    /// The kernel may hand over TCP over IPv4 unsegmented.
    public static final int OFFLOAD_TSO4 = 2;
    /// The kernel may hand over TCP over IPv6 unsegmented.
    public static final int OFFLOAD_TSO6 = 4;
    /// The kernel may set the congestion flag in what it hands over unsegmented.
    public static final int OFFLOAD_TSO_ECN = 8;

    /// The kernel may hand over trains of UDP datagrams, over IPv4 and IPv6 (Linux 6.2 and later).
    public static final int OFFLOAD_USO = 0x20 | 0x40;

    private static final int NAME_LENGTH = NetworkDevice.MAX_NAME + 1;
    // struct ifreq { char ifr_name[16]; union { short ifr_flags; ... char room[24]; } }
    private static final int IFREQ_LENGTH = 40;
    private static final int IFF_TAP = 2;
    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFF_TUN_EXCL = 0x8000;
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETPERSIST = 0x400454cbL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNGETIFF = 0x800454d2L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;

    private final Fd fd;
    private final String name;
    private final Optional<Fd> companion;
    private final List<TunTap> queues = new ArrayList<>();

    private TunTap(Fd fd, String name, Optional<Fd> companion) {
        this.fd = fd;
        this.name = name;
        this.companion = companion;
        queues.add(this);
    }

    /// Opens a tap interface, which comes into being if it does not exist, and goes with the descriptor unless it is
    /// persistent.
    ///
    /// @param wanted the interface's name, at most 15 bytes; empty lets the kernel choose
    /// @param headerLength bytes of virtio_net_hdr before each frame: 12, or 0 for none and no offloads
    /// @return the interface, owned by the caller
    /// @throws LinuxException EPERM without the right to, EBUSY if another program has it, EINVAL if it is no tap or
    ///     that is no name
    public static TunTap open(String wanted, int headerLength) throws LinuxException {
        return attach(wanted, headerLength, 0);
    }

    /// Opens a tap interface with one queue or several.
    ///
    /// @param wanted the interface's name, at most 15 bytes; empty lets the kernel choose
    /// @param headerLength bytes of virtio_net_hdr before each frame: 12, or 0 for none and no offloads
    /// @param count of queues, 1 to 256
    /// @return the first queue, owned by the caller, and with it the others
    /// @throws LinuxException EPERM without the right to, EBUSY if another program has it, EINVAL if it was made for
    ///     one queue and is to have several, or the other way round
    public static TunTap open(String wanted, int headerLength, int count) throws LinuxException {
        if (count == 1) {
            return open(wanted, headerLength);
        }
        TunTap first = attach(wanted, headerLength, IFF_MULTI_QUEUE);
        try {
            while (first.queues.size() < count) {
                first.queues.add(attach(first.name, headerLength, IFF_MULTI_QUEUE));
            }
            return first;
        } catch (LinuxException refusal) {
            first.close();
            throw refusal;
        }
    }

    /// Makes a tap interface, which goes with the descriptor.
    ///
    /// @param wanted the interface's name, 1 to 15 bytes
    /// @param headerLength bytes of virtio_net_hdr before each frame: 12, or 0 for none and no offloads
    /// @return the interface, owned by the caller
    /// @throws LinuxException EPERM without the right to, EBUSY if there is an interface of that name
    public static TunTap make(String wanted, int headerLength) throws LinuxException {
        return attach(wanted, headerLength, IFF_TUN_EXCL);
    }

    /// Takes over the descriptor of a tap interface that another process has made, with virtio_net_hdr.
    ///
    /// @param descriptor closed with the tap, and the caller's if this fails
    /// @param headerLength bytes of virtio_net_hdr before each frame
    /// @param companion closed behind the descriptor
    /// @return the interface, owned by the caller
    /// @throws LinuxException if it is no descriptor of such an interface
    public static TunTap of(Fd descriptor, int headerLength, Fd companion) throws LinuxException {
        return of(descriptor, headerLength, Optional.of(companion));
    }

    /// Takes over the descriptor of a macvtap interface, which behaves the same.
    ///
    /// @param descriptor closed with the tap, and the caller's if this fails
    /// @param headerLength bytes of virtio_net_hdr before each frame
    /// @return the interface, owned by the caller
    /// @throws LinuxException if it is no descriptor of such an interface
    static TunTap of(Fd descriptor, int headerLength) throws LinuxException {
        return of(descriptor, headerLength, Optional.empty());
    }

    private static TunTap of(Fd descriptor, int headerLength, Optional<Fd> companion) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_LENGTH, 8);
            LinuxException.check(LibC.ioctl(descriptor.number(), TUNGETIFF, request.address()), "tap: TUNGETIFF");
            String name = request.getString(0);
            if ((request.get(ValueLayout.JAVA_SHORT, NAME_LENGTH) & IFF_VNET_HDR) == 0) {
                throw new LinuxException("tap: " + name + " without virtio_net_hdr", Errno.EINVAL.number());
            }
            MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, headerLength);
            LinuxException.check(LibC.ioctl(descriptor.number(), TUNSETVNETHDRSZ, size.address()),
                    "tap: TUNSETVNETHDRSZ " + name);
            return new TunTap(descriptor, name, companion);
        }
    }

    private static TunTap attach(String wanted, int headerLength, int further) throws LinuxException {
        byte[] bytes = checked(wanted);
        try (Arena arena = Arena.ofConfined()) {
            int opened = LibC.open(arena.allocateFrom("/dev/net/tun").address(),
                    Constants.O_RDWR | Constants.O_NONBLOCK | Constants.O_CLOEXEC, 0);
            Fd fd = new Fd(LinuxException.check(opened, "tap: open /dev/net/tun" + deviceHint(opened)));
            try {
                MemorySegment request = arena.allocate(IFREQ_LENGTH, 8);
                MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
                int flags = IFF_TAP | IFF_NO_PI | (headerLength > 0 ? IFF_VNET_HDR : 0) | further;
                request.set(ValueLayout.JAVA_SHORT, NAME_LENGTH, (short) flags);
                int result = LibC.ioctl(fd.number(), TUNSETIFF, request.address());
                LinuxException.check(result, "tap: TUNSETIFF " + wanted + hint(result, wanted, further));
                String given = request.getString(0);
                if (headerLength > 0) {
                    MemorySegment size = arena.allocateFrom(ValueLayout.JAVA_INT, headerLength);
                    LinuxException.check(LibC.ioctl(fd.number(), TUNSETVNETHDRSZ, size.address()),
                            "tap: TUNSETVNETHDRSZ " + given);
                }
                return new TunTap(fd, given, Optional.empty());
            } catch (LinuxException failure) {
                fd.close();
                throw failure;
            }
        }
    }

    private static byte[] checked(String wanted) throws LinuxException {
        byte[] bytes = wanted.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= NAME_LENGTH) {
            throw new LinuxException("tap: name " + InterfaceName.shown(wanted) + " (at most " + (NAME_LENGTH - 1)
                    + " bytes)", Errno.ENAMETOOLONG.number());
        }
        Optional<String> fault = wanted.isEmpty() ? Optional.empty() : InterfaceName.fault(wanted);
        if (fault.isPresent()) {
            throw new LinuxException("tap: name " + InterfaceName.shown(wanted) + " (" + fault.get() + ")",
                    Errno.EINVAL.number());
        }
        return bytes;
    }

    /// What can be done when the device is not there or not for us.
    private static String deviceHint(int opened) {
        if (opened == -Errno.ENOENT.number() || opened == -Errno.ENODEV.number() || opened == -Errno.ENXIO.number()) {
            return " (as root: modprobe tun; for a container: --device /dev/net/tun)";
        }
        return opened == -Errno.EACCES.number() ? " (as root: chmod 666 /dev/net/tun, as is usual)"
                : opened == -Errno.EPERM.number() ? " (for a container: --device /dev/net/tun)" : "";
    }

    /// What is known of an interface that is there already and does not fit.
    private static String hint(int result, String name, int wanted) {
        Path there = Path.of("/sys/class/net", name);
        if (result != -Errno.EINVAL.number() || name.isEmpty() || !Files.exists(there)) {
            return "";
        }
        try {
            int made = Integer.decode(Files.readString(there.resolve("tun_flags")).strip());
            return (made & IFF_TAP) == 0 ? " (in use by a tun interface)"
                    : ((made ^ wanted) & IFF_MULTI_QUEUE) == 0 ? ""
                    : (wanted & IFF_MULTI_QUEUE) == 0 ? " (made for several queues)" : " (made for one queue)";
        } catch (NoSuchFileException other) {
            return " (in use by an interface that is no tap)";
        } catch (IOException | IllegalArgumentException unknown) {
            return "";
        }
    }

    /// An interface that another process has opened, with a header of 12 bytes.
    ///
    /// @param descriptors of its queues as they were handed over; closed with the interface
    /// @param name of the interface
    /// @return the first queue, owned by the caller, and with it the others
    public static TunTap of(List<Fd> descriptors, String name) {
        TunTap first = new TunTap(descriptors.getFirst(), name, Optional.empty());
        for (Fd further : descriptors.subList(1, descriptors.size())) {
            first.queues.add(new TunTap(further, name, Optional.empty()));
        }
        return first;
    }

    /// The queues of the interface.
    ///
    /// @return this one first, if it was opened first
    public List<TunTap> queues() {
        return List.copyOf(queues);
    }

    /// Tells the kernel what it may leave undone in frames it hands to us.
    ///
    /// @param offloads a set of the OFFLOAD_ constants
    /// @throws LinuxException EINVAL if this kernel lacks one
    public void offload(int offloads) throws LinuxException {
        LinuxException.check(LibC.ioctl(fd.number(), TUNSETOFFLOAD, offloads), "tap: TUNSETOFFLOAD " + name);
    }

    /// Makes the interface stay when the descriptor is closed.
    ///
    /// @throws LinuxException EPERM and others
    public void persist() throws LinuxException {
        LinuxException.check(LibC.ioctl(fd.number(), TUNSETPERSIST, 1), "tap: TUNSETPERSIST " + name);
    }

    /// The interface's name when it was opened.
    ///
    /// @return as the kernel gave it
    public String name() {
        return name;
    }

    /// What the interface is called now, in whichever namespace it lies.
    ///
    /// @return its name, or nothing if it has gone
    public Optional<String> currentName() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_LENGTH, 8);
            return LibC.ioctl(fd.number(), TUNGETIFF, request.address()) < 0 ? Optional.empty()
                    : Optional.of(request.getString(0));
        }
    }

    /// Whether the interface is up. The kernel takes frames only then, in whichever namespace it lies.
    ///
    /// @return false also if it has gone
    public boolean isUp() {
        try (Epoll writable = new Epoll(1)) {
            writable.add(fd.number(), Epoll.WRITABLE, 0);
            return writable.await(0) == 1 && (writable.ready(0) & Epoll.WRITABLE) != 0;
        } catch (LinuxException refused) {
            return false;
        }
    }

    /// The descriptor, readable while a frame waits.
    ///
    /// @return the number
    public int fd() {
        return fd.number();
    }

    /// What stands for the interface, to be handed to another process.
    ///
    /// @return one for each queue, closed with this
    public List<Fd> descriptors() {
        return queues.stream().map(queue -> queue.fd).toList();
    }

    /// Reads one frame.
    ///
    /// @param address where the header and the frame behind it go
    /// @param capacity bytes of room
    /// @return bytes of header and frame, or -errno (EAGAIN if none waits)
    public int read(long address, int capacity) {
        return (int) LibC.read(fd.number(), address, capacity);
    }

    /// Writes one frame.
    ///
    /// @param address the header, the frame behind it
    /// @param length bytes of both
    /// @return `length`, or -errno
    public int write(long address, int length) {
        return (int) LibC.write(fd.number(), address, length);
    }

    /// Writes one frame that lies in several pieces.
    ///
    /// @param vectors an array of `struct iovec`, the first of which begins with the header
    /// @param count how many
    /// @return bytes written, or -errno
    public int write(IoVectors vectors, int count) {
        return (int) LibC.writev(fd.number(), vectors.address(), count);
    }

    @Override
    public void close() {
        queues.forEach(queue -> queue.fd.close());
        companion.ifPresent(Fd::close);
    }
}
