package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A request of rtnetlink(7) in the making, and then its answer in the same place. Used by one thread.
///
/// A header, the fixed part of the request's type, and attributes, which may hold attributes. The longest request is a
/// filter of 4,096 instructions; what is looked at of answers is far shorter.
final class NetlinkMessage {
    /// Bytes of `struct nlmsghdr`, behind which the fixed part lies.
    static final int HEADER_LENGTH = 16;
    /// Not only a question.
    static final int ACKNOWLEDGED = 4;
    /// What exists is changed.
    static final int REPLACE = 0x100;
    /// What exists is an error.
    static final int EXCLUSIVE = 0x200;
    /// What does not exist is made.
    static final int CREATE = 0x400;
    /// All there are.
    static final int DUMP = 0x300;

    // struct nlmsghdr { u32 len; u16 type; u16 flags; u32 seq; u32 pid; }
    static final int TYPE = 4;
    static final int FLAGS = 6;
    static final int SEQUENCE = 8;
    // struct rtattr { u16 len; u16 type; }, aligned to 4
    static final int ATTRIBUTE_HEADER = 4;
    // struct nlmsgerr { int error; struct nlmsghdr msg; }
    static final int ERROR = HEADER_LENGTH;
    static final short NLMSG_ERROR = 2;
    static final short NLM_F_REQUEST = 1;
    private static final int ATTRIBUTE_TYPES = 0x3fff;
    private static final int NETLINK_ROUTE = 0;
    private static final int ROOM = 64 * 1024;

    private final MemorySegment message;
    private final int attributes;
    private int length;

    /// Begins a request, all zero.
    ///
    /// @param arena owns it
    /// @param type RTM_...
    /// @param flags a set of the constants above
    /// @param fixed bytes of the fixed part
    NetlinkMessage(Arena arena, int type, int flags, int fixed) {
        message = arena.allocate(ROOM, Long.BYTES);
        message.set(ValueLayout.JAVA_SHORT, TYPE, (short) type);
        message.set(ValueLayout.JAVA_SHORT, FLAGS, (short) (NLM_F_REQUEST | flags));
        attributes = HEADER_LENGTH + fixed;
        length = attributes;
    }

    /// Opens what requests are sent by, in the network namespace of the calling thread.
    static Fd socket() throws LinuxException {
        return socket(0);
    }

    /// Opens a socket, as above.
    ///
    /// @param further SOCK_NONBLOCK or 0
    static Fd socket(int further) throws LinuxException {
        return new Fd(LinuxException.check(LibC.socket(Constants.AF_NETLINK,
                Constants.SOCK_RAW | Constants.SOCK_CLOEXEC | further, NETLINK_ROUTE), "rtnetlink: socket"));
    }

    /// Reads a number of the fixed part.
    ///
    /// @param offset from the beginning of the message
    int number(int offset) {
        return message.get(ValueLayout.JAVA_INT, offset);
    }

    /// Writes a number of the fixed part.
    NetlinkMessage number(int offset, int value) {
        message.set(ValueLayout.JAVA_INT, offset, value);
        return this;
    }

    /// Writes a byte of the fixed part.
    NetlinkMessage octet(int offset, int value) {
        message.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
        return this;
    }

    /// Appends an attribute of some bytes.
    NetlinkMessage bytes(int type, byte[] bytes) {
        int begin = begin(type);
        MemorySegment.copy(bytes, 0, message, ValueLayout.JAVA_BYTE, length, bytes.length);
        length += bytes.length;
        end(begin);
        return this;
    }

    /// Appends an attribute of 16 bits.
    NetlinkMessage u16(int type, int value) {
        int begin = begin(type);
        message.set(ValueLayout.JAVA_SHORT, length, (short) value);
        length += Short.BYTES;
        end(begin);
        return this;
    }

    /// Appends an attribute of 32 bits.
    NetlinkMessage u32(int type, int value) {
        int begin = begin(type);
        message.set(ValueLayout.JAVA_INT, length, value);
        length += Integer.BYTES;
        end(begin);
        return this;
    }

    /// Appends an attribute that is a text.
    NetlinkMessage text(int type, String text) {
        return bytes(type, (text + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /// Begins an attribute; what is appended until [#end] belongs to it.
    ///
    /// @return to be given to [#end]
    int begin(int type) {
        message.set(ValueLayout.JAVA_SHORT, length + 2L, (short) type);
        length += ATTRIBUTE_HEADER;
        return length - ATTRIBUTE_HEADER;
    }

    /// Ends an attribute.
    void end(int begin) {
        message.set(ValueLayout.JAVA_SHORT, begin, (short) (length - begin));
        length = length + 3 & -4;
    }

    /// Sends the request and reads the answer into its place.
    ///
    /// @param socket of [#socket]
    /// @param call stands in the exception
    /// @throws LinuxException as the kernel refuses
    void ask(Fd socket, String call) throws LinuxException {
        send(socket, call);
        length = LinuxException.check((int) LibC.read(socket.number(), message.address(), ROOM), call);
        if (message.get(ValueLayout.JAVA_SHORT, TYPE) == NLMSG_ERROR) {
            LinuxException.check(message.get(ValueLayout.JAVA_INT, ERROR), call);
        }
    }

    /// Sends the request, whose answers somebody else reads.
    ///
    /// @param socket of [#socket]
    /// @param call stands in the exception
    /// @throws LinuxException if it cannot be sent
    void send(Fd socket, String call) throws LinuxException {
        message.set(ValueLayout.JAVA_INT, 0, length);
        LinuxException.check((int) LibC.write(socket.number(), message.address(), length), call);
    }

    /// An attribute of the answer.
    ///
    /// @param path its type, behind those of the attributes that it lies in
    /// @return its bytes, as long as the arena lives; empty if it is not there
    Optional<MemorySegment> find(int... path) {
        MemorySegment within = message.asSlice(attributes, Math.max(0, length - attributes));
        for (int type : path) {
            MemorySegment found = find(within, type);
            if (found == null) {
                return Optional.empty();
            }
            within = found;
        }
        return Optional.of(within);
    }

    /// An attribute among others.
    ///
    /// @return its bytes; null if it is not there
    static MemorySegment find(MemorySegment attributes, int type) {
        long next = 0;
        while (next + ATTRIBUTE_HEADER <= attributes.byteSize()) {
            int bytes = Short.toUnsignedInt(attributes.get(ValueLayout.JAVA_SHORT_UNALIGNED, next));
            if (bytes < ATTRIBUTE_HEADER || next + bytes > attributes.byteSize()) {
                return null;
            }
            if ((attributes.get(ValueLayout.JAVA_SHORT_UNALIGNED, next + 2) & ATTRIBUTE_TYPES) == type) {
                return attributes.asSlice(next + ATTRIBUTE_HEADER, bytes - ATTRIBUTE_HEADER);
            }
            next += bytes + 3 & -4;
        }
        return null;
    }
}
