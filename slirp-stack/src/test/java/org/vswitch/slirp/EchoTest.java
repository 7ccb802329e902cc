package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;
import static org.vswitch.slirp.fixture.GuestPackets.octets;
import static org.vswitch.slirp.fixture.GuestPackets.optionsHeader;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.ip.StackDrop;

/// Pings to the router itself, and ICMP that makes no sense: T39, T41, bad input 20.
class EchoTest {
    private static final long GROUP = 0xff02_0000_0000_0000L;

    private final StackRig rig = new StackRig();

    @AfterEach
    void close() {
        assertEquals(0, rig.host.openSockets(), "nothing of this concerns the host");
        rig.close();
    }

    /// T39.
    @Test
    void shouldAnswerAtAllAddressesOfTheRouter() {
        for (int address : new int[] {ROUTER_V4, DNS_V4}) {
            byte[] asked = Pings.v4(address, 0x1234, 7, new byte[] {1, 2, 3});
            byte[] reply = rig.send(asked).take();
            assertArrayEquals(Arrays.copyOfRange(asked, 6, 12), Arrays.copyOf(reply, 6), "station");
            assertArrayEquals(Arrays.copyOfRange(asked, 30, 34), Arrays.copyOfRange(reply, 26, 30), "from");
            assertArrayEquals(Arrays.copyOfRange(asked, 26, 30), Arrays.copyOfRange(reply, 30, 34), "to");
            assertEquals("0000" + "12340007010203", Pings.message(reply));
        }
        for (long[] address : new long[][] {{PREFIX, ROUTER_LOW}, {PREFIX, DNS_LOW}, {LINK_LOCAL, ROUTER_LOW}}) {
            byte[] asked = Pings.v6(address[0], address[1], 0x1234, 7);
            byte[] reply = rig.send(asked).take();
            assertArrayEquals(Arrays.copyOfRange(asked, 38, 54), Arrays.copyOfRange(reply, 22, 38), "from");
            assertEquals("8100" + "12340007010203", Pings.message(reply));
        }
    }

    @Test
    void shouldAnswerAlthoughTheHopLimitEndsAtTheRouter() {
        rig.send(new GuestPackets.V4().to(ROUTER_V4).ttl(1).payload(ICMP, Pings.echo(8, 1, 1)).frame()).take();
    }

    /// T41: the longest that there is, in fragments both ways, and an odd number of bytes (bad input 20).
    @Test
    void shouldAnswerLargePings() {
        for (int length : new int[] {0, 1, 1471, 1472, 1473, 65_507}) {
            byte[] message = Pings.echo(8, 9, 1, Pings.pattern(length));
            for (byte[] fragment : Pings.fragmentsV4(ROUTER_V4, message)) {
                rig.send(fragment);
            }
            byte[] reply = Pings.reassemble(rig);
            assertEquals(0, reply[0]);
            assertArrayEquals(Arrays.copyOfRange(message, 4, message.length),
                    Arrays.copyOfRange(reply, 4, reply.length), "of " + length);
        }
        assertEquals(0, rig.drops());
    }

    @Test
    void shouldAnswerLargePingsOverIpv6() {
        for (int length : new int[] {0, 1453, 65_527}) {
            byte[] message = Pings.echo(128, 9, 1, Pings.pattern(length));
            Pings.checksumV6(message, PREFIX, ROUTER_LOW);
            for (byte[] fragment : Pings.fragmentsV6(new GuestPackets.V6().to(PREFIX, ROUTER_LOW), message)) {
                rig.send(fragment);
            }
            byte[] reply = Pings.reassemble(rig);
            assertEquals(129, reply[0] & 255);
            assertArrayEquals(Arrays.copyOfRange(message, 4, message.length),
                    Arrays.copyOfRange(reply, 4, reply.length), "of " + length);
        }
        assertEquals(0, rig.drops());
    }

    /// RFC 4443, 4.2.
    @Test
    void shouldAnswerForTheGroupsOfAllNodesAndRouters() {
        for (long group : new long[] {1, 2}) {
            byte[] message = Pings.echo(128, 9, 1);
            Pings.checksumV6(message, LINK_LOCAL, GUEST_LOW, GROUP, group);
            byte[] reply = rig.send(new GuestPackets.V6().from(LINK_LOCAL, GUEST_LOW).to(GROUP, group)
                    .stations(GUEST, 0x3333_0000_0000L | group).payload(ICMPV6, message).frame()).take();
            assertEquals("fe800000000000000000000000000002", HexFormat.of().formatHex(reply, 22, 38));
        }
    }

