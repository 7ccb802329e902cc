package org.vswitch.broker;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.grant.IpPrefix;
import org.vswitch.linux.FilterProgram;

/// A [SourcePin] as a program that the kernel runs for each frame that comes out of a tap.
///
/// Theory of operation. The owner of a tap's descriptor may write what he likes, so what is pinned is enforced behind
/// it, on the host's side. What is not known to be harmless is dropped: with sources pinned only ARP, IPv4 and IPv6
/// pass, in IPv6 only headers behind which nothing can hide. Neighbor discovery passes in the forms that hosts send:
/// with one option at most, which names the frame's own source.
///
/// To load what lies behind the end of the frame ends the program with 0, which lets the frame pass. So the length is
/// asked for before each load.
final class PinProgram {
    private static final int SOURCE = 6;
    private static final int SOURCE_END = 10;
    private static final int TYPE = 12;
    private static final int PAYLOAD = 14;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_ARP = 0x0806;
    private static final int TYPE_IPV6 = 0x86dd;
    /// Below is a length, as spanning tree has it (IEEE 802.3, 3.2.6).
    private static final int LEAST_TYPE = 0x0600;
    private static final int[] TAGS = {0x8100, 0x88a8, 0x9100};

    private static final int ARP_LENGTH = PAYLOAD + 28;
    private static final int ARP_SENDER = PAYLOAD + 8;
    private static final int ARP_SENDER_IP = PAYLOAD + 14;
    private static final int IPV4_END = PAYLOAD + 20;
    private static final int IPV4_FRAGMENT = PAYLOAD + 6;
    private static final int IPV4_PROTOCOL = PAYLOAD + 9;
    private static final int IPV4_SOURCE = PAYLOAD + 12;
    private static final int IPV6_NEXT = PAYLOAD + 6;
    private static final int IPV6_SOURCE = PAYLOAD + 8;
    private static final int IPV6_END = PAYLOAD + 40;
    private static final int TARGET = IPV6_END + 8;
    private static final int OFFSET = 0x1fff;

    private static final int UDP = 17;
    private static final int ICMPV6 = 58;
    private static final int HOP_BY_HOP = 0;
    private static final int FRAGMENT = 44;
    /// TCP, UDP, DCCP, SCTP, UDP-Lite.
    private static final int[] TRANSPORTS = {6, UDP, 33, 132, 136};
    private static final int ESP = 50;
    private static final int BOOTPS = 67;
    private static final int BOOTPC = 68;
    private static final int DHCPV6_SERVER = 547;
    private static final int LISTENER_QUERY = 130;
    private static final int[] LISTENER_REPORTS = {131, 132, 143};
    private static final int ROUTER_SOLICITATION = 133;
    private static final int ROUTER_ADVERTISEMENT = 134;
    private static final int NEIGHBOR_SOLICITATION = 135;
    private static final int NEIGHBOR_ADVERTISEMENT = 136;
    private static final int REDIRECT = 137;
    private static final int OPTION = 8;
    private static final int SOURCE_ADDRESS = 1;
    private static final int TARGET_ADDRESS = 2;
    /// RFC 7527.
    private static final int NONCE = 14;

    private final FilterProgram program;
    private final SourcePin pin;
    private final List<IpPrefix> ipv4;
    private final List<IpPrefix> ipv6;

    private PinProgram(FilterProgram program, SourcePin pin) {
        this.program = program;
        this.pin = pin;
        ipv4 = pin.sources().orElse(List.of()).stream().filter(IpPrefix::isIpv4).toList();
        List<IpPrefix> own = new ArrayList<>(
                pin.sources().orElse(List.of()).stream().filter(IpPrefix::isIpv6).toList());
        if (!own.isEmpty()) {
            pin.macs().orElse(List.of()).forEach(mac -> own.add(linkLocal(mac)));
        }
        ipv6 = List.copyOf(own);
    }

    /// Writes it, the last part of a program.
    ///
    /// @param program may have a part before it, which has dropped nothing of what comes here
    /// @param pin that pins something
    static void end(FilterProgram program, SourcePin pin) {
        new PinProgram(program, pin).ethernet();
    }

