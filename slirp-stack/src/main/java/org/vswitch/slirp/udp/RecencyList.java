package org.vswitch.slirp.udp;

/// Flows of each phase in the order of their latest datagrams. As all flows of a phase have the same timeout, that is
/// the order in which they end, too. Rings of links, each closed by a link without a flow.
final class RecencyList {
    /// A flow's place in one such list.
    static final class Link {
        final UdpFlow flow;
        private Link older = this;
        private Link newer = this;

        Link(UdpFlow flow) {
            this.flow = flow;
        }
    }

    private final Link[] ends = new Link[UdpPhase.COUNT];
    private int size;

    RecencyList() {
        for (int i = 0; i < ends.length; i++) {
            ends[i] = new Link(null);
        }
    }

    int size() {
        return size;
    }

    /// Adds what is in no list, as the newest of its phase.
    void add(UdpPhase phase, Link link) {
        Link end = ends[phase.ordinal()];
        link.newer = end;
        link.older = end.older;
        end.older.newer = link;
        end.older = link;
        size++;
    }

    void remove(Link link) {
        link.older.newer = link.newer;
        link.newer.older = link.older;
        size--;
    }

    /// The flow of a phase that has been silent for longest.
    ///
    /// @return null if there is none
    UdpFlow oldest(UdpPhase phase) {
        return ends[phase.ordinal()].newer.flow;
    }

    /// The flow that is missed least.
    ///
    /// @return null if the list is empty
    UdpFlow leastUseful() {
        for (int i = 0; i < ends.length; i++) {
            if (ends[i].newer.flow != null) {
                return ends[i].newer.flow;
            }
        }
        return null;
    }
}
