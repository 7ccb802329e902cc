package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ethernet;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.link.LinkUrl;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.ip.StackDrop;

/// A router that speaks one family is silent in the other, as if it were not there.
class FamiliesTest {
    private static final int SCTP = 132;
    /// Who has 10.0.2.2?
    private static final byte[] ARP = ethernet(EVERYBODY, GUEST, 0x0806, HexFormat.of().parseHex(
            "0001080006040001" + "525400000015" + "0a00020f" + "000000000000" + "0a000202"));
    private static final byte[] PING4 = Pings.v4(ROUTER_V4, 1, 1, new byte[] {1});
    private static final byte[] PING6 = Pings.v6(PREFIX, ROUTER_LOW, 1, 1);
    private static final byte[] PING_LINK = Pings.v6(LINK_LOCAL, ROUTER_LOW, 1, 1);

    @Test
    void shouldSpeakBothByDefault() throws IOException {
        try (StackRig rig = rig("")) {
            for (byte[] frame : new byte[][] {ARP, PING4, PING6, PING_LINK}) {
                rig.send(frame).take();
            }
            rig.turn().takeNext(); // the advertisement
        }
    }

    @Test
    void shouldNotSpeakIpv4IfToldSo() throws IOException {
        try (StackRig rig = rig("/v6/mac=52:55:0a:00:02:02")) {
            rig.turn().takeNext();
            rig.refuse(StackDrop.UNKNOWN_PROTOCOL, ARP);
            rig.refuse(StackDrop.UNKNOWN_PROTOCOL, PING4);
            rig.send(PING6).take();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v4", "/mtu=1279"})
    void shouldNotSpeakIpv6IfToldSoOrWhereThereIsNoRoom(String rest) throws IOException {
        try (StackRig rig = rig(rest)) {
            rig.pass(TimeUnit.HOURS.toNanos(1)).nothing(); // and advertises nothing
            rig.refuse(StackDrop.UNKNOWN_PROTOCOL, PING6);
            rig.refuse(StackDrop.UNKNOWN_PROTOCOL, PING_LINK);
            rig.send(PING4).take();
        }
    }

    /// Bad input 15, and its like over IPv4: whoever asks is told where the protocol stands that is not spoken.
    @Test
    void shouldSayThatItSpeaksNoOtherProtocol() throws IOException {
        try (StackRig rig = rig("")) {
            rig.turn().takeNext();
            byte[] v4 = rig.send(new GuestPackets.V4().payload(SCTP, new byte[12]).frame()).take();
            assertArrayEquals(new byte[] {3, 2}, Arrays.copyOfRange(v4, 34, 36));
            byte[] v6 = rig.send(new GuestPackets.V6().payload(SCTP, new byte[12]).frame()).take();
            assertArrayEquals(new byte[] {4, 1}, Arrays.copyOfRange(v6, 54, 56));
            assertArrayEquals(new byte[] {0, 0, 0, 6}, Arrays.copyOfRange(v6, 58, 62));
            assertEquals(2, rig.stack.counters().value(StackDrop.UNKNOWN_PROTOCOL));
        }
    }

    private static StackRig rig(String rest) throws IOException {
        return new StackRig(SlirpOptions.of(LinkUrl.parse("slirp://" + rest)).config(), new SentFrames());
    }
}
