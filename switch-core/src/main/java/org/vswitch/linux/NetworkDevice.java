package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// A network interface as rtnetlink(7) sets it up, in the network namespace of the thread that opened it. Used by one
/// thread at a time.
///
/// Theory of operation. Each setting is a request of its own, so that a refusal names the value at fault; the kernel
/// has acted when it answers. An interface is looked up by name once and then meant by its number, which a renaming
/// does not change.
public final class NetworkDevice implements AutoCloseable {
    /// Bytes of the longest name of an interface.
    public static final int MAX_NAME = 15;

    private static final int HEADER_LENGTH = NetlinkMessage.HEADER_LENGTH;
    // struct ifinfomsg { u8 family; u8 pad; u16 type; s32 index; u32 flags; u32 change; }
    private static final int LINK_INDEX = HEADER_LENGTH + 4;
    private static final int LINK_FLAGS = HEADER_LENGTH + 8;
    private static final int LINK_CHANGE = HEADER_LENGTH + 12;
    private static final int LINK_LENGTH = 16;
    // struct ifaddrmsg { u8 family; u8 prefixlen; u8 flags; u8 scope; u32 index; }
    private static final int ADDRESS_PREFIX = HEADER_LENGTH + 1;
    private static final int ADDRESS_INDEX = HEADER_LENGTH + 4;
    private static final int ADDRESS_LENGTH = 8;
    // struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags; }
    private static final int ROUTE_TABLE = HEADER_LENGTH + 4;
    private static final int ROUTE_PROTOCOL = HEADER_LENGTH + 5;
    private static final int ROUTE_TYPE = HEADER_LENGTH + 7;
    private static final int ROUTE_LENGTH = 12;

    // struct ifreq { char ifr_name[16]; union { struct sockaddr ifr_hwaddr; int ifr_mtu; ... char room[24]; } }
    private static final int IFREQ_LENGTH = 40;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCGIFHWADDR = 0x8927;

    private static final int RTM_NEWLINK = 16;
    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_NEWROUTE = 24;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_AF_SPEC = 26;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
    private static final byte IN6_ADDR_GEN_MODE_NONE = 1;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_BOOT = 3;
    private static final int RTN_UNICAST = 1;
    private static final int IFF_UP = 1;
    private static final int IFF_ALLMULTI = 0x200;

    private final Fd socket;
    private final String name;
    private int index;

    private NetworkDevice(Fd socket, String name) {
        this.socket = socket;
        this.name = name;
    }

    /// Finds an interface.
    ///
    /// @param name of the interface, at most [#MAX_NAME] bytes
    /// @return the interface, owned by the caller
    /// @throws LinuxException ENODEV if there is none of that name
    public static NetworkDevice open(String name) throws LinuxException {
        NetworkDevice device = new NetworkDevice(NetlinkMessage.socket(), name);
        try {
            device.find();
            return device;
        } catch (LinuxException failure) {
            device.close();
            throw failure;
        }
    }

    /// Whether there is an interface.
    ///
    /// @param name of the interface, at most [#MAX_NAME] bytes
    /// @return true if there is
    /// @throws LinuxException for other trouble than that there is none
    public static boolean exists(String name) throws LinuxException {
        try (NetworkDevice device = open(name)) {
            return device.index > 0;
        } catch (LinuxException refusal) {
            if (refusal.is(Errno.ENODEV)) {
                return false;
            }
            throw refusal;
        }
    }