    /// The address that a station makes of its MAC address (RFC 4291, appendix A).
    static IpPrefix linkLocal(long mac) {
        String text = String.format("fe80::%x:%x:%x:%x", mac >>> 32 ^ 0x200, mac >>> 16 & 0xff00 | 0xff,
                0xfe00 | mac >>> 16 & 0xff, mac & 0xffff);
        return IpPrefix.parse(text).orElseThrow();
    }

    private void ethernet() {
        program.dropIfTagged();
        pin.macs().ifPresent(macs -> {
            FilterProgram.Label known = program.label();
            for (long mac : macs) {
                FilterProgram.Label other = program.label();
                program.word(SOURCE).unless((int) (mac >>> 16), other);
                program.half(SOURCE_END).when((int) mac & 0xffff, known);
                program.place(other);
            }
            program.drop();
            program.place(known);
        });
        FilterProgram.Label noArp = program.label();
        program.half(TYPE).unless(TYPE_ARP, noArp);
        arp();
        program.place(noArp);
        if (pin.sources().isEmpty()) {
            dropType();
            program.pass();
            return;
        }
        if (!ipv4.isEmpty()) {
            FilterProgram.Label other = program.label();
            program.half(TYPE).unless(TYPE_IPV4, other);
            ipv4();
            program.place(other);
        }
        if (!ipv6.isEmpty()) {
            FilterProgram.Label other = program.label();
            program.half(TYPE).unless(TYPE_IPV6, other);
            ipv6();
            program.place(other);
        }
        program.drop();
    }

    private void dropType() {
        FilterProgram.Label type = program.label();
        program.half(TYPE).whenAtLeast(LEAST_TYPE, type).drop();
        program.place(type);
        for (int tag : TAGS) {
            program.half(TYPE).dropWhen(tag);
        }
    }

    /// RFC 826: Ethernet and IPv4, a request or a reply, the sender is the frame's source and has one of its addresses,
    /// or none yet (RFC 5227).
    private void arp() {
        program.dropIfShorter(ARP_LENGTH);
        program.word(PAYLOAD).dropUnless(1 << 16 | TYPE_IPV4);
        program.half(PAYLOAD + 4).dropUnless(6 << 8 | 4);
        FilterProgram.Label known = program.label();
        program.half(PAYLOAD + 6).when(1, known).dropUnless(2);
        program.place(known);
        sameAsSource(ARP_SENDER);
        if (pin.sources().isPresent()) {
            FilterProgram.Label own = program.label();
            program.word(ARP_SENDER_IP).when(0, own);
            jumpIfIn(ipv4, ARP_SENDER_IP, own);
            program.drop();
            program.place(own);
        }
        program.pass();
    }

    private void ipv4() {
        program.dropIfShorter(IPV4_END);
        program.octet(PAYLOAD).and(0xf0).dropUnless(0x40);
        FilterProgram.Label own = program.label();
        jumpIfIn(ipv4, IPV4_SOURCE, own);
        program.word(IPV4_SOURCE).dropUnless(0);
        program.octet(PAYLOAD).dropUnless(0x45);
        program.half(IPV4_FRAGMENT).and(OFFSET | 0x2000).dropUnless(0);
        program.octet(IPV4_PROTOCOL).dropUnless(UDP);
        program.dropIfShorter(IPV4_END + 4);
        program.word(IPV4_END).dropUnless(BOOTPC << 16 | BOOTPS);
        program.pass();
        program.place(own);
        FilterProgram.Label harmless = program.label();
        program.octet(IPV4_PROTOCOL).unless(UDP, harmless);
        program.half(IPV4_FRAGMENT).and(OFFSET).unless(0, harmless);
        program.dropIfShorterBehindIpv4(PAYLOAD, Short.BYTES);
        program.halfBehindIpv4(PAYLOAD).dropWhen(BOOTPS);
        program.place(harmless);
        program.pass();
    }

    private void ipv6() {
        program.dropIfShorter(IPV6_END);
        program.octet(PAYLOAD).and(0xf0).dropUnless(0x60);
        FilterProgram.Label own = program.label();
        FilterProgram.Label none = program.label();
        jumpIfIn(ipv6, IPV6_SOURCE, own);
        jumpIfIn(List.of(new IpPrefix(IpPrefix.parse("::").orElseThrow().address(), 128)), IPV6_SOURCE, none);
        program.drop();
        program.place(none);
        withoutAddress();
        program.place(own);
        FilterProgram.Label icmp = program.label();
        program.octet(IPV6_NEXT).when(ICMPV6, icmp);
        hopByHop();
        udp(IPV6_NEXT, IPV6_END);
        for (int transport : TRANSPORTS) {
            program.octet(IPV6_NEXT).passWhen(transport);
        }
        program.octet(IPV6_NEXT).passWhen(ESP);
        fragment();
        program.place(icmp);
        icmpv6();
    }

