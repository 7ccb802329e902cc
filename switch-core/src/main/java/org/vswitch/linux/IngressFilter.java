package org.vswitch.linux;

import java.lang.foreign.Arena;

/// A filter for what comes into the host by an interface, before anything else sees it but a capture: tc-bpf(8) on the
/// `clsact` queueing discipline. It goes with the interface.
public final class IngressFilter {
    // struct tcmsg { u8 family; u8 pad1; u16 pad2; int ifindex; u32 handle; u32 parent; u32 info; }
    private static final int INDEX = NetlinkMessage.HEADER_LENGTH + 4;
    private static final int TCMSG_LENGTH = 20;
    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_NEWTFILTER = 44;
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

    private IngressFilter() {
    }

    /// Puts a filter on an interface that has none.
    ///
    /// @param device the interface
    /// @param program says what passes
    /// @throws LinuxException ENOENT if this kernel was built without the filter, EPERM without CAP_NET_ADMIN
    public static void attach(NetworkDevice device, FilterProgram program) throws LinuxException {
        try (Fd socket = NetlinkMessage.socket(); Arena arena = Arena.ofConfined()) {
            message(arena, RTM_NEWQDISC, device.index(), CLSACT, TC_H_CLSACT, 0).text(TCA_KIND, "clsact")
                    .ask(socket, "tc qdisc clsact");
            NetlinkMessage filter = message(arena, RTM_NEWTFILTER, device.index(), 0, TC_H_INGRESS, FIRST_FOR_ALL)
                    .text(TCA_KIND, "bpf");
            int options = filter.begin(TCA_OPTIONS);
            filter.u16(TCA_BPF_OPS_LEN, program.count()).bytes(TCA_BPF_OPS, program.bytes())
                    .u32(TCA_BPF_FLAGS, ACT_DIRECT).end(options);
            filter.ask(socket, "tc filter bpf");
        }
    }

    private static NetlinkMessage message(Arena arena, int type, int... tcmsg) {
        NetlinkMessage message = new NetlinkMessage(arena, type,
                NetlinkMessage.ACKNOWLEDGED | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE, TCMSG_LENGTH);
        for (int i = 0; i < tcmsg.length; i++) {
            message.number(INDEX + i * Integer.BYTES, tcmsg[i]);
        }
        return message;
    }
}
