package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What rtnetlink(7) tells about network interfaces that come or change, in the network namespace of the thread that
/// opened it. Used by one thread at a time.
public final class LinkEvents implements AutoCloseable {
    // struct sockaddr_nl { u16 family; u16 pad; u32 pid; u32 groups; }
    private static final int ADDRESS_LENGTH = 12;
    private static final int GROUPS = 8;
    private static final int RTMGRP_LINK = 1;
    // struct ifinfomsg, then struct rtattr
    private static final int ATTRIBUTES = NetlinkMessage.HEADER_LENGTH + 16;
    private static final short RTM_NEWLINK = 16;
    private static final int IFLA_IFNAME = 3;
    private static final int ROOM = 8192;

    private final Fd socket;

    private LinkEvents(Fd socket) {
        this.socket = socket;
    }

    /// Listens from now on.
    ///
    /// @return owned by the caller
    /// @throws LinuxException ENOBUFS and others
    public static LinkEvents open() throws LinuxException {
        Fd socket = NetlinkMessage.socket(Constants.SOCK_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS_LENGTH, Integer.BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Constants.AF_NETLINK);
            address.set(ValueLayout.JAVA_INT, GROUPS, RTMGRP_LINK);
            LinuxException.check(LibC.bind(socket.number(), address.address(), ADDRESS_LENGTH), "rtnetlink: bind");
            return new LinkEvents(socket);
        } catch (LinuxException refused) {
            socket.close();
            throw refused;
        }
    }

    /// The descriptor, readable while something waits to be told.
    ///
    /// @return the number
    public int fd() {
        return socket.number();
    }

    /// Reads all that waits.
    ///
    /// @param name of an interface
    /// @return whether it has come or changed; also if that cannot be told, as more happened than the kernel keeps
    public boolean tellOf(String name) {
        boolean told = false;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(ROOM, Long.BYTES);
            long length = LibC.read(socket.number(), message.address(), ROOM);
            while (length > 0 || length == -Errno.ENOBUFS.number()) {
                told |= length < 0 || name.equals(nameOfNew(message, length));
                length = LibC.read(socket.number(), message.address(), ROOM);
            }
        }
        return told;
    }

    /// Reads all that waits, whatever it is.
    public void drain() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(ROOM, Long.BYTES);
            long length = 1;
            while (length > 0 || length == -Errno.ENOBUFS.number()) {
                length = LibC.read(socket.number(), message.address(), ROOM);
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    /// The interface that a message calls new or changed; the kernel puts one message in each datagram.
    private static String nameOfNew(MemorySegment message, long length) {
        if (length < ATTRIBUTES || message.get(ValueLayout.JAVA_SHORT, NetlinkMessage.TYPE) != RTM_NEWLINK) {
            return "";
        }
        MemorySegment attributes = message.asSlice(ATTRIBUTES, length - ATTRIBUTES);
        MemorySegment name = NetlinkMessage.find(attributes, IFLA_IFNAME);
        return name == null ? "" : name.getString(0);
    }
}
