package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// All network interfaces there are, as rtnetlink(7) tells them.
public final class LinkDump {
    private static final int HEADER_LENGTH = NetlinkMessage.HEADER_LENGTH;
    // struct ifinfomsg { u8 family; u8 pad; u16 type; s32 index; u32 flags; u32 change; }, then struct rtattr
    private static final int INDEX = HEADER_LENGTH + 4;
    private static final int LINK_LENGTH = 16;
    private static final int ATTRIBUTES = HEADER_LENGTH + LINK_LENGTH;

    private static final short NLMSG_DONE = 3;
    private static final short RTM_NEWLINK = 16;
    private static final short RTM_GETLINK = 18;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_IFALIAS = 20;
    private static final int IFLA_INFO_DATA = 2;
    private static final int IFLA_INFO_KIND = 1;
    private static final int IFLA_TUN_PERSIST = 6;
    /// The kernel fills datagrams of at most 32 KiB.
    private static final int ROOM = 1 << 15;

    private LinkDump() {
    }

    /// What there is to know of an interface.
    ///
    /// @param index its number
    /// @param name its name
    /// @param alias what was noted on it; may be empty
    /// @param isPersistentTap whether it is a tap that stays when nobody has its descriptor
    public record Entry(int index, String name, String alias, boolean isPersistentTap) {
    }

    /// Lists the interfaces in the network namespace of this thread.
    ///
    /// @return in the order of the kernel
    /// @throws LinuxException ENOBUFS and others
    public static List<Entry> entries() throws LinuxException {
        List<Entry> entries = new ArrayList<>();
        try (Fd socket = NetlinkMessage.socket(); Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(ROOM, Long.BYTES);
            new NetlinkMessage(arena, RTM_GETLINK, NetlinkMessage.DUMP, LINK_LENGTH).send(socket, "rtnetlink: dump");
            boolean more = true;
            while (more) {
                int length = (int) LibC.read(socket.number(), room.address(), ROOM);
                LinuxException.check(length, "rtnetlink: dump");
                more = length > 0 && read(room.asSlice(0, length), entries);
            }
        }
        return entries;
    }

    /// Reads a datagram of messages.
    ///
    /// @return whether there will be another
    private static boolean read(MemorySegment datagram, List<Entry> entries) throws LinuxException {
        long next = 0;
        while (next + HEADER_LENGTH <= datagram.byteSize()) {
            int length = datagram.get(ValueLayout.JAVA_INT, next);
            short type = datagram.get(ValueLayout.JAVA_SHORT, next + NetlinkMessage.TYPE);
            if (type == NLMSG_DONE) {
                return false;
            }
            if (type == NetlinkMessage.NLMSG_ERROR) {
                LinuxException.check(datagram.get(ValueLayout.JAVA_INT, next + NetlinkMessage.ERROR),
                        "rtnetlink: dump");
                return false;
            }
            if (type == RTM_NEWLINK) {
                entries.add(entry(datagram.asSlice(next, length)));
            }
            next += length + 3 & -4;
        }
        return true;
    }

    private static Entry entry(MemorySegment message) {
        MemorySegment attributes = message.asSlice(ATTRIBUTES);
        MemorySegment information = attribute(attributes, IFLA_LINKINFO);
        MemorySegment persist = attribute(attribute(information, IFLA_INFO_DATA), IFLA_TUN_PERSIST);
        return new Entry(message.get(ValueLayout.JAVA_INT, INDEX), text(attribute(attributes, IFLA_IFNAME)),
                text(attribute(attributes, IFLA_IFALIAS)), text(attribute(information, IFLA_INFO_KIND)).equals("tun")
                && persist.byteSize() == 1 && persist.get(ValueLayout.JAVA_BYTE, 0) != 0);
    }

    /// The payload of an attribute; empty if there is none.
    private static MemorySegment attribute(MemorySegment attributes, int wanted) {
        MemorySegment found = NetlinkMessage.find(attributes, wanted);
        return found == null ? MemorySegment.NULL : found;
    }

    /// Text up to its zero, if it has one.
    private static String text(MemorySegment payload) {
        byte[] bytes = payload.toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
