package org.vswitch.bridge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.vswitch.linux.NativeMemory;

/// Switches that are nothing but a spanning tree, and cables and hubs between them, in virtual time. Cables are slow
/// (up to a millisecond, at random) but keep the order of what goes through them.
final class TreeNetwork implements AutoCloseable {
    static final long MS = 1_000_000;
    static final long SECOND = 1_000 * MS;
    private static final int MAX_HOPS = 64;

    final List<Switch> switches = new ArrayList<>();
    final List<Cable> cables = new ArrayList<>();
    long nowNs = 1_000 * SECOND;
    /// Frames that came to a switch more than once.
    int duplicates;
    /// Frames that went round for too long.
    int storms;
    private final Random random;
    private final PriorityQueue<Arrival> arrivals = new PriorityQueue<>();
    private final long memory = NativeMemory.map(4_096);
    private long sequence;
    private int frameCount;

    TreeNetwork(long seed) {
        random = new Random(seed);
    }

    Switch addSwitch(long mac, int priority) {
        Switch added = new Switch(mac, priority);
        switches.add(added);
        return added;
    }

    /// Joins all of these; more than two by a hub.
    Cable plug(Switch... ends) {
        Cable cable = new Cable();
        cables.add(cable);
        for (Switch end : ends) {
            int port = end.freePort();
            cable.ends.add(new End(end, port));
            end.cables.put(port, cable);
            end.states.put(port, PortState.FORWARDING);
        }
        for (End end : cable.ends) {
            end.owner.tree.now(nowNs);
            end.owner.tree.portAdded(0, end.port);
        }
        return cable;
    }

    void unplug(Cable cable) {
        cables.remove(cable);
        cable.muted = true;
        for (End end : cable.ends) {
            end.owner.cables.remove(end.port);
            end.owner.states.remove(end.port);
            end.owner.tree.now(nowNs);
            end.owner.tree.portRemoved(0, end.port);
        }
    }

    void remove(Switch dead) {
        switches.remove(dead);
        for (Cable cable : List.copyOf(cables)) {
            if (cable.ends.stream().anyMatch(end -> end.owner == dead)) {
                unplug(cable);
            }
        }
    }

    void run(long durationNs) {
        long untilNs = nowNs + durationNs;
        while (true) {
            long deadlineNs = switches.stream().mapToLong(s -> s.deadlineNs).min().orElse(Long.MAX_VALUE);
            Arrival next = arrivals.peek();
            long stepNs = Math.min(deadlineNs, next == null ? Long.MAX_VALUE : next.timeNs);
            if (stepNs > untilNs) {
                break;
            }
            nowNs = Math.max(nowNs, stepNs);
            if (next != null && next.timeNs == stepNs) {
                arrivals.remove();
                deliver(next);
            }
            switches.forEach(Switch::wake);
        }
        nowNs = untilNs;
    }

    /// A host at this switch sends a broadcast; see [#duplicates].
    Frame broadcast(Switch at) {
        Frame frame = new Frame(frameCount++);
        at.flood(frame, -1, 0);
        return frame;
    }

    private void deliver(Arrival arrival) {
        if (arrival.cable.muted || !switches.contains(arrival.to.owner)) {
            return;
        }
        Switch to = arrival.to.owner;
        if (arrival.frame == null) {
            NativeMemory.copyIn(arrival.bpdu, 0, memory, arrival.bpdu.length);
            to.tree.now(nowNs);
            to.tree.onBpdu(0, arrival.to.port, memory, arrival.bpdu.length);
        } else if (to.states.get(arrival.to.port) == PortState.FORWARDING) {
            to.flood(arrival.frame, arrival.to.port, arrival.hops);
        }
    }

    /// Empty if every two switches that cables join are joined by exactly one way; otherwise what is wrong.
    String complaint() {
        Map<Object, Object> whole = new HashMap<>();
        Map<Object, Object> tree = new HashMap<>();
        for (Cable cable : cables) {
            for (End end : cable.muted ? List.<End>of() : cable.ends) {
                join(whole, cable, end.owner);
                boolean forwards = end.owner.states.get(end.port) == PortState.FORWARDING;
                if (forwards && !join(tree, cable, end.owner)) {
                    return "a loop through " + end + "\n" + this;
                }
            }
        }
        for (Switch one : switches) {
            for (Switch other : switches) {
                if (find(whole, one) == find(whole, other) && find(tree, one) != find(tree, other)) {
                    return one + " and " + other + " are apart\n" + this;
                }
            }
        }
        return "";
    }

