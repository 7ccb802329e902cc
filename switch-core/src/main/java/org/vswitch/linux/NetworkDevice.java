package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// A network interface as rtnetlink(7) sets it up, in the network namespace of the thread that opened it. Used by one
/// thread at a time.
///
/// Theory of operation. Each setting is a request of its own, so that a refusal names the value at fault; the kernel
/// has acted when it answers. An interface is looked up by name once and then meant by its number, which a renaming
/// does not change.
public final class NetworkDevice implements AutoCloseable {
    /// Bytes of the longest name of an interface.
    public static final int MAX_NAME = 15;

    // struct nlmsghdr { u32 len; u16 type; u16 flags; u32 seq; u32 pid; }
    private static final int TYPE = 4;
    private static final int FLAGS = 6;
    private static final int HEADER_LENGTH = 16;
    // struct ifinfomsg { u8 family; u8 pad; u16 type; s32 index; u32 flags; u32 change; }
    private static final int LINK_INDEX = HEADER_LENGTH + 4;
    private static final int LINK_FLAGS = HEADER_LENGTH + 8;
    private static final int LINK_CHANGE = HEADER_LENGTH + 12;
    private static final int LINK_LENGTH = HEADER_LENGTH + 16;
    // struct ifaddrmsg { u8 family; u8 prefixlen; u8 flags; u8 scope; u32 index; }
    private static final int ADDRESS_PREFIX = HEADER_LENGTH + 1;
    private static final int ADDRESS_INDEX = HEADER_LENGTH + 4;
    private static final int ADDRESS_LENGTH = HEADER_LENGTH + 8;
    // struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags; }
    private static final int ROUTE_TABLE = HEADER_LENGTH + 4;
    private static final int ROUTE_PROTOCOL = HEADER_LENGTH + 5;
    private static final int ROUTE_TYPE = HEADER_LENGTH + 7;
    private static final int ROUTE_LENGTH = HEADER_LENGTH + 12;
    // struct rtattr { u16 len; u16 type; }, aligned to 4
    private static final int ATTRIBUTE_HEADER = 4;
    // struct nlmsgerr { int error; struct nlmsghdr msg; }
    private static final int ERROR = HEADER_LENGTH;

    // struct ifreq { char ifr_name[16]; union { struct sockaddr ifr_hwaddr; int ifr_mtu; ... char room[24]; } }
    private static final int IFREQ_LENGTH = 40;
    private static final long SIOCGIFMTU = 0x8921;
    private static final long SIOCGIFHWADDR = 0x8927;

