package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A filter for what comes into the host by an interface, before anything else sees it but a capture: tc-bpf(8) on the
/// `clsact` queueing discipline. It goes with the interface.
public final class IngressFilter {
    // struct nlmsghdr { u32 len; u16 type; u16 flags; u32 seq; u32 pid; }
    // struct tcmsg { u8 family; u8 pad1; u16 pad2; int ifindex; u32 handle; u32 parent; u32 info; }
    private static final int HEADERS = 16 + 20;
    private static final short RTM_NEWQDISC = 36;
    private static final short RTM_NEWTFILTER = 44;
    private static final short NLMSG_ERROR = 2;
    private static final int ERROR = 16;
    /// NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE.
    private static final short FLAGS = 1 | 4 | 0x200 | 0x400;
    private static final int NETLINK_ROUTE = 0;
    private static final int CLSACT = 0xffff_0000;
    private static final int TC_H_CLSACT = 0xffff_fff1;
    private static final int TC_H_INGRESS = 0xffff_fff2;
    /// Priority 1, and ETH_P_ALL in network byte order.
    private static final int FIRST_FOR_ALL = 1 << 16 | 3 << 8;
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_BPF_OPS_LEN = 4;
    private static final int TCA_BPF_OPS = 5;
    private static final int TCA_BPF_FLAGS = 8;
    private static final int ACT_DIRECT = 1;
    private static final int ATTRIBUTE_HEADER = 4;

    private IngressFilter() {
    }

    /// Puts a filter on an interface that has none.
    ///
    /// @param device the interface
    /// @param program says what passes
    /// @throws LinuxException ENOENT if this kernel was built without the filter, EPERM without CAP_NET_ADMIN
    public static void attach(NetworkDevice device, FilterProgram program) throws LinuxException {
        int opened = LibC.socket(Constants.AF_NETLINK, Constants.SOCK_RAW | Constants.SOCK_CLOEXEC, NETLINK_ROUTE);
        try (Fd socket = new Fd(LinuxException.check(opened, "rtnetlink: socket"))) {
            ByteBuffer discipline = message(RTM_NEWQDISC, 64, device.index(), CLSACT, TC_H_CLSACT, 0);
            attribute(discipline, TCA_KIND, text("clsact"));
            request(socket, discipline, "tc qdisc clsact");
            byte[] code = program.bytes();
            ByteBuffer options = ByteBuffer.allocate(64 + code.length).order(ByteOrder.nativeOrder());
            attribute(options, TCA_BPF_OPS_LEN, number(2, program.count()));
            attribute(options, TCA_BPF_OPS, code);
            attribute(options, TCA_BPF_FLAGS, number(4, ACT_DIRECT));
            ByteBuffer filter = message(RTM_NEWTFILTER, 128 + code.length, device.index(), 0, TC_H_INGRESS,
                    FIRST_FOR_ALL);
            attribute(filter, TCA_KIND, text("bpf"));
            attribute(filter, TCA_OPTIONS, Arrays.copyOf(options.array(), options.position()));
            request(socket, filter, "tc filter bpf");
        }
    }

    private static ByteBuffer message(short type, int room, int... tcmsg) {
        ByteBuffer message = ByteBuffer.allocate(HEADERS + room).order(ByteOrder.nativeOrder());
        message.putInt(0).putShort(type).putShort(FLAGS).putInt(0).putInt(0).putInt(0);
        for (int field : tcmsg) {
            message.putInt(field);
        }
        return message;
    }

    private static void attribute(ByteBuffer message, int type, byte[] value) {
        message.putShort((short) (ATTRIBUTE_HEADER + value.length)).putShort((short) type).put(value);
        message.position(message.position() + 3 & -4);
    }

    private static byte[] text(String text) {
        return (text + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] number(int bytes, int value) {
        ByteBuffer number = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        return (bytes == 2 ? number.putShort((short) value) : number.putInt(value)).array();
    }

    private static void request(Fd socket, ByteBuffer request, String what) throws LinuxException {
        request.putInt(0, request.position());
        try (Arena arena = Arena.ofConfined()) {
            int length = request.position();
            MemorySegment message = arena.allocate(Math.max(length, 1024), Long.BYTES);
            MemorySegment.copy(request.array(), 0, message, ValueLayout.JAVA_BYTE, 0, length);
            LinuxException.check((int) LibC.write(socket.number(), message.address(), length), what);
            LinuxException.check((int) LibC.read(socket.number(), message.address(), message.byteSize()), what);
            if (message.get(ValueLayout.JAVA_SHORT, 4) == NLMSG_ERROR) {
                LinuxException.check(message.get(ValueLayout.JAVA_INT, ERROR), what);
            }
        }
    }
}
