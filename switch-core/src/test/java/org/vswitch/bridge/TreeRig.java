package org.vswitch.bridge;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Bpdu;
import org.vswitch.wire.MacAddress;

/// A spanning tree whose neighbours are played by a test.
final class TreeRig implements SpanningTree.Host {
    private static final long MEMORY = NativeMemory.map(4_096);

    final SpanningTree tree;
    final Set<Integer> tagged = new HashSet<>();
    final List<String> reports = new ArrayList<>();
    long nowNs = 5_000_000_000L;
    int flushes;
    private final Map<Integer, PortState> states = new TreeMap<>();
    private final Map<Integer, List<Bpdu>> said = new TreeMap<>();

    TreeRig(long bridgeId) {
        tree = new SpanningTree(bridgeId & MacAddress.BROADCAST, (int) (bridgeId >>> 48), this, nowNs);
        tree.vlanAdded(0);
    }

    TreeRig enabled() {
        tree.enable(true);
        tree.onDeadline(nowNs);
        return this;
    }

    void plug(int port) {
        states.put(port, PortState.FORWARDING);
        tree.portAdded(0, port);
    }

    void hear(int port, Bpdu bpdu) {
        hear(0, port, bpdu.emit());
    }

    boolean hear(int vid, int port, byte[] frame) {
        synchronized (TreeRig.class) {
            NativeMemory.copyIn(frame, 0, MEMORY, frame.length);
            return tree.onBpdu(vid, port, MEMORY, frame.length);
        }
    }

    /// Lets time pass as an engine does.
    void pass(long durationMs) {
        long untilNs = nowNs + durationMs * 1_000_000;
        while (tree.onDeadline(nowNs) <= untilNs) {
            nowNs = tree.onDeadline(nowNs);
        }
        nowNs = untilNs;
        tree.onDeadline(nowNs);
    }

    PortState state(int port) {
        return states.get(port);
    }

    List<Bpdu> said(int port) {
        return said.getOrDefault(port, List.of());
    }

    List<Bpdu> said() {
        return said.values().stream().flatMap(List::stream).toList();
    }

    void forget() {
        said.clear();
        flushes = 0;
    }

    @Override
    public void send(int port, int vid, byte[] frame) {
        synchronized (TreeRig.class) {
            NativeMemory.copyIn(frame, 0, MEMORY, frame.length);
            said.computeIfAbsent(port, _ -> new ArrayList<>()).add(Bpdu.parse(MEMORY, frame.length).orElseThrow());
        }
    }

    @Override
    public void portState(int vid, int port, PortState state) {
        states.put(port, state);
    }

    @Override
    public void flushAddresses(int vid) {
        flushes++;
    }

    @Override
    public boolean isTagged(int vid, int port) {
        return tagged.contains(port);
    }

    @Override
    public BridgeEvents events() {
        return new BridgeEvents() {
            @Override
            public boolean watched() {
                return true;
            }

            @Override
            public void addressLearned(long address, int vid, int port) {
                throw new AssertionError("not the spanning tree's business");
            }

            @Override
            public void addressExpired(long address, int vid, int port) {
                throw new AssertionError("not the spanning tree's business");
            }

            @Override
            public void addressMoved(long address, int from, int to) {
                throw new AssertionError("not the spanning tree's business");
            }

            @Override
            public void treeRootChanged(int vid, int port, long root) {
                reports.add("root " + port + " " + Long.toHexString(root & MacAddress.BROADCAST));
            }

            @Override
            public void treeStateChanged(int vid, int port, PortState state) {
                reports.add("status " + port + " " + state);
            }

            @Override
            public void treeNeighborChanged(int vid, int port, boolean active) {
                reports.add((active ? "+ " : "- ") + port);
            }
        };
    }
}