    /// Who has no address yet may ask whether it is free, and report groups (RFC 4862, 5.4; RFC 3590).
    private void withoutAddress() {
        hopByHop();
        program.octet(IPV6_NEXT).dropUnless(ICMPV6);
        program.dropIfShorter(TARGET + 16);
        program.octet(IPV6_END).dropUnless(NEIGHBOR_SOLICITATION);
        FilterProgram.Label own = program.label();
        jumpIfIn(ipv6, TARGET, own);
        program.drop();
        program.place(own);
        passWithOption(TARGET + 16, SOURCE_ADDRESS);
    }

    /// Reports of multicast listeners come with a router alert (RFC 2710, 3); nothing else may.
    private void hopByHop() {
        FilterProgram.Label other = program.label();
        program.octet(IPV6_NEXT).unless(HOP_BY_HOP, other);
        program.dropIfShorter(IPV6_END + OPTION + 1);
        program.half(IPV6_END).dropUnless(ICMPV6 << 8);
        for (int report : LISTENER_REPORTS) {
            program.octet(IPV6_END + OPTION).passWhen(report);
        }
        program.drop();
        program.place(other);
    }

    private void udp(int nextHeader, int at) {
        FilterProgram.Label other = program.label();
        program.octet(nextHeader).unless(UDP, other);
        program.dropIfShorter(at + 2);
        program.half(at).dropWhen(DHCPV6_SERVER).pass();
        program.place(other);
    }

    private void fragment() {
        program.octet(IPV6_NEXT).dropUnless(FRAGMENT);
        program.dropIfShorter(IPV6_END + OPTION);
        FilterProgram.Label later = program.label();
        program.half(IPV6_END + 2).and(0xfff8).unless(0, later);
        udp(IPV6_END, IPV6_END + OPTION);
        program.place(later);
        for (int transport : TRANSPORTS) {
            program.octet(IPV6_END).passWhen(transport);
        }
        program.drop();
    }

    private void icmpv6() {
        program.dropIfShorter(IPV6_END + 1);
        for (int type : new int[] {LISTENER_QUERY, ROUTER_ADVERTISEMENT, REDIRECT}) {
            program.octet(IPV6_END).dropWhen(type);
        }
        FilterProgram.Label router = program.label();
        FilterProgram.Label solicitation = program.label();
        FilterProgram.Label advertisement = program.label();
        program.octet(IPV6_END).when(ROUTER_SOLICITATION, router).when(NEIGHBOR_SOLICITATION, solicitation)
                .when(NEIGHBOR_ADVERTISEMENT, advertisement).pass();
        program.place(router);
        passWithOption(TARGET, SOURCE_ADDRESS);
        program.place(solicitation);
        passWithOption(TARGET + 16, SOURCE_ADDRESS);
        program.place(advertisement);
        program.dropIfShorter(TARGET + 16);
        FilterProgram.Label own = program.label();
        jumpIfIn(ipv6, TARGET, own);
        program.drop();
        program.place(own);
        passWithOption(TARGET + 16, TARGET_ADDRESS);
    }

    /// Lets the frame pass if it ends here, or behind one option that names its own source, or is a nonce.
    private void passWithOption(int at, int type) {
        program.length().passWhen(at).dropUnless(at + OPTION);
        if (type == SOURCE_ADDRESS) {
            program.half(at).passWhen(NONCE << 8 | 1);
        }
        program.half(at).dropUnless(type << 8 | 1);
        sameAsSource(at + 2);
        program.pass();
    }

    private void sameAsSource(int at) {
        program.word(SOURCE).keep().word(at).dropUnlessKept();
        program.half(SOURCE_END).keep().half(at + 4).dropUnlessKept();
    }

    private void jumpIfIn(List<IpPrefix> prefixes, int at, FilterProgram.Label target) {
        prefixes.forEach(prefix -> program.jumpIfIn(at, prefix.mask(), prefix.network(), target));
    }
}
