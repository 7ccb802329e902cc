package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.frame.Drop;
import org.vswitch.link.LinkFeatures;

class BridgeTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final long ALL = 0xffff_ffff_ffffL;

    private final BridgeRig rig = new BridgeRig();

    @AfterEach
    void bothLedgersHold() {
        assertEquals("", rig.imbalance());
    }

    @Test
    void shouldFloodUnknownDestination() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        ProbeLink three = rig.plug(3);
        rig.inject(one, frame(B, A, 60));
        assertSent(two, frame(B, A, 60));
        assertSent(three, frame(B, A, 60));
        assertSent(one);
    }

    @Test
    void shouldSendToTheLearnedPortOnly() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        ProbeLink three = rig.plug(3);
        rig.inject(two, frame(ALL, B, 60));
        one.sent();
        three.sent();
        rig.inject(one, frame(B, A, 64));
        assertSent(two, frame(B, A, 64));
        assertSent(three);
    }

    @Test
    void shouldForwardShortAndJumboFramesAsTheyCame() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        rig.inject(one, frame(B, A, 14), frame(B, A, 59), frame(B, A, 9234));
        assertSent(two, frame(B, A, 14), frame(B, A, 59), frame(B, A, 9234));
    }

    @Test
    void shouldCountFramesThatAreTooShortOrTooLong() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2, LinkFeatures.plain(1514, 1 << 20));
        rig.inject(one, frame(B, A, 13), frame(B, A, 1515));
        assertSent(two);
        assertEquals(1, rig.ports.port(1).discarded(Drop.TOO_SHORT));
        assertEquals(1, rig.endpointOf(two).lost(Drop.TOO_LONG));
    }

    @Test
    void shouldCountEachFrameOfAFlowWhoseSenderSeemsToHaveMoved() {
        ProbeLink before = rig.plug(1);
        ProbeLink after = rig.plug(2);
        ProbeLink receiver = rig.plug(3);
        rig.inject(before, frame(ALL, A, 60));
        rig.inject(receiver, frame(ALL, B, 60));
        receiver.sent();
        byte[][] flow = {frame(B, A, 60), frame(B, A, 61), frame(B, A, 62)};
        rig.inject(after, flow);
        assertEquals(flow.length, rig.bridge.ageing().held());
        assertEquals(flow.length, receiver.sent().size());
    }

    @Test
    void shouldNotSendBackWhereTheDestinationLives() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        rig.inject(one, frame(ALL, A, 60));
        two.sent();
        rig.inject(one, frame(A, B, 60));
        assertSent(two);
        assertEquals(1, rig.ports.port(1).discarded(Drop.SAME_PORT));
    }

    @Test
    void shouldSendToEveryEndpointOfAPortAndNeverBetweenThem() {
        ProbeLink one = rig.plug(1);
        ProbeLink twin = rig.plug(1);
        ProbeLink two = rig.plug(2);
        rig.inject(two, frame(A, B, 60));
        assertSent(one, frame(A, B, 60));
        assertSent(twin, frame(A, B, 60));
        rig.inject(one, frame(ALL, A, 60));
        assertSent(twin);
        assertSent(two, frame(ALL, A, 60));
    }

    @Test
    void shouldTagAndUntagBetweenMembers() {
        ProbeLink access = rig.plug(1);
        ProbeLink tagged = rig.plug(2);
        rig.settings.createVlan(7);
        rig.settings.untaggedVlan(rig.ports.port(1), 7, BridgeEvents.NONE);
        rig.settings.addTagged(rig.ports.port(2), 7);
        rig.inject(access, frame(B, A, 60));
        assertSent(tagged, tagged(frame(B, A, 60), 7));
        rig.inject(tagged, tagged(frame(A, B, 200), 0x6007));
        assertSent(access, frame(A, B, 200));
    }

    @Test
    void shouldDropFramesOfVlansThePortIsNotIn() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        rig.inject(one, tagged(frame(B, A, 60), 9));
        assertSent(two);
        rig.settings.untaggedVlan(rig.ports.port(1), VlanTable.NO_VLAN, BridgeEvents.NONE);
        rig.inject(one, frame(B, A, 60));
        assertSent(two);
        assertEquals(2, rig.ports.port(1).discarded(Drop.VLAN_NOT_MEMBER));
        assertEquals(0, rig.addresses.count());
    }

    @Test
    void shouldAcceptVlanZeroTagsAndSendThemUntagged() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        rig.inject(one, tagged(frame(B, A, 60), 0x2000));
        assertSent(two, frame(B, A, 60));
    }

    @Test
    void shouldPassEveryTagBetweenTrunks() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        ProbeLink access = rig.plug(3);
        rig.settings.trunk(rig.ports.port(1), true);
        rig.settings.trunk(rig.ports.port(2), true);
        byte[] guestTag = tagged(frame(B, A, 60), 0xa123);
        rig.inject(one, guestTag, frame(B, A, 60), tagged(frame(B, A, 60), 0));
        assertSent(two, guestTag, frame(B, A, 60), tagged(frame(B, A, 60), 0));
        assertSent(access, frame(B, A, 60), frame(B, A, 60));
    }

    @Test
    void shouldCopyEverythingAsHubWhateverTheVlan() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        ProbeLink zero = rig.plug(0);
        rig.bridge.hub(true);
        rig.inject(one, tagged(frame(A, A, 60), 77));
        assertSent(two, tagged(frame(A, A, 60), 77));
        assertSent(zero, tagged(frame(A, A, 60), 77));
    }

    @Test
    void shouldMirrorBothDirections() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        ProbeLink monitor = rig.plug(3);
        rig.settings.untaggedVlan(rig.ports.port(3), VlanTable.NO_VLAN, BridgeEvents.NONE);
        rig.settings.mirror(rig.ports.port(1), rig.ports.port(3));
        rig.inject(one, frame(B, A, 60));
        rig.inject(two, frame(A, B, 70));
        assertSent(monitor, frame(B, A, 60), frame(A, B, 70));
    }

    @Test
    void shouldObeyTheStatesOfTheSpanningTree() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        rig.settings.state(0, 1, PortState.DISCARDING);
        rig.inject(one, frame(B, A, 60));
        assertEquals(0, rig.addresses.count());
        rig.settings.state(0, 1, PortState.LEARNING);
        rig.inject(one, frame(B, A, 60));
        assertEquals(1, rig.addresses.count());
        assertSent(two);
        assertEquals(2, rig.ports.port(1).discarded(Drop.PORT_DISCARDING));
        rig.inject(two, frame(A, B, 60));
        assertSent(one);
    }

    @Test
    void shouldForgetAddressesWithTimeAndWithThePort() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        rig.inject(one, frame(ALL, A, 60));
        rig.pass(50);
        rig.inject(two, frame(ALL, B, 60));
        rig.pass(60);
        assertEquals(1, rig.addresses.count());
        rig.unplug(two);
        assertEquals(0, rig.addresses.count());
    }

    @Test
    void shouldKeepOrderBehindABacklogAndCountWhatDoesNotFit() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        two.room(1);
        for (int i = 0; i < 300; i++) {
            rig.inject(one, frame(B, A, 60 + i));
        }
        assertEquals(256, rig.endpointOf(two).queued());
        assertEquals(43, rig.endpointOf(two).lost(Drop.EGRESS_FULL));
        two.room(Integer.MAX_VALUE);
        rig.endpointOf(two).flush();
        List<byte[]> sent = two.sent();
        assertEquals(257, sent.size());
        for (int i = 0; i < sent.size(); i++) {
            assertArrayEquals(frame(B, A, 60 + i), sent.get(i));
        }
    }

    @Test
    void shouldAllocateNothingWhileForwarding() {
        ProbeLink one = rig.plug(1);
        ProbeLink two = rig.plug(2);
        ProbeLink three = rig.plug(3);
        rig.settings.createVlan(5);
        rig.settings.addTagged(rig.ports.port(1), 5);
        rig.settings.addTagged(rig.ports.port(2), 5);
        three.room(0);
        two.forget();
        byte[][] frames = {frame(B, A, 60), frame(ALL, A, 1514), tagged(frame(B, A, 60), 5), frame(B, A, 10),
            frame(A, A, 60), tagged(frame(B, A, 60), 99), frame(B, A + 1, 60)};
        assertEquals(0, Allocations.bytesOf(20_000, 100_000, () -> rig.inject(one, frames)));
        assertTrue(rig.endpointOf(three).lost(Drop.EGRESS_FULL) > 0);
    }

    static byte[] frame(long destination, long source, int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = i < 6 ? (byte) (destination >>> 40 - 8 * i)
                    : i < 12 ? (byte) (source >>> 88 - 8 * i) : i == 12 ? 8 : i == 13 ? 0 : (byte) i;
        }
        return frame;
    }

    static byte[] tagged(byte[] frame, int tci) {
        byte[] tagged = new byte[frame.length + 4];
        System.arraycopy(frame, 0, tagged, 0, 12);
        tagged[12] = (byte) 0x81;
        tagged[14] = (byte) (tci >>> 8);
        tagged[15] = (byte) tci;
        System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
        return tagged;
    }

    private static void assertSent(ProbeLink probe, byte[]... frames) {
        List<byte[]> sent = probe.sent();
        assertEquals(frames.length, sent.size());
        for (int i = 0; i < frames.length; i++) {
            assertArrayEquals(frames[i], sent.get(i), "frame " + i + ": " + Arrays.toString(sent.get(i)));
        }
    }
}
