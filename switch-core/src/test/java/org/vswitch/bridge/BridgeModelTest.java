package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ProbeLink;

/// Random frames through the bridge and through a naive model with maps: same frames out of the same ports.
class BridgeModelTest {
    private static final int PORTS = 6;
    private static final int VLANS = 4;

    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final BridgeRig rig = new BridgeRig();
    private final ProbeLink[] probes = new ProbeLink[PORTS];
    private final int[] untagged = new int[PORTS];
    private final List<Set<Integer>> tagged = new ArrayList<>();
    private final boolean[] trunk = new boolean[PORTS];
    private final Map<String, Integer> learned = new HashMap<>();
    private final Map<String, Long> seen = new HashMap<>();
    private final List<List<byte[]>> expected = new ArrayList<>();
    private long seconds;

    @Test
    void shouldForwardAsANaiveModelDoes() {
        for (int vid = 1; vid < VLANS; vid++) {
            rig.settings.createVlan(vid);
        }
        for (int port = 0; port < PORTS; port++) {
            probes[port] = rig.plug(port);
            tagged.add(new HashSet<>());
        }
        for (int step = 0; step < 5_000; step++) {
            if (random.nextInt(20) == 0) {
                reconfigure();
            }
            if (random.nextInt(5) == 0) {
                int passed = 2 + random.nextInt(20);
                seconds += passed;
                rig.pass(passed);
                learned.keySet().removeIf(key -> seconds - seen.get(key) > 100);
            }
            sendBatch();
        }
        assertEquals("", rig.imbalance(), () -> "seed=" + seed);
    }

    private void reconfigure() {
        int port = random.nextInt(PORTS);
        int vid = random.nextInt(VLANS);
        BridgePort bridgePort = rig.ports.port(port);
        switch (random.nextInt(4)) {
            case 0 -> {
                int chosen = random.nextInt(8) == 0 ? VlanTable.NO_VLAN : vid;
                tagged.get(port).remove(chosen);
                untagged[port] = chosen;
                rig.settings.untaggedVlan(bridgePort, chosen, BridgeEvents.NONE);
                learned.values().removeIf(where -> where == port);
            }
            case 1 -> {
                if (untagged[port] != vid && tagged.get(port).add(vid)) {
                    rig.settings.addTagged(bridgePort, vid);
                }
            }
            case 2 -> {
                if (tagged.get(port).remove(vid)) {
                    rig.settings.removeTagged(bridgePort, vid, BridgeEvents.NONE);
                    learned.entrySet().removeIf(entry -> entry.getValue() == port
                            && entry.getKey().endsWith("/" + vid));
                }
            }
            default -> {
                trunk[port] = !trunk[port];
                rig.settings.trunk(bridgePort, trunk[port]);
            }
        }
    }

    private void sendBatch() {
        expected.clear();
        for (int port = 0; port < PORTS; port++) {
            expected.add(new ArrayList<>());
        }
        int ingress = random.nextInt(PORTS);
        byte[][] frames = new byte[1 + random.nextInt(8)][];
        long source = 0;
        long destination = 0;
        int tci = -1;
        for (int i = 0; i < frames.length; i++) { // most have something in common with the one before them
            source = i > 0 && random.nextInt(4) > 0 ? source : 0x0200_0000_0000L + random.nextInt(12);
            destination = i > 0 && random.nextInt(4) > 0 ? destination
                    : random.nextInt(6) == 0 ? 0xffff_ffff_ffffL : 0x0200_0000_0000L + random.nextInt(12);
            tci = i > 0 && random.nextInt(4) > 0 ? tci
                    : random.nextBoolean() ? -1 : random.nextInt(8) << 13 | random.nextInt(VLANS + 1);
            byte[] frame = BridgeTest.frame(destination, source, 14 + random.nextInt(200));
            frames[i] = tci < 0 ? frame : BridgeTest.tagged(frame, tci);
            model(ingress, frames[i], source, destination);
        }
        rig.inject(probes[ingress], frames);
        for (int port = 0; port < PORTS; port++) {
            List<byte[]> sent = probes[port].sent();
            int number = port;
            assertEquals(expected.get(port).size(), sent.size(), () -> "port=" + number + " seed=" + seed);
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(expected.get(port).get(i), sent.get(i), () -> "port=" + number + " seed=" + seed);
            }
        }
    }

    private void model(int ingress, byte[] frame, long source, long destination) {
        boolean hasTag = frame[12] == (byte) 0x81 && frame[13] == 0;
        int vid = hasTag ? (frame[14] & 15) << 8 | frame[15] & 255 : untagged[ingress];
        if (vid == VlanTable.NO_VLAN || !isMember(ingress, vid)) {
            return;
        }
        String key = source + "/" + vid;
        Integer known = learned.get(key);
        if (known == null || known == ingress || seconds - seen.get(key) > 3) {
            learned.put(key, ingress);
            seen.put(key, seconds);
        }
        Integer where = destination == 0xffff_ffff_ffffL ? null : learned.get(destination + "/" + vid);
        for (int port = 0; port < PORTS; port++) {
            if (port != ingress && isMember(port, vid) && (where == null || where == port)) {
                expected.get(port).add(form(port, vid, frame, hasTag));
            }
        }
    }

    private boolean isMember(int port, int vid) {
        return trunk[port] || untagged[port] == vid || tagged.get(port).contains(vid);
    }

    private byte[] form(int port, int vid, byte[] frame, boolean hasTag) {
        boolean wantsTag = tagged.get(port).contains(vid) || trunk[port] && (hasTag || untagged[port] != vid);
        if (wantsTag == hasTag) {
            return frame;
        }
        if (wantsTag) {
            return BridgeTest.tagged(frame, vid);
        }
        byte[] bare = new byte[frame.length - 4];
        System.arraycopy(frame, 0, bare, 0, 12);
        System.arraycopy(frame, 16, bare, 12, bare.length - 12);
        return bare;
    }
}