    /// Moves the interface into another namespace and renames it there. It cannot be set up from here any more.
    ///
    /// @param namespace where it goes
    /// @param newName what it is called there, at most [#MAX_NAME] bytes
    /// @throws LinuxException EEXIST if there is one of that name, EINVAL if that is none or not a name, EPERM without
    ///     the right to
    public void move(NetworkNamespace namespace, String newName) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            newLink(arena).u32(IFLA_NET_NS_FD, namespace.descriptor().number()).text(IFLA_IFNAME, newName)
                    .ask(socket, newName + " in " + namespace);
        }
    }

    /// Makes the interface a port of a bridge.
    ///
    /// @param bridge which
    /// @throws LinuxException EOPNOTSUPP if that is no bridge, EPERM without the right to
    public void join(NetworkDevice bridge) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            answer(newLink(arena).u32(IFLA_MASTER, bridge.index), "bridge=" + bridge.name);
        }
    }

    /// Removes the interface.
    ///
    /// @throws LinuxException ENODEV if it has gone, EPERM without the right to
    public void remove() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            answer(new NetlinkMessage(arena, RTM_DELLINK, NetlinkMessage.ACKNOWLEDGED, LINK_LENGTH)
                    .number(LINK_INDEX, index), "remove");
        }
    }

    /// What an interface is like now.
    ///
    /// @param name that it has
    /// @param isUp whether it was set up
    /// @param master the number of the interface that it is a port of, as of a bridge; 0 if it is none's
    public record State(String name, boolean isUp, int master) {
    }

    /// What has become of the interface.
    ///
    /// @return empty if it has gone, also into another namespace
    /// @throws LinuxException for other trouble
    public Optional<State> state() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            NetlinkMessage request = new NetlinkMessage(arena, RTM_GETLINK, 0, LINK_LENGTH).number(LINK_INDEX, index);
            answer(request, "state");
            String now = request.find(IFLA_IFNAME).map(text -> text.getString(0)).orElse(name);
            int master = request.find(IFLA_MASTER).map(number -> number.get(ValueLayout.JAVA_INT, 0)).orElse(0);
            return Optional.of(new State(now, (request.number(LINK_FLAGS) & IFF_UP) != 0, master));
        } catch (LinuxException refusal) {
            if (refusal.is(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw refusal;
        }
    }

    /// The interface's name when it was found.
    ///
    /// @return 1 to [#MAX_NAME] bytes
    public String name() {
        return name;
    }

    /// What made the interface, if it is no device.
    ///
    /// @return for example `bridge`, `macvtap` or `tun`; empty for a device
    /// @throws LinuxException ENODEV if the interface has gone
    public String kind() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            NetlinkMessage request = new NetlinkMessage(arena, RTM_GETLINK, 0, LINK_LENGTH).number(LINK_INDEX, index);
            answer(request, "kind");
            return request.find(IFLA_LINKINFO, IFLA_INFO_KIND).map(kind -> kind.getString(0)).orElse("");
        }
    }

    /// The hardware address.
    ///
    /// @return 48 bits, most significant byte first
    /// @throws LinuxException ENODEV if the interface has gone
    public long mac() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = new byte[Long.BYTES];
            MemorySegment.copy(ask(arena, SIOCGIFHWADDR, "mac"), ValueLayout.JAVA_BYTE, 2, bytes, 2, 6);
            return ByteBuffer.wrap(bytes).getLong();
        }
    }

    /// The longest packet.
    ///
    /// @return bytes without the Ethernet header
    /// @throws LinuxException ENODEV if the interface has gone
    public int mtu() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, SIOCGIFMTU, "mtu").get(ValueLayout.JAVA_INT, 0);
        }
    }

    /// The number of the interface, which it keeps when it is renamed.
    ///
    /// @return above 0
    public int index() {
        return index;
    }

    /// Sets the longest packet.
    ///
    /// @param bytes without the Ethernet header
    /// @throws LinuxException EINVAL if the device cannot, EPERM without the right to
    public void mtu(int bytes) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            answer(newLink(arena).u32(IFLA_MTU, bytes), "mtu=" + bytes);
        }
    }

    /// Sets the hardware address.
    ///
    /// @param mac 48 bits, most significant byte first
    /// @throws LinuxException EADDRNOTAVAIL if it is no station's, EPERM without the right to
    public void mac(long mac) throws LinuxException {
        byte[] bytes = Arrays.copyOfRange(ByteBuffer.allocate(Long.BYTES).putLong(mac).array(), 2, Long.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            answer(newLink(arena).bytes(IFLA_ADDRESS, bytes), "mac=" + HexFormat.ofDelimiter(":").formatHex(bytes));
        }
    }

    /// Notes something on the interface, which everybody may read, and goes with it.
    ///
    /// @param text ASCII, at most 255 characters
    /// @throws LinuxException EPERM without the right to
    public void alias(String text) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            answer(newLink(arena).bytes(IFLA_IFALIAS, text.getBytes(StandardCharsets.US_ASCII)), "alias=" + text);
        }
    }

    /// Sets the interface up.
    ///
    /// @throws LinuxException EPERM without the right to
    public void up() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            answer(newLink(arena).number(LINK_FLAGS, IFF_UP).number(LINK_CHANGE, IFF_UP), "up");
        }
    }

    /// Keeps the kernel from giving the interface an IPv6 address by itself (ip-link(8), `addrgenmode none`): without
    /// any address it looks for no neighbors and routers, and reports no groups, once the interface is up. To be called
    /// when the interface is in its namespace, as it forgets this on its way.
    ///
    /// @throws LinuxException EPERM without the right to
    public void withoutOwnAddress() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            NetlinkMessage request = newLink(arena);
            int families = request.begin(IFLA_AF_SPEC);
            int family = request.begin(Constants.AF_INET6);
            request.bytes(IFLA_INET6_ADDR_GEN_MODE, new byte[] {IN6_ADDR_GEN_MODE_NONE}).end(family);
            request.end(families);
            answer(request, "addrgenmode=none");
        } catch (LinuxException refusal) {
            if (!refusal.is(Errno.EAFNOSUPPORT)) { // there is no IPv6 on it
                throw refusal;
            }
        }
    }

    /// Has the interface take all frames to groups, whoever they are meant for.
    ///
    /// @throws LinuxException EPERM without the right to
    public void allMulticast() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            answer(newLink(arena).number(LINK_FLAGS, IFF_ALLMULTI).number(LINK_CHANGE, IFF_ALLMULTI), "allmulticast");
        }
    }

    /// Gives the interface an address; one that it has already is no error.
    ///
    /// @param address its own
    /// @param prefixLength bits of the subnet
    /// @throws LinuxException EINVAL if the interface cannot have it, EPERM without the right to
    public void address(InetAddress address, int prefixLength) throws LinuxException {
        byte[] bytes = address.getAddress();
        try (Arena arena = Arena.ofConfined()) {
            NetlinkMessage request = new NetlinkMessage(arena, RTM_NEWADDR,
                    NetlinkMessage.ACKNOWLEDGED | NetlinkMessage.CREATE | NetlinkMessage.REPLACE, ADDRESS_LENGTH);
            request.octet(HEADER_LENGTH, family(bytes)).octet(ADDRESS_PREFIX, prefixLength)
                    .number(ADDRESS_INDEX, index).bytes(IFA_LOCAL, bytes).bytes(IFA_ADDRESS, bytes);
            answer(request, "addr=" + address.getHostAddress() + "/" + prefixLength);
        }
    }

    /// Makes a router the way to everywhere else.
    ///
    /// @param router an address in a subnet of the interface, which is up
    /// @throws LinuxException EEXIST if there is a way already, ENETUNREACH if it is in no subnet, EPERM without the
    ///     right to
    public void defaultRoute(InetAddress router) throws LinuxException {
        byte[] bytes = router.getAddress();
        try (Arena arena = Arena.ofConfined()) {
            NetlinkMessage request = new NetlinkMessage(arena, RTM_NEWROUTE,
                    NetlinkMessage.ACKNOWLEDGED | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE, ROUTE_LENGTH);
            request.octet(HEADER_LENGTH, family(bytes)).octet(ROUTE_TABLE, RT_TABLE_MAIN)
                    .octet(ROUTE_PROTOCOL, RTPROT_BOOT).octet(ROUTE_TYPE, RTN_UNICAST)
                    .u32(RTA_OIF, index).bytes(RTA_GATEWAY, bytes);
            answer(request, "gw=" + router.getHostAddress());
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private void find() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            NetlinkMessage request = new NetlinkMessage(arena, RTM_GETLINK, 0, LINK_LENGTH).text(IFLA_IFNAME, name);
            answer(request, "find");
            index = request.number(LINK_INDEX);
        }
    }

    /// What netdevice(7) says of the interface of this name.
    private MemorySegment ask(Arena arena, long question, String what) throws LinuxException {
        MemorySegment ifreq = arena.allocate(IFREQ_LENGTH, Long.BYTES);
        ifreq.setString(0, name);
        LinuxException.check(LibC.ioctl(socket.number(), question, ifreq.address()), name + ": " + what);
        return ifreq.asSlice(MAX_NAME + 1);
    }

    private NetlinkMessage newLink(Arena arena) {
        return new NetlinkMessage(arena, RTM_NEWLINK, NetlinkMessage.ACKNOWLEDGED, LINK_LENGTH)
                .number(LINK_INDEX, index);
    }

    private void answer(NetlinkMessage request, String what) throws LinuxException {
        request.ask(socket, name + ": " + what);
    }

    private static int family(byte[] address) {
        return address.length == 4 ? Constants.AF_INET : Constants.AF_INET6;
    }
}
