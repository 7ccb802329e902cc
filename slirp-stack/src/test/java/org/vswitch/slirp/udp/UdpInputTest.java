package org.vswitch.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.udp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackDrop;

/// Bad input 21, and who gets what.
class UdpInputTest implements UdpForward {
    private static final int SERVICE = 67;

    private final IpRig rig = new IpRig();
    private final List<String> got = new ArrayList<>();
    private boolean hostMeant;
    private final UdpInput input = new UdpInput(rig.subnets, rig.counters, rig.errors, this);

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldHandWhatIsForOwnAddressesAndGroupsToTheServiceOfThePort() {
        input.service(SERVICE, (packet, nowNs) -> got.add("service"));
        receive(new GuestPackets.V4().to(ROUTER_V4).payload(UDP, udp(9, SERVICE, new byte[4])).frame());
        receive(new GuestPackets.V4().to(DNS_V4).payload(UDP, udp(9, SERVICE, new byte[4])).frame());
        receive(new GuestPackets.V4().to(-1).stations(GUEST, EVERYBODY).payload(UDP, udp(9, SERVICE, new byte[4]))
                .frame());
        receive(new GuestPackets.V4().to(OUTSIDE_V4).payload(UDP, udp(9, SERVICE, new byte[4])).frame());
        assertEquals(List.of("service", "service", "service", "forward"), got);
        assertEquals(0, rig.drops());
    }

    /// T44, for the router itself.
    @Test
    void shouldSayThatNobodyListens() {
        byte[] frame = new GuestPackets.V4().to(ROUTER_V4).payload(UDP, udp(9, 10, new byte[4])).frame();
        receive(frame);
        byte[] told = rig.takeSent();
        assertArrayEquals(new byte[] {3, 3}, Arrays.copyOfRange(told, 34, 36));
        assertArrayEquals(Arrays.copyOfRange(frame, 14, frame.length), Arrays.copyOfRange(told, 42, 42 + 32));
        assertEquals(1, rig.counters.value(StackDrop.BAD_DESTINATION));
        hostMeant = true;
        receive(frame);
        assertEquals(List.of("host"), got);
        assertEquals(0, rig.sent.size());
    }

    /// T55.
    @Test
    void shouldNeitherForwardNorAnswerWhatIsForAGroup() {
        for (int group : new int[] {0xe000_00fb, -1, 0x0a00_02ff}) {
            receive(new GuestPackets.V4().to(group).stations(GUEST, EVERYBODY)
                    .payload(UDP, udp(9, 10, new byte[4])).frame());
        }
        assertEquals(3, rig.counters.value(StackDrop.BAD_DESTINATION));
        assertNothingElse();
    }

    @Test
    void shouldDropLengthsThatCannotBe() {
        byte[] shorter = udp(9, 10, new byte[4]);
        shorter[5] = 7;
        byte[] longer = udp(9, 10, new byte[4]);
        longer[5] = 13;
        byte[][] wrong = {new byte[0], new byte[7], shorter, longer};
        for (byte[] datagram : wrong) {
            receive(new GuestPackets.V4().payload(UDP, datagram).frame());
        }
        assertEquals(wrong.length, rig.counters.value(StackDrop.MALFORMED));
        assertNothingElse();
    }

    @Test
    void shouldTakeLengthsBelowThePacketsAndEmptyDatagrams() {
        byte[] within = udp(9, 10, new byte[4]);
        within[5] = 10;
        receive(new GuestPackets.V4().payload(UDP, within).frame());
        receive(new GuestPackets.V4().payload(UDP, udp(9, 10, new byte[0])).frame());
        assertEquals(List.of("forward", "forward"), got);
    }

    @Test
    void shouldDropPortZero() {
        receive(new GuestPackets.V4().payload(UDP, udp(0, 10, new byte[4])).frame());
        receive(new GuestPackets.V4().payload(UDP, udp(9, 0, new byte[4])).frame());
        assertEquals(2, rig.counters.value(StackDrop.MALFORMED));
        assertNothingElse();
    }

    /// T56.
    @Test
    void shouldTakeNoChecksumOverIpv4Only() {
        receive(new GuestPackets.V4().frame());
        assertEquals(List.of("forward"), got);
        receive(new GuestPackets.V6().frame());
        assertEquals(1, rig.counters.value(StackDrop.BAD_CHECKSUM));
        assertEquals(List.of("forward"), got);
    }

    @Test
    void shouldVerifyChecksums() {
        for (int length = 0; length < 5; length++) {
            byte[] v4 = new GuestPackets.V4().payload(UDP, udp(9, 10, new byte[] {1, 2, 3, 4, 5})).frame();
            checksum(v4, 34, 26, 8);
            receive(v4);
            byte[] v6 = new GuestPackets.V6().payload(UDP, udp(9, 10, new byte[length])).frame();
            checksum(v6, 54, 22, 32);
            receive(v6);
            v4[v4.length - 1] ^= 1;
            receive(v4);
            v6[v6.length - 1] ^= 2;
            receive(v6);
        }
        assertEquals(10, got.size());
        assertEquals(10, rig.counters.value(StackDrop.BAD_CHECKSUM));
    }

    @Test
    void shouldSayOverIpv6ThatNobodyListens() {
        byte[] frame = new GuestPackets.V6().to(PREFIX, ROUTER_LOW).payload(UDP, udp(9, 10, new byte[4])).frame();
        checksum(frame, 54, 22, 32);
        receive(frame);
        byte[] told = rig.takeSent();
        assertArrayEquals(new byte[] {1, 4}, Arrays.copyOfRange(told, 54, 56));
    }

    @Override
    public void receive(Packet packet, long nowNs) {
        got.add("forward");
    }

    @Override
    public boolean receiveForRouter(Packet packet, long nowNs) {
        if (hostMeant) {
            got.add("host");
        }
        return hostMeant;
    }

    private void receive(byte[] frame) {
        input.receive(rig.accept(frame), rig.nowNs);
    }

    private void assertNothingElse() {
        assertEquals(List.of(), got);
        assertEquals(0, rig.sent.count());
    }

    private static void checksum(byte[] frame, int from, int addresses, int addressesLength) {
        int length = FrameCheck.u16(frame, from + 4);
        byte[] rest = {0, UDP, (byte) (length >> 8), (byte) length};
        int sum = FrameCheck.sum(0, frame, addresses, addresses + addressesLength);
        sum = FrameCheck.sum(FrameCheck.sum(sum, rest, 0, 4), frame, from, frame.length);
        frame[from + 6] = (byte) (~sum >> 8);
        frame[from + 7] = (byte) ~sum;
    }
}