    private static boolean join(Map<Object, Object> parents, Object one, Object other) {
        Object first = find(parents, one);
        Object second = find(parents, other);
        parents.put(first, second);
        return first != second;
    }

    private static Object find(Map<Object, Object> parents, Object of) {
        Object at = of;
        while (parents.getOrDefault(at, at) != at) {
            at = parents.get(at);
        }
        return at;
    }

    @Override
    public void close() {
        NativeMemory.unmap(memory, 4_096);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Switch each : switches) {
            text.append(each).append(' ').append(each.tree.view(0)).append('\n');
        }
        cables.forEach(cable -> text.append(cable.ends).append(cable.muted ? " muted\n" : "\n"));
        return text.toString();
    }

    /// A broadcast, and where it has been.
    static final class Frame {
        final int number;
        final Map<Switch, Integer> visits = new HashMap<>();

        private Frame(int number) {
            this.number = number;
        }

        boolean reachedOnce(List<Switch> all) {
            return visits.keySet().equals(new HashSet<>(all)) && visits.values().stream().allMatch(n -> n == 1);
        }
    }

    /// Two ends, or more with a hub.
    static final class Cable {
        final List<End> ends = new ArrayList<>();
        /// Nothing goes through, though nobody notices that it was cut.
        boolean muted;
        private long busyUntilNs;
    }

    record End(Switch owner, int port) {
        @Override
        public String toString() {
            return owner + "." + port;
        }
    }

    private record Arrival(long timeNs, long order, Cable cable, End to, byte[] bpdu, Frame frame, int hops)
            implements Comparable<Arrival> {
        @Override
        public int compareTo(Arrival other) {
            return timeNs == other.timeNs ? Long.compare(order, other.order) : Long.compare(timeNs, other.timeNs);
        }
    }

    /// One switch.
    final class Switch implements SpanningTree.Host {
        final SpanningTree tree;
        final TreeMap<Integer, Cable> cables = new TreeMap<>();
        final TreeMap<Integer, PortState> states = new TreeMap<>();
        final Set<Integer> taggedPorts = new HashSet<>();
        final List<byte[]> sent = new ArrayList<>();
        int flushes;
        private final String name;
        private long deadlineNs;

        private Switch(long mac, int priority) {
            name = Long.toHexString(mac);
            tree = new SpanningTree(mac, priority, this, nowNs);
            tree.vlanAdded(0);
            tree.enable(true);
            wake();
        }

        private void wake() {
            deadlineNs = tree.onDeadline(nowNs);
        }

        private int freePort() {
            int port = 1;
            while (cables.containsKey(port)) {
                port++;
            }
            return port;
        }

        private void flood(Frame frame, int ingress, int hops) {
            if (frame.visits.merge(this, 1, Integer::sum) > 1) {
                duplicates++;
            }
            if (hops == MAX_HOPS || arrivals.size() > 10_000) {
                storms++;
                return;
            }
            states.forEach((port, state) -> {
                if (port != ingress && state == PortState.FORWARDING) {
                    carry(port, null, frame, hops + 1);
                }
            });
        }

        private void carry(int port, byte[] bpdu, Frame frame, int hops) {
            Cable cable = cables.get(port);
            if (cable == null) {
                return;
            }
            cable.busyUntilNs = Math.max(cable.busyUntilNs, nowNs + random.nextLong(MS)) + 1;
            for (End end : cable.ends) {
                if (end.owner != this || end.port != port) {
                    arrivals.add(new Arrival(cable.busyUntilNs, sequence++, cable, end, bpdu, frame, hops));
                }
            }
        }

        @Override
        public void send(int port, int vid, byte[] frame) {
            sent.add(frame);
            carry(port, frame, null, 0);
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
            return taggedPorts.contains(port);
        }

        @Override
        public BridgeEvents events() {
            return BridgeEvents.NONE;
        }

        long blocked() {
            return states.values().stream().filter(state -> state == PortState.DISCARDING).count();
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
