package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.bridge.TreeNetwork.Cable;
import org.vswitch.bridge.TreeNetwork.Frame;
import org.vswitch.bridge.TreeNetwork.Switch;
import org.vswitch.fixture.Seeds;

/// Networks of switches always end as one tree, whatever joined or left them, and no frame goes round meanwhile.
class SpanningTreeNetworkTest {
    private static final long MS = TreeNetwork.MS;
    private static final long SECOND = TreeNetwork.SECOND;

    @Test
    void shouldMakeATreeOfAnyNetwork() {
        Seeds.check(150, random -> {
            try (TreeNetwork network = new TreeNetwork(random.nextLong())) {
                grow(network, random, 0);
                network.run(10 * SECOND);
                check(network);
                change(network, random);
                network.run(60 * SECOND);
                check(network);
            }
        });
    }

    @Test
    void shouldMakeATreeOfNetworksWithHubs() {
        Seeds.check(100, random -> {
            try (TreeNetwork network = new TreeNetwork(random.nextLong())) {
                grow(network, random, 30);
                network.run(40 * SECOND);
                check(network);
                change(network, random);
                network.run(60 * SECOND);
                check(network);
            }
        });
    }

    @Test
    void shouldPassNoFrameTwiceWhenLinksAndSwitchesLeave() {
        Seeds.check(100, random -> {
            try (TreeNetwork network = new TreeNetwork(random.nextLong())) {
                grow(network, random, 0);
                network.run(10 * SECOND);
                int before = network.duplicates;
                for (int i = 0; i < 3 && network.cables.size() > 1 && network.switches.size() > 2; i++) {
                    if (random.nextBoolean()) {
                        network.unplug(any(network.cables, random));
                    } else {
                        network.remove(any(network.switches, random));
                    }
                    for (int frame = 0; frame < 20; frame++) {
                        network.broadcast(any(network.switches, random));
                        network.run(random.nextLong(frame < 10 ? 2 * MS : SECOND));
                    }
                }
                assertEquals(0, network.storms);
                // a frame that took the old way may meet itself on the new one, but not go on meeting itself
                assertTrue(network.duplicates - before <= 10, network.duplicates - before + " duplicates");
            }
        });
    }

    @Test
    void shouldRecoverWithinSixteenSecondsFromALinkThatFallsSilent() {
        try (TreeNetwork network = new TreeNetwork(1)) {
            Switch root = network.addSwitch(0xa, 0x8000);
            Switch second = network.addSwitch(0xb, 0x8000);
            Switch third = network.addSwitch(0xc, 0x8000);
            Cable first = network.plug(root, second);
            network.plug(second, third);
            network.plug(third, root);
            network.run(9 * SECOND);
            first.muted = true;
            network.run(16 * SECOND);
            Frame frame = network.broadcast(second);
            network.run(10 * MS);
            assertTrue(frame.reachedOnce(network.switches), network.toString());
        }
    }

    @Test
    void shouldRecoverAtOnceFromALinkThatIsUnplugged() {
        try (TreeNetwork network = new TreeNetwork(2)) {
            Switch root = network.addSwitch(0xa, 0x8000);
            Switch second = network.addSwitch(0xb, 0x8000);
            Switch third = network.addSwitch(0xc, 0x8000);
            network.plug(root, second);
            network.plug(second, third);
            Cable cut = network.plug(third, root);
            network.run(9 * SECOND);
            network.unplug(cut);
            network.run(10 * MS);
            Frame frame = network.broadcast(third);
            network.run(10 * MS);
            assertTrue(frame.reachedOnce(network.switches), network.toString());
        }
    }

    @Test
    void shouldElectAnotherRootWhenTheRootDies() {
        try (TreeNetwork network = new TreeNetwork(3)) {
            for (int i = 0; i < 5; i++) {
                network.addSwitch(0xa0 + i, 0x8000);
            }
            for (Switch one : network.switches) {
                for (Switch other : network.switches) {
                    if (one.tree.bridgeId() < other.tree.bridgeId()) {
                        network.plug(one, other);
                    }
                }
            }
            network.run(9 * SECOND);
            network.remove(network.switches.getFirst());
            network.run(5 * SECOND);
            check(network);
            for (Switch each : network.switches) {
                assertEquals(0x8000_0000_0000_00a1L, each.tree.view(0).root());
            }
        }
    }

    @Test
    void shouldAcceptAnotherRootThatJoinsLate() {
        try (TreeNetwork network = new TreeNetwork(4)) {
            Switch second = network.addSwitch(0xb, 0x8000);
            Switch third = network.addSwitch(0xc, 0x8000);
            network.plug(second, third);
            network.run(60 * SECOND);
            Switch late = network.addSwitch(0xd, 0x1000);
            network.plug(late, third);
            network.plug(late, second);
            network.run(SECOND);
            check(network);
            assertEquals(late.tree.bridgeId(), second.tree.view(0).root());
            assertEquals(late.tree.bridgeId(), third.tree.view(0).root());
            assertEquals(0, network.storms);
        }
    }

    private static void check(TreeNetwork network) {
        assertEquals("", network.complaint());
        assertEquals(0, network.storms);
        int before = network.duplicates;
        network.switches.forEach(network::broadcast);
        network.run(SECOND);
        assertEquals(before, network.duplicates);
    }

    private static void grow(TreeNetwork network, Random random, int hubPercent) {
        int count = 2 + random.nextInt(9);
        for (int i = 0; i < count; i++) {
            network.addSwitch(random.nextLong(1L << 40) << 8 | i, random.nextInt(4) == 0 ? 0x1000 : 0x8000);
        }
        int cables = count - 1 + random.nextInt(2 * count);
        for (int i = 0; i < cables; i++) {
            Switch[] ends = new Switch[random.nextInt(100) < hubPercent ? 3 : 2];
            for (int end = 0; end < ends.length; end++) {
                ends[end] = any(network.switches, random);
            }
            network.plug(ends);
            network.broadcast(any(network.switches, random));
            network.run(20 * MS + random.nextLong(random.nextBoolean() ? MS : 3 * SECOND));
        }
    }

    private static void change(TreeNetwork network, Random random) {
        for (int i = 0; i < 4 && network.cables.size() > 1 && network.switches.size() > 2; i++) {
            Cable cable = any(network.cables, random);
            switch (random.nextInt(4)) {
                case 0 -> network.unplug(cable);
                case 1 -> cable.muted = true;
                case 2 -> network.remove(any(network.switches, random));
                default -> network.plug(any(network.switches, random),
                        network.addSwitch(random.nextLong(1L << 40) << 8 | 0x80 | i, 0x8000));
            }
            for (int frame = 0; frame < 5; frame++) {
                network.run(random.nextLong(2 * MS));
                network.broadcast(any(network.switches, random));
            }
            network.run(random.nextLong(2 * SECOND));
        }
    }

    private static <T> T any(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }
}