    @Test
    void shouldNotAnswerForOtherGroups() {
        rig.refuse(StackDrop.BAD_DESTINATION, new GuestPackets.V4().to(0x0a00_02ff).stations(GUEST, EVERYBODY)
                .payload(ICMP, Pings.echo(8, 1, 1)).frame());
        rig.refuse(StackDrop.BAD_DESTINATION, new GuestPackets.V4().to(0xe000_0001).stations(GUEST, 0x0100_5e00_0001L)
                .payload(ICMP, Pings.echo(8, 1, 1)).frame());
        byte[] message = Pings.echo(128, 9, 1);
        Pings.checksumV6(message, PREFIX, GUEST_LOW, GROUP, 5);
        rig.refuse(StackDrop.BAD_DESTINATION, new GuestPackets.V6().to(GROUP, 5)
                .stations(GUEST, 0x3333_0000_0005L).payload(ICMPV6, message).frame());
        byte[] nameless = Pings.echo(128, 9, 1);
        Pings.checksumV6(nameless, 0, 0, GROUP, 1);
        rig.refuse(StackDrop.BAD_SOURCE, new GuestPackets.V6().from(0, 0).to(GROUP, 1)
                .stations(GUEST, 0x3333_0000_0001L).payload(ICMPV6, nameless).frame());
    }

    /// Bad input 20: lengths that lie, a wrong checksum, a code that echo does not have.
    @Test
    void shouldRefuseBrokenMessages() {
        byte[] whole = Pings.v4(ROUTER_V4, 1, 1, new byte[64]);
        for (int length = 34; length < whole.length; length++) {
            rig.refuse(StackDrop.MALFORMED, Arrays.copyOf(whole, length));
        }
        for (int length = 0; length < 8; length++) {
            rig.refuse(StackDrop.MALFORMED,
                    new GuestPackets.V4().to(ROUTER_V4).payload(ICMP, new byte[length]).frame());
        }
        byte[] damaged = Pings.echo(8, 1, 1);
        damaged[7]++;
        rig.refuse(StackDrop.BAD_CHECKSUM, new GuestPackets.V4().to(ROUTER_V4).payload(ICMP, damaged).frame());
        rig.refuse(StackDrop.BAD_CHECKSUM, new GuestPackets.V6().to(PREFIX, ROUTER_LOW)
                .payload(ICMPV6, Pings.echo(128, 1, 1)).frame());
        byte[] code = Pings.echo(8, 1, 1);
        code[1] = 1;
        FrameCheck.fillChecksum(code, 0, code.length, 2);
        rig.refuse(StackDrop.MALFORMED, new GuestPackets.V4().to(ROUTER_V4).payload(ICMP, code).frame());
        rig.send(whole).take();
    }

    /// Bad input 20: redirects, timestamps, unknown types, errors with truncated inner headers, whether for the router
    /// or for somebody outside; all of them end here.
    @Test
    void shouldTakeNothingButEchoRequests() {
        for (int type = 0; type < 256; type++) {
            for (int address : new int[] {ROUTER_V4, OUTSIDE_V4}) {
                byte[] message = icmp(type, 0, new byte[type % 28]);
                FrameCheck.fillChecksum(message, 0, message.length, 2);
                if (type != 8) {
                    rig.refuse(StackDrop.NOT_FOR_ROUTER,
                            new GuestPackets.V4().to(address).payload(ICMP, message).frame());
                }
            }
            byte[] message = icmp(type, 0, new byte[type % 28]);
            Pings.checksumV6(message, PREFIX, ROUTER_LOW);
            if (type != 128 && (type < 133 || type > 136)) {
                rig.refuse(StackDrop.NOT_FOR_ROUTER,
                        new GuestPackets.V6().to(PREFIX, ROUTER_LOW).payload(ICMPV6, message).frame());
            }
        }
    }

    /// RFC 9777, 5.1.14: what every Linux guest says when its interface comes up. It asks for nothing, so nothing was
    /// forbidden.
    @Test
    void shouldCountReportsOfGroupMembersApartFromWhatIsForbidden() {
        byte[] report = icmp(143, 0, octets(4, 0, 0, 0, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0x15));
        report[7] = 1;
        for (long source : new long[] {0, LINK_LOCAL}) {
            long low = source == 0 ? 0 : GUEST_LOW;
            Pings.checksumV6(report, source, low, GROUP, 0x16);
            rig.refuse(StackDrop.NOT_FOR_ROUTER, new GuestPackets.V6().from(source, low).to(GROUP, 0x16)
                    .stations(GUEST, 0x3333_0000_0016L).hopLimit(1)
                    .payload(0, optionsHeader(ICMPV6, 5, 2, 0, 0), report).frame());
        }
        assertEquals("not-for-router", StackDrop.NOT_FOR_ROUTER.key());
    }

    @Test
    void shouldNotSpeakTheOtherFamilysProtocol() {
        byte[] error = rig.send(new GuestPackets.V4().payload(ICMPV6, Pings.echo(128, 1, 1)).frame()).take();
        assertEquals("0302", HexFormat.of().formatHex(error, 34, 36));
        byte[] errorV6 = rig.send(new GuestPackets.V6().payload(ICMP, Pings.echo(8, 1, 1)).frame()).take();
        assertEquals("0401", HexFormat.of().formatHex(errorV6, 54, 56));
        assertEquals(2, rig.stack.counters().value(StackDrop.UNKNOWN_PROTOCOL));
    }
}