    private static final int NETLINK_ROUTE = 0;
    private static final short NLMSG_ERROR = 2;
    private static final short NLM_F_REQUEST = 1;
    private static final short NLM_F_ACK = 4;
    private static final short NLM_F_EXCL = 0x200;
    private static final short NLM_F_REPLACE = 0x100;
    private static final short NLM_F_CREATE = 0x400;
    private static final short RTM_NEWLINK = 16;
    private static final short RTM_DELLINK = 17;
    private static final short RTM_GETLINK = 18;
    private static final short RTM_NEWADDR = 20;
    private static final short RTM_NEWROUTE = 24;
    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final byte RT_TABLE_MAIN = (byte) 254;
    private static final byte RTPROT_BOOT = 3;
    private static final byte RTN_UNICAST = 1;
    private static final int IFF_UP = 1;
    /// Room for any request made here, and for as much of an answer as is looked at.
    private static final int ROOM = 128;

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
        int opened = LibC.socket(Constants.AF_NETLINK, Constants.SOCK_RAW | Constants.SOCK_CLOEXEC, NETLINK_ROUTE);
        NetworkDevice device = new NetworkDevice(new Fd(LinuxException.check(opened, "rtnetlink: socket")), name);
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
        byte[] bytes = newName.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            Request request = newLink(arena);
            int descriptor = namespace.descriptor().number();
            request.attribute(IFLA_NET_NS_FD, Integer.BYTES).set(ValueLayout.JAVA_INT, 0, descriptor);
            request.attribute(IFLA_IFNAME, bytes.length + 1).copyFrom(MemorySegment.ofArray(bytes));
            answer(request, newName + " in " + namespace);
        }
    }

    /// Makes the interface a port of a bridge.
    ///
    /// @param bridge which
    /// @throws LinuxException EOPNOTSUPP if that is no bridge, EPERM without the right to
    public void join(NetworkDevice bridge) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            Request request = newLink(arena);
            request.attribute(IFLA_MASTER, Integer.BYTES).set(ValueLayout.JAVA_INT, 0, bridge.index);
            answer(request, "bridge=" + bridge.name);
        }
    }

    /// Removes the interface.
    ///
    /// @throws LinuxException ENODEV if it has gone, EPERM without the right to
    public void remove() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            Request request = new Request(arena, RTM_DELLINK, LINK_LENGTH);
            request.flags(NLM_F_REQUEST | NLM_F_ACK);
            request.message.set(ValueLayout.JAVA_INT, LINK_INDEX, index);
            answer(request, "remove");
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
            Request request = newLink(arena);
            request.attribute(IFLA_MTU, Integer.BYTES).set(ValueLayout.JAVA_INT, 0, bytes);
            answer(request, "mtu=" + bytes);
        }
    }

    /// Sets the hardware address.
    ///
    /// @param mac 48 bits, most significant byte first
    /// @throws LinuxException EADDRNOTAVAIL if it is no station's, EPERM without the right to
    public void mac(long mac) throws LinuxException {
        byte[] bytes = Arrays.copyOfRange(ByteBuffer.allocate(Long.BYTES).putLong(mac).array(), 2, Long.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            Request request = newLink(arena);
            request.attribute(IFLA_ADDRESS, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            answer(request, "mac=" + HexFormat.ofDelimiter(":").formatHex(bytes));
        }
    }

    /// Sets the interface up.
    ///
    /// @throws LinuxException EPERM without the right to
    public void up() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            Request request = newLink(arena);
            request.message.set(ValueLayout.JAVA_INT, LINK_FLAGS, IFF_UP);
            request.message.set(ValueLayout.JAVA_INT, LINK_CHANGE, IFF_UP);
            answer(request, "up");
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
            Request request = new Request(arena, RTM_NEWADDR, ADDRESS_LENGTH);
            request.flags(NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
            request.message.set(ValueLayout.JAVA_BYTE, HEADER_LENGTH,
                    (byte) (bytes.length == 4 ? Constants.AF_INET : Constants.AF_INET6));
            request.message.set(ValueLayout.JAVA_BYTE, ADDRESS_PREFIX, (byte) prefixLength);
            request.message.set(ValueLayout.JAVA_INT, ADDRESS_INDEX, index);
            request.attribute(IFA_LOCAL, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            request.attribute(IFA_ADDRESS, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
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
            Request request = new Request(arena, RTM_NEWROUTE, ROUTE_LENGTH);
            request.flags(NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
            request.message.set(ValueLayout.JAVA_BYTE, HEADER_LENGTH,
                    (byte) (bytes.length == 4 ? Constants.AF_INET : Constants.AF_INET6));
            request.message.set(ValueLayout.JAVA_BYTE, ROUTE_TABLE, RT_TABLE_MAIN);
            request.message.set(ValueLayout.JAVA_BYTE, ROUTE_PROTOCOL, RTPROT_BOOT);
            request.message.set(ValueLayout.JAVA_BYTE, ROUTE_TYPE, RTN_UNICAST);
            request.attribute(RTA_OIF, Integer.BYTES).set(ValueLayout.JAVA_INT, 0, index);
            request.attribute(RTA_GATEWAY, bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            answer(request, "gw=" + router.getHostAddress());
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private void find() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            Request request = new Request(arena, RTM_GETLINK, LINK_LENGTH);
            request.flags(NLM_F_REQUEST);
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            request.attribute(IFLA_IFNAME, bytes.length + 1).copyFrom(MemorySegment.ofArray(bytes));
            answer(request, "find");
            index = request.message.get(ValueLayout.JAVA_INT, LINK_INDEX);
        }
    }

    /// What netdevice(7) says of the interface of this name.
    private MemorySegment ask(Arena arena, long question, String what) throws LinuxException {
        MemorySegment ifreq = arena.allocate(IFREQ_LENGTH, Long.BYTES);
        ifreq.setString(0, name);
        LinuxException.check(LibC.ioctl(socket.number(), question, ifreq.address()), name + ": " + what);
        return ifreq.asSlice(MAX_NAME + 1);
    }

    private Request newLink(Arena arena) {
        Request request = new Request(arena, RTM_NEWLINK, LINK_LENGTH);
        request.flags(NLM_F_REQUEST | NLM_F_ACK);
        request.message.set(ValueLayout.JAVA_INT, LINK_INDEX, index);
        return request;
    }

    /// Sends a request and reads the answer into its place.
    private void answer(Request request, String what) throws LinuxException {
        String call = name + ": " + what;
        MemorySegment message = request.message;
        message.set(ValueLayout.JAVA_INT, 0, request.length);
        LinuxException.check((int) LibC.write(socket.number(), message.address(), request.length), call);
        long length = LibC.read(socket.number(), message.address(), ROOM);
        LinuxException.check((int) length, call);
        if (message.get(ValueLayout.JAVA_SHORT, TYPE) == NLMSG_ERROR) {
            LinuxException.check(message.get(ValueLayout.JAVA_INT, ERROR), call);
        }
    }

    /// A request in the making.
    private static final class Request {
        private final MemorySegment message;
        private int length;

        Request(Arena arena, short type, int length) {
            message = arena.allocate(ROOM, Long.BYTES);
            message.set(ValueLayout.JAVA_SHORT, TYPE, type);
            this.length = length;
        }

        void flags(int flags) {
            message.set(ValueLayout.JAVA_SHORT, FLAGS, (short) flags);
        }

        /// Appends an attribute; its payload is zero until it is filled.
        MemorySegment attribute(int type, int bytes) {
            message.set(ValueLayout.JAVA_SHORT, length, (short) (ATTRIBUTE_HEADER + bytes));
            message.set(ValueLayout.JAVA_SHORT, length + 2L, (short) type);
            MemorySegment payload = message.asSlice(length + ATTRIBUTE_HEADER, bytes);
            length += ATTRIBUTE_HEADER + (bytes + 3 & -4);
            return payload;
        }
    }
}
