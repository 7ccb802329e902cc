package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vswitch.bridge.TreeSettings.View;
import org.vswitch.wire.Bpdu;

/// One switch, and what its neighbours say.
class SpanningTreeTest {
    private static final long SELF = 0x8000_0000_0000_0020L;
    private static final long BETTER = 0x8000_0000_0000_0010L;
    private static final long BETTER_TOO = 0x8000_0000_0000_0011L;
    private static final long WORSE = 0x8000_0000_0000_0030L;
    private static final int COST = SpanningTreeVlan.PORT_COST;
    private static final int DESIGNATED = Bpdu.DESIGNATED_PORT | Bpdu.LEARNS_AND_FORWARDS;
    private static final int BLOCKED = Bpdu.BACKUP_PORT | Bpdu.PROPOSAL;
    private static final int ROOT = Bpdu.ROOT_PORT | Bpdu.LEARNS_AND_FORWARDS;

    @Nested
    class Off {
        private final TreeRig rig = new TreeRig(SELF);

        @Test
        void shouldNeverWake() {
            rig.plug(1);
            assertEquals(Long.MAX_VALUE, rig.tree.onDeadline(rig.nowNs));
            rig.tree.enable(true);
            rig.tree.enable(false);
            assertEquals(Long.MAX_VALUE, rig.tree.onDeadline(rig.nowNs));
        }

        @Test
        void shouldNeitherSendNorListen() {
            rig.plug(1);
            rig.hear(1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8001, 0));
            assertEquals(List.of(), rig.said());
            assertEquals(SELF, rig.tree.view(0).root());
        }

