package org.vswitch.broker;

import java.nio.ByteBuffer;
import java.util.List;
import org.vswitch.grant.IpPrefix;
import org.vswitch.linux.FilterProgram;

/// Where frames out of a tap lead, as the first part of the program that the kernel runs for each.
///
/// Theory of operation. Linux takes every address of the host for its own, by whichever interface a packet comes, and
/// routes what is for others if it is told to, be it later and for all interfaces at once. So what a tap is not meant
/// to reach is dropped before the host's IP sees it. What is left is what a station has to do with its only neighbor:
/// ARP and neighbor discovery, a broadcast to a DHCP server, and packets to the addresses that the tap was given, or,
/// with IPv6, gave itself on the link.
final class ReachProgram {
    private static final int TYPE = 12;
    private static final int PAYLOAD = 14;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_ARP = 0x0806;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int IPV4_FRAGMENT = PAYLOAD + 6;
    private static final int IPV4_PROTOCOL = PAYLOAD + 9;
    private static final int IPV4_DESTINATION = PAYLOAD + 16;
    private static final int IPV4_END = PAYLOAD + 20;
    private static final int MORE_AND_OFFSET = 0x3fff;
    private static final int EVERYBODY = 0xffff_ffff;
    private static final int IPV6_NEXT = PAYLOAD + 6;
    private static final int IPV6_DESTINATION = PAYLOAD + 24;
    private static final int IPV6_END = PAYLOAD + 40;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    /// Client's and server's port.
    private static final int DHCP = 68 << 16 | 67;
    private static final int DHCPV6 = 546 << 16 | 547;
    private static final IpPrefix LINK_LOCAL = IpPrefix.parse("fe80::/10").orElseThrow();
    private static final IpPrefix GROUPS_OF_THE_LINK = IpPrefix.parse("ff02::/16").orElseThrow();
    private static final IpPrefix DHCP_SERVERS = IpPrefix.parse("ff02::1:2").orElseThrow();
    /// Router solicitation, neighbor solicitation and advertisement (RFC 4861, 4).
    private static final int[] DISCOVERY = {133, 135, 136};

    private ReachProgram() {
    }

    /// Writes that part. What it does not drop goes on behind it.
    ///
    /// @param program empty
    /// @param own addresses of the tap; without one of a family, nothing of that passes
    static void begin(FilterProgram program, List<IpPrefix> own) {
        program.dropIfTagged();
        FilterProgram.Label reached = program.label();
        program.half(TYPE).when(TYPE_ARP, reached);
        List<IpPrefix> ipv4 = own.stream().filter(IpPrefix::isIpv4).toList();
        if (!ipv4.isEmpty()) {
            FilterProgram.Label other = program.label();
            program.half(TYPE).unless(TYPE_IPV4, other);
            ipv4(program, ipv4, reached);
            program.place(other);
        }
        List<IpPrefix> ipv6 = own.stream().filter(IpPrefix::isIpv6).toList();
        if (!ipv6.isEmpty()) {
            FilterProgram.Label other = program.label();
            program.half(TYPE).unless(TYPE_IPV6, other);
            ipv6(program, ipv6, reached);
            program.place(other);
        }
        program.drop();
        program.place(reached);
    }

    private static void ipv4(FilterProgram program, List<IpPrefix> own, FilterProgram.Label reached) {
        program.dropIfShorter(IPV4_END);
        for (IpPrefix each : own) {
            program.word(IPV4_DESTINATION).when(ByteBuffer.wrap(each.bytes()).getInt(), reached);
        }
        program.word(IPV4_DESTINATION).dropUnless(EVERYBODY);
        program.octet(PAYLOAD).dropUnless(0x45);
        program.half(IPV4_FRAGMENT).and(MORE_AND_OFFSET).dropUnless(0);
        program.octet(IPV4_PROTOCOL).dropUnless(UDP);
        program.dropIfShorter(IPV4_END + 4);
        program.word(IPV4_END).dropUnless(DHCP);
        program.jump(reached);
    }

    private static void ipv6(FilterProgram program, List<IpPrefix> own, FilterProgram.Label reached) {
        program.dropIfShorter(IPV6_END);
        for (IpPrefix each : own) {
            jumpIfIn(program, new IpPrefix(each.address(), 128), reached);
        }
        jumpIfIn(program, LINK_LOCAL, reached);
        program.dropIfShorter(IPV6_END + 4);
        FilterProgram.Label group = program.label();
        FilterProgram.Label servers = program.label();
        jumpIfIn(program, DHCP_SERVERS, servers);
        jumpIfIn(program, GROUPS_OF_THE_LINK, group);
        program.drop();
        program.place(servers);
        program.octet(IPV6_NEXT).dropUnless(UDP);
        program.word(IPV6_END).dropUnless(DHCPV6);
        program.jump(reached);
        program.place(group);
        program.octet(IPV6_NEXT).dropUnless(ICMPV6);
        for (int type : DISCOVERY) {
            program.octet(IPV6_END).when(type, reached);
        }
        program.drop();
    }

    private static void jumpIfIn(FilterProgram program, IpPrefix prefix, FilterProgram.Label target) {
        program.jumpIfIn(IPV6_DESTINATION, prefix.mask(), prefix.network(), target);
    }
}
