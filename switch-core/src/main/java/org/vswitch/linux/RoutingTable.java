package org.vswitch.linux;

import java.nio.ByteOrder;

/// Asks the kernel's routing what an address is to this host (rtnetlink(7), RTM_GETROUTE), as for a packet that the
/// process sends itself: its user's rules count. In the network namespace of the thread that opened it; used by one
/// thread, and by no more than one at a time. It asks for every new flow, so that unlike with [NetlinkMessage] nothing
/// is allocated.
public final class RoutingTable implements AutoCloseable {
    /// A way leads there (RTN_UNICAST).
    public static final int UNICAST = 1;
    /// The host takes for its own what is sent there (RTN_LOCAL): one of its addresses, or more of them by a route.
    public static final int LOCAL = 2;

    private static final int HEADER_LENGTH = NetlinkMessage.HEADER_LENGTH;
    // struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags; }
    private static final int FAMILY = HEADER_LENGTH;
    private static final int DESTINATION_BITS = HEADER_LENGTH + 1;
    private static final int ROUTE_TYPE = HEADER_LENGTH + 7;
    private static final int ATTRIBUTE = HEADER_LENGTH + 12;
    private static final int ADDRESS = ATTRIBUTE + NetlinkMessage.ATTRIBUTE_HEADER;
    private static final int ROOM = 128;

    private static final int RTM_NEWROUTE = 24;
    private static final int RTM_GETROUTE = 26;
    private static final int RTA_DST = 1;
    /// fe80::/10
    private static final int LINK_LOCAL_SHIFT = 54;
    private static final int LINK_LOCAL = 0xfe80 >>> 6;
    /// An answer to a question that was given up may lie before the one that is waited for.
    private static final int MOST_ANSWERS = 4;
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private final Fd socket;
    private final long message;
    private int sequence;

    /// Opens a socket.
    ///
    /// @throws LinuxException if the kernel refuses, as where a sandbox forbids AF_NETLINK
    public RoutingTable() throws LinuxException {
        socket = NetlinkMessage.socket(Constants.SOCK_NONBLOCK);
        message = NativeMemory.map(ROOM);
    }

    /// What an address is to this host. The kernel has answered when it has taken the question: nothing waits.
    ///
    /// @param high upper half of the address
    /// @param low lower half; IPv4 as IPv4-mapped
    /// @return [#UNICAST], [#LOCAL] or another RTN_ value, or -errno: -ENETUNREACH and the like if there is no way, and
    ///     -EINVAL for one that is link-local and so means nothing without a link
    public int typeOf(long high, long low) {
        if (high >>> LINK_LOCAL_SHIFT == LINK_LOCAL) {
            return -Errno.EINVAL.number();
        }
        int length = putQuestion(high, low);
        int result = (int) LibC.write(socket.number(), message, length);
        for (int i = 0; i < MOST_ANSWERS && result >= 0; i++) {
            result = (int) LibC.read(socket.number(), message, ROOM);
            if (result > ROUTE_TYPE && NativeMemory.getInt(message + NetlinkMessage.SEQUENCE) == sequence) {
                return answer();
            }
        }
        return result < 0 ? result : -Errno.EPROTO.number();
    }

    private int putQuestion(long high, long low) {
        boolean v4 = SockaddrIn.isV4(high, low);
        int bytes = v4 ? Integer.BYTES : 2 * Long.BYTES;
        int length = ADDRESS + bytes;
        NativeMemory.zero(message, length);
        NativeMemory.putInt(message, length);
        NativeMemory.putShort(message + NetlinkMessage.TYPE, RTM_GETROUTE);
        NativeMemory.putShort(message + NetlinkMessage.FLAGS, NetlinkMessage.NLM_F_REQUEST);
        NativeMemory.putInt(message + NetlinkMessage.SEQUENCE, ++sequence);
        NativeMemory.putByte(message + FAMILY, v4 ? Constants.AF_INET : Constants.AF_INET6);
        NativeMemory.putByte(message + DESTINATION_BITS, Byte.SIZE * bytes);
        NativeMemory.putShort(message + ATTRIBUTE, ADDRESS - ATTRIBUTE + bytes);
        NativeMemory.putShort(message + ATTRIBUTE + 2, RTA_DST);
        if (v4) {
            NativeMemory.putInt(message + ADDRESS, SWAP ? Integer.reverseBytes((int) low) : (int) low);
        } else {
            NativeMemory.putLong(message + ADDRESS, SWAP ? Long.reverseBytes(high) : high);
            NativeMemory.putLong(message + ADDRESS + Long.BYTES, SWAP ? Long.reverseBytes(low) : low);
        }
        return length;
    }

    private int answer() {
        return switch (NativeMemory.getShort(message + NetlinkMessage.TYPE)) {
            case RTM_NEWROUTE -> NativeMemory.getByte(message + ROUTE_TYPE);
            case NetlinkMessage.NLMSG_ERROR -> Math.min(-1, NativeMemory.getInt(message + NetlinkMessage.ERROR));
            default -> -Errno.EPROTO.number();
        };
    }

    @Override
    public void close() {
        socket.close();
        NativeMemory.unmap(message, ROOM);
    }
}