        @Test
        void shouldForwardOnEveryPortFromThenOn() {
            rig.tree.enable(true);
            rig.plug(1);
            rig.plug(2);
            rig.hear(1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8001, 0));
            rig.hear(2, new Bpdu(DESIGNATED, BETTER, COST, BETTER_TOO, 0x8001, 0));
            assertEquals(PortState.DISCARDING, rig.state(2));
            rig.tree.enable(false);
            assertEquals(PortState.FORWARDING, rig.state(2));
            assertEquals(SELF, rig.tree.view(0).root());
        }
    }

    @Nested
    class AsRoot {
        private final TreeRig rig = new TreeRig(SELF).enabled();

        @Test
        void shouldSpeakOnANewPortAndEveryFourSeconds() {
            rig.plug(1);
            assertEquals(List.of(new Bpdu(DESIGNATED, SELF, 0, SELF, 0x8001, 0)), rig.said(1));
            rig.forget();
            rig.pass(3_999);
            assertEquals(List.of(), rig.said());
            rig.pass(1);
            assertEquals(List.of(new Bpdu(DESIGNATED | Bpdu.AGREEMENT, SELF, 0, SELF, 0x8001, 0)), rig.said(1));
        }

        @Test
        void shouldContradictAWorseRoot() {
            rig.plug(1);
            rig.forget();
            rig.hear(1, new Bpdu(DESIGNATED, WORSE, 0, WORSE, 0x8001, 0));
            assertEquals(List.of(new Bpdu(DESIGNATED, SELF, 0, SELF, 0x8001, 0)), rig.said(1));
            assertEquals(PortState.FORWARDING, rig.state(1));
        }

        @Test
        void shouldBlockALinkThatIsNobodysWayToTheRoot() {
            rig.plug(1);
            rig.hear(1, new Bpdu(DESIGNATED, SELF, COST, WORSE, 0x8001, 0));
            assertEquals(PortState.DISCARDING, rig.state(1));
            rig.hear(1, new Bpdu(ROOT, SELF, COST, WORSE, 0x8001, 0));
            assertEquals(PortState.FORWARDING, rig.state(1));
        }

        @Test
        void shouldBlockOneOfTwoPortsThatAreCabledTogether() {
            rig.plug(1);
            rig.plug(2);
            rig.hear(2, new Bpdu(DESIGNATED, SELF, 0, SELF, 0x8001, 0));
            rig.hear(1, new Bpdu(DESIGNATED, SELF, 0, SELF, 0x8002, 0));
            assertEquals(PortState.FORWARDING, rig.state(1));
            assertEquals(PortState.DISCARDING, rig.state(2));
        }

        @Test
        void shouldUnblockAPortThatFallsSilent() {
            rig.plug(1);
            rig.hear(1, new Bpdu(DESIGNATED, SELF, COST, WORSE, 0x8001, 0));
            rig.pass(16_000);
            assertEquals(PortState.DISCARDING, rig.state(1));
            rig.pass(1_000);
            assertEquals(PortState.FORWARDING, rig.state(1));
        }

        @Test
        void shouldNotBeImpressedByMalformedMessages() {
            rig.plug(1);
            byte[] frame = new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8001, 0).emit();
            frame[19] = 0;
            assertFalse(rig.hear(0, 1, frame));
            assertEquals(SELF, rig.tree.view(0).root());
        }

        @Test
        void shouldIgnoreMessagesForPortsAndVlansItDoesNotKnow() {
            byte[] frame = new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8001, 0).emit();
            assertTrue(rig.hear(0, 7, frame));
            assertTrue(rig.hear(9, 1, frame));
            assertEquals(SELF, rig.tree.view(0).root());
        }
    }

    @Nested
    class BehindABetterRoot {
        private final TreeRig rig = new TreeRig(SELF).enabled();

        BehindABetterRoot() {
            rig.plug(1);
            rig.plug(2);
            rig.hear(1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8005, 0));
        }

        @Test
        void shouldAgree() {
            assertEquals(new Bpdu(ROOT | Bpdu.AGREEMENT, BETTER, COST, SELF, 0x8001, 0), rig.said(1).getLast());
            View view = rig.tree.view(0);
            assertEquals(List.of(BETTER, BETTER, 1L, (long) COST),
                    List.of(view.root(), view.designated(), (long) view.rootPort(), (long) view.rootCost()));
        }

        @Test
        void shouldLeaveHostsAloneAndBlockSwitchesWhenTheWayChanges() {
            rig.plug(3);
            rig.hear(3, new Bpdu(ROOT, BETTER, 2 * COST, WORSE, 0x8001, 0));
            rig.hear(1, new Bpdu(DESIGNATED, BETTER - 1, 0, BETTER - 1, 0x8005, 0));
            rig.hear(1, new Bpdu(DESIGNATED, BETTER, COST, BETTER, 0x8005, 0));
            assertEquals(PortState.FORWARDING, rig.state(1));
            assertEquals(PortState.FORWARDING, rig.state(2));
            assertEquals(PortState.DISCARDING, rig.state(3));
            assertEquals(BLOCKED, rig.said(3).getLast().flags());
        }

        @Test
        void shouldClaimToBeTheRootWhenTheRootPortGoes() {
            rig.hear(2, new Bpdu(DESIGNATED, BETTER, COST, WORSE, 0x8001, 0));
            rig.forget();
            rig.tree.portRemoved(0, 1);
            assertEquals(List.of(new Bpdu(BLOCKED | Bpdu.TOPOLOGY_CHANGE, SELF, 0, SELF, 0x8002, 0)), rig.said(2));
            assertEquals(PortState.DISCARDING, rig.state(2));
        }

        @Test
        void shouldTakeAnotherWayThatCannotLeadThroughItself() {
            rig.hear(2, new Bpdu(DESIGNATED, BETTER, COST, BETTER_TOO, 0x8001, 0));
            rig.tree.portRemoved(0, 1);
            rig.hear(2, new Bpdu(BLOCKED, BETTER, COST, BETTER_TOO, 0x8001, 0));
            assertEquals(2, rig.tree.view(0).rootPort());
            assertEquals(PortState.FORWARDING, rig.state(2));
        }

        @Test
        void shouldDoubtALongerWayForAMoment() {
            rig.hear(2, new Bpdu(DESIGNATED, BETTER, 3 * COST, WORSE, 0x8001, 0));
            rig.tree.portRemoved(0, 1);
            Bpdu offer = new Bpdu(BLOCKED, BETTER, 3 * COST, WORSE, 0x8001, 0);
            rig.hear(2, offer);
            assertEquals(SELF, rig.tree.view(0).root());
            rig.forget();
            rig.pass(250);
            assertEquals(List.of(new Bpdu(BLOCKED, SELF, 0, SELF, 0x8002, 0)), rig.said(2));
            rig.hear(2, offer);
            assertEquals(BETTER, rig.tree.view(0).root());
        }

        @Test
        void shouldLoseTheRootAfterThreeMissingMessages() {
            rig.pass(12_999);
            assertEquals(BETTER, rig.tree.view(0).root());
            assertEquals(12, rig.tree.view(0).ageSeconds());
            rig.pass(1);
            assertEquals(SELF, rig.tree.view(0).root());
        }

        @Test
        void shouldNotFollowARootThatIsWorseThanItself() {
            rig.hear(1, new Bpdu(DESIGNATED, WORSE, 0, WORSE, 0x8005, 0));
            rig.hear(1, new Bpdu(DESIGNATED, WORSE, COST, BETTER, 0x8005, 0));
            assertEquals(SELF, rig.tree.view(0).root());
            assertEquals(SELF, rig.said(1).getLast().rootId());
        }

        @Test
        void shouldCountNoFurtherThanCostsGo() {
            rig.hear(1, new Bpdu(DESIGNATED, BETTER, 0xffff_ffffL, BETTER, 0x8005, 0));
            assertEquals(SELF, rig.tree.view(0).root());
        }

        @Test
        void shouldPassTopologyChangesOnButNotWithoutLimit() {
            rig.hear(2, new Bpdu(ROOT, BETTER, 2 * COST, WORSE, 0x8001, 0));
            rig.pass(4_000);
            rig.forget();
            for (int i = 0; i < 1_000; i++) {
                rig.hear(1, new Bpdu(DESIGNATED | Bpdu.TOPOLOGY_CHANGE, BETTER, 0, BETTER, 0x8005, 0));
            }
            assertEquals(SpanningTreeVlan.CHANGES_PER_HELLO, rig.flushes);
            assertEquals(SpanningTreeVlan.CHANGES_PER_HELLO, rig.said(2).size());
            rig.pass(4_000);
            assertEquals(SpanningTreeVlan.CHANGES_PER_HELLO + 1, rig.flushes);
        }

        @Test
        void shouldCountTheBonus() {
            rig.tree.bonus(0, 1, 1_000_000);
            rig.hear(1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8005, 0));
            assertEquals(19_000_000, rig.tree.view(0).rootCost());
            rig.tree.bonus(0, 1, 50_000_000);
            rig.hear(1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8005, 0));
            assertEquals(1, rig.tree.view(0).rootCost());
        }

        @Test
        void shouldPreferTheWayWithTheBonus() {
            rig.tree.bonus(0, 2, 5_000_000);
            rig.hear(2, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8006, 0));
            assertEquals(2, rig.tree.view(0).rootPort());
            assertEquals(PortState.DISCARDING, rig.state(1));
        }

        @Test
        void shouldNeitherSpeakNorListenOnAnEdgePort() {
            rig.tree.edge(0, 2, true);
            rig.forget();
            rig.hear(2, new Bpdu(DESIGNATED, BETTER - 1, 0, BETTER - 1, 0x8001, 0));
            rig.pass(4_000);
            assertEquals(BETTER, rig.tree.view(0).root());
            assertEquals(List.of(), rig.said(2));
            assertEquals(List.of("Root", "Edge"), roles());
            rig.tree.edge(0, 2, false);
            rig.pass(4_000);
            assertEquals(1, rig.said(2).size());
        }

        @Test
        void shouldNameRolesAsVdeSwitchDoes() {
            rig.plug(3);
            rig.plug(4);
            rig.tagged.add(3);
            rig.hear(4, new Bpdu(DESIGNATED, BETTER, COST, WORSE, 0x8001, 0));
            assertEquals(List.of("Root", "Designated", "Alternate/Backup", "Unknown"), roles());
            assertEquals(List.of(1, 2, 4, 3),
                    rig.tree.view(0).members().stream().map(TreeSettings.Member::port).toList());
        }

        private List<String> roles() {
            return rig.tree.view(0).members().stream().map(TreeSettings.Member::role).toList();
        }
    }

    @Test
    void shouldReportWhatVdeSwitchReports() {
        TreeRig rig = new TreeRig(SELF).enabled();
        rig.plug(1);
        rig.plug(2);
        rig.reports.clear();
        rig.hear(1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8001, 0));
        rig.hear(2, new Bpdu(DESIGNATED, BETTER, COST, BETTER_TOO, 0x8001, 0));
        rig.tree.portRemoved(0, 1);
        assertEquals(List.of("+ 1", "root 1 10", "status 1 FORWARDING", "+ 2", "status 2 DISCARDING", "- 1",
                "root 0 20"), rig.reports);
    }

    @Test
    void shouldKeepOneTreePerVlan() {
        TreeRig rig = new TreeRig(SELF).enabled();
        rig.tree.vlanAdded(7);
        rig.plug(1);
        rig.tree.portAdded(7, 1);
        assertTrue(rig.hear(7, 1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8001, 0).emit()));
        assertEquals(SELF, rig.tree.view(0).root());
        assertEquals(BETTER, rig.tree.view(7).root());
        rig.tree.portRemoved(7, 1);
        rig.tree.vlanRemoved(7);
        assertTrue(rig.hear(7, 1, new Bpdu(DESIGNATED, BETTER, 0, BETTER, 0x8001, 0).emit()));
    }
}
