package org.vswitch.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Interfaces that stand on another one and have a character device (linux/if_link.h, macvtap), by which frames pass as
/// through a tap.
///
/// Theory of operation. The device's node is named after the number of the interface, which another namespace's may
/// have as well: so its own number counts, which sysfs tells. Where there is no such node, as devtmpfs makes only its
/// own mounts' and containers have others, one is made in a folder of our own, opened, and deleted.
public final class Macvtap {
    /// What made such an interface, as [NetworkDevice#kind] says.
    public static final String KIND = "macvtap";

    private static final int RTM_NEWLINK = 16;
    // struct ifinfomsg
    private static final int LINK_LENGTH = 16;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINK = 5;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_MACVLAN_MODE = 1;

    private Macvtap() {
    }

    /// How it shares the interface that it stands on.
    public enum Mode {
        /// Frames to its own MAC address and to groups; none from others that stand there.
        PRIVATE(1),
        /// Frames to others that stand there go by way of the switch outside.
        VEPA(2),
        /// Frames to others that stand there stay inside.
        BRIDGE(4),
        /// It has the interface to itself, and every frame that arrives there.
        PASSTHRU(8);

        private final int number;

        Mode(int number) {
            this.number = number;
        }
    }

    /// Makes an interface, which is down.
    ///
    /// @param name of it, 1 to 15 bytes
    /// @param lower what it stands on
    /// @param mode how
    /// @throws LinuxException EEXIST if there is one of that name, EBUSY if `lower` is a port of a bridge or the like,
    ///     EINVAL if it is no Ethernet device, or it or another interface there is to be alone, EOPNOTSUPP if the
    ///     kernel has no such interfaces, EPERM without the right to
    public static void make(String name, NetworkDevice lower, Mode mode) throws LinuxException {
        try (Fd socket = NetlinkMessage.socket(); Arena arena = Arena.ofConfined()) {
            NetlinkMessage request = new NetlinkMessage(arena, RTM_NEWLINK,
                    NetlinkMessage.ACKNOWLEDGED | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE, LINK_LENGTH)
                    .text(IFLA_IFNAME, name).u32(IFLA_LINK, lower.index());
            int info = request.begin(IFLA_LINKINFO);
            request.text(IFLA_INFO_KIND, KIND);
            int data = request.begin(IFLA_INFO_DATA);
            request.u32(IFLA_MACVLAN_MODE, mode.number).end(data);
            request.end(info);
            request.ask(socket, name + ": on=" + lower.name());
        }
    }

    /// Opens an interface's character device. Others may have it open as well: then each gets a part of the frames.
    ///
    /// @param device such an interface
    /// @param headerLength bytes of virtio_net_hdr before each frame
    /// @return owned by the caller
    /// @throws LinuxException EACCES without the right to, EINVAL if it is another kind of interface
    public static TunTap open(NetworkDevice device, int headerLength) throws LinuxException {
        if (!device.kind().equals(KIND)) {
            throw new LinuxException(device.name() + " (no macvtap)", Errno.EINVAL.number());
        }
        Fd opened = open(device);
        try {
            return TunTap.of(opened, headerLength);
        } catch (LinuxException refusal) {
            opened.close();
            throw refusal;
        }
    }

    private static Fd open(NetworkDevice device) throws LinuxException {
        String node = "tap" + device.index();
        String[] number = number(Path.of("/sys/class/net", device.name(), node, "dev")).split(":");
        int major = Integer.parseInt(number[0]);
        int minor = Integer.parseInt(number[1]);
        String usual = "/dev/" + node;
        if (FileEntry.isDevice(usual, major, minor)) {
            return open(usual);
        }
        LinuxException refused = null;
        for (String folder : List.of("/dev", System.getProperty("java.io.tmpdir"))) {
            try {
                return openOwn(Path.of(folder), major, minor);
            } catch (LinuxException refusal) {
                refused = refusal;
            }
        }
        throw refused;
    }

    private static String number(Path attribute) throws LinuxException {
        try {
            return Files.readString(attribute).strip();
        } catch (IOException missing) {
            throw new LinuxException("read " + attribute, Errno.ENOENT.number());
        }
    }

    private static Fd openOwn(Path parent, int major, int minor) throws LinuxException {
        Path folder;
        try {
            folder = Files.createTempDirectory(parent, "vswitch");
        } catch (IOException refused) {
            throw new LinuxException("mkdir in " + parent, Errno.EACCES.number());
        }
        String node = folder.resolve("tap").toString();
        try {
            FileEntry.makeDevice(node, major, minor);
            return open(node);
        } finally {
            FileEntry.discard(node);
            FileEntry.removeDirectory(folder.toString());
        }
    }

    private static Fd open(String node) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return new Fd(LinuxException.check(LibC.open(arena.allocateFrom(node).address(),
                    Constants.O_RDWR | Constants.O_NONBLOCK | Constants.O_CLOEXEC, 0), "open " + node));
        }
    }
}
