package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.ProbeLink;

/// A bridge with its spanning tree, alone and in a loop of two.
class BridgeTreeTest {
    private static final long BPDU = 0x0180_c200_0000L;
    private static final int HELLO_SECONDS = 4;

    private final BridgeRig rig = new BridgeRig();
    private final TreeSettings tree = bind(rig, 0x00ff_0000_0001L);

    @Test
    void shouldSendToActivePortsWhileItIsOn() {
        ProbeLink probe = rig.plug(1);
        ProbeLink gone = rig.plug(2);
        rig.unplug(gone);
        rig.pass(HELLO_SECONDS);
        assertEquals(0, messages(probe).size());
        tree.enable(true);
        rig.pass(HELLO_SECONDS);
        assertFalse(messages(probe).isEmpty());
        assertEquals(0, messages(gone).size());
        assertEquals("", rig.imbalance());
    }

    @Test
    void shouldTagWhatIsForATaggedMember() {
        rig.settings.createVlan(5);
        ProbeLink probe = rig.plug(1);
        rig.settings.addTagged(rig.ports.port(1), 5);
        tree.enable(true);
        rig.pass(HELLO_SECONDS);
        List<byte[]> sent = messages(probe);
        assertTrue(sent.stream().anyMatch(frame -> type(frame) == 0x8100 && frame[15] == 5));
        assertTrue(sent.stream().anyMatch(frame -> type(frame) == 0x27));
    }

    @Test
    void shouldFollowPortsAndVlansThatComeAndGo() {
        tree.enable(true);
        rig.settings.createVlan(5);
        ProbeLink probe = rig.plug(1);
        rig.settings.untaggedVlan(rig.ports.port(1), 5, BridgeEvents.NONE);
        assertEquals(List.of(1), tree.view(5).members().stream().map(TreeSettings.Member::port).toList());
        assertEquals(List.of(), tree.view(0).members());
        rig.unplug(probe);
        assertEquals(List.of(), tree.view(5).members());
        rig.settings.untaggedVlan(rig.ports.port(1), 0, BridgeEvents.NONE);
        rig.settings.removeVlan(5, BridgeEvents.NONE);
        rig.settings.createVlan(5);
        assertEquals(List.of(), tree.view(5).members());
    }

    @Test
    void shouldBreakALoopOfTwoSwitchesAndOpenItAgain() {
        BridgeRig other = new BridgeRig();
        TreeSettings otherTree = bind(other, 0x00ff_0000_0002L);
        List<ProbeLink> here = List.of(rig.plug(1), rig.plug(2));
        List<ProbeLink> there = List.of(other.plug(1), other.plug(2));
        ProbeLink host = rig.plug(3);
        ProbeLink farHost = other.plug(3);
        tree.enable(true);
        otherTree.enable(true);
        for (int second = 0; second < 20; second++) {
            rig.pass(1);
            other.pass(1);
            carry(here, other, there);
        }
        host.sent();
        farHost.sent();
        assertTrue(blocked(rig) + blocked(other) > 0);
        rig.inject(host, Frames.plain(Frames.BROADCAST, Frames.A, 60));
        carry(here, other, there);
        assertEquals(0, host.sent().size(), "it came back");
        assertEquals(1, farHost.sent().size());
        otherTree.enable(false);
        tree.enable(false);
        assertEquals(0, blocked(rig) + blocked(other));
        assertEquals("", rig.imbalance());
        assertEquals("", other.imbalance());
    }

    /// Moves what was sent along both cables until there is no more, or too much for there to be no loop.
    private void carry(List<ProbeLink> here, BridgeRig other, List<ProbeLink> there) {
        int carried = 1;
        for (int round = 0; carried > 0; round++) {
            assertTrue(round < 300, "frames go round and round");
            carried = 0;
            for (int cable = 0; cable < here.size(); cable++) {
                carried += move(here.get(cable), other, there.get(cable));
                carried += move(there.get(cable), rig, here.get(cable));
            }
        }
    }

    private static int move(ProbeLink from, BridgeRig to, ProbeLink at) {
        List<byte[]> frames = from.sent();
        frames.forEach(frame -> to.inject(at, frame));
        return frames.size();
    }

    private static int blocked(BridgeRig rig) {
        Vlan vlan = rig.bridge.vlans().vlan(0);
        return (vlan.forwards(1) ? 0 : 1) + (vlan.forwards(2) ? 0 : 1);
    }

    private static TreeSettings bind(BridgeRig rig, long address) {
        return new BridgeTree(rig.bridge, address, 0x8000, 1_000_000_000_000L).tree();
    }

    private static List<byte[]> messages(ProbeLink probe) {
        return probe.sent().stream().filter(frame -> destination(frame) == BPDU).toList();
    }

    private static long destination(byte[] frame) {
        long address = 0;
        for (int i = 0; i < 6; i++) {
            address = address << 8 | frame[i] & 0xff;
        }
        return address;
    }

    private static int type(byte[] frame) {
        return (frame[12] & 0xff) << 8 | frame[13] & 0xff;
    }
}
