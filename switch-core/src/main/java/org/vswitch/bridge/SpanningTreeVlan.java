package org.vswitch.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.vswitch.wire.Bpdu;

/// The tree of one VLAN as this switch sees it.
///
/// Theory of operation. The switch remembers one vector, the best way to the root that it knows, and the port that it
/// leads through. A better offer replaces it, and so does any other offer of the same neighbour. Whatever replaces it,
/// all ports that lead to other switches are blocked and tell their neighbours (a *proposal*); each opens when its
/// neighbour answers that this is its own way to the root. A link between two switches of which neither is the other's
/// way to the root is blocked at both ends. Nothing else opens a blocked port but silence, so that no wrong guess makes
/// a loop. A port through which no message comes leads to hosts, and forwards whatever happens.
///
/// That is what vde_switch does and expects, with these differences:
///
/// - When the way to the root is lost, vde_switch opens all its ports and claims to be the root; we claim without
///   opening, and for a moment do not believe whoever may have had the root from us ([SpanningTreeDoubts]).
/// - A root worse than ourselves is answered by a claim, not accepted. Costs beyond 32 bits are unreachable.
/// - A proposal on the root port is answered at once, not with the next periodic message.
/// - An echo of our own blocks the later of our two ports, not both, and of several switches on one hub one serves it.
/// - Topology changes are limited in rate, since whoever may send us messages can make us forget addresses.
final class SpanningTreeVlan {
    /// Cost of the way through any port.
    static final int PORT_COST = 20_000_000;
    /// The root is lost if not heard of for so long: three messages, and a second for their way.
    static final long ROOT_LOST_NS = TimeUnit.SECONDS.toNanos(13);
    /// Topology changes that are handled at once between two messages; further ones are handled as one with the next.
    static final int CHANGES_PER_HELLO = 64;

    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final SpanningTreeMember NONE = new SpanningTreeMember(0);

    private final int vid;
    private final long bridgeId;
    private final SpanningTree.Host host;
    private final TreeMap<Integer, SpanningTreeMember> members = new TreeMap<>();
    private final SpanningTreeDoubts doubts;
    private SpanningTreeVector best;
    private SpanningTreeMember rootPort = NONE;
    private long rootHeardNs;
    private int bonusPort;
    private int bonusCost;
    private int changes;
    private long nowNs;

    SpanningTreeVlan(int vid, long bridgeId, SpanningTree.Host host) {
        this.vid = vid;
        this.bridgeId = bridgeId;
        this.host = host;
        this.doubts = new SpanningTreeDoubts(bridgeId);
        becomeRoot();
    }

    void now(long time) {
        nowNs = time;
    }

    /// A port begins to carry the VLAN; it forwards until something speaks against it.
    void add(int port, boolean enabled) {
        SpanningTreeMember member = new SpanningTreeMember(port);
        members.put(port, member);
        if (enabled) {
            send(member, 0);
            changeTopology(member);
        }
    }

    void remove(int port, boolean enabled) {
        SpanningTreeMember member = members.remove(port);
        if (member == null || !enabled) {
            return;
        }
        silence(member);
        if (member == rootPort) {
            loseRoot();
        } else {
            changeTopology(member);
        }
    }

    /// All ports forward, and nothing is known of others.
    void reset() {
        becomeRoot();
        changes = 0;
        doubts.clear();
        for (SpanningTreeMember member : members.values()) {
            member.active = false;
            if (member.blocked) {
                unblock(member);
            }
        }
    }

    void edge(int port, boolean on) {
        SpanningTreeMember member = members.get(port);
        if (member != null) {
            member.edge = on;
            if (on || member.blocked) {
                unblock(member);
            }
        }
    }

    void bonus(int port, int cost) {
        bonusPort = port;
        bonusCost = cost;
    }

    /// Tells the neighbours what is known, as every few seconds.
    void hello() {
        boolean pending = changes > CHANGES_PER_HELLO;
        changes = 0;
        if (pending) {
            changeTopology(NONE);
        }
        for (SpanningTreeMember member : members.values()) {
            if (!member.edge) {
                send(member, Bpdu.AGREEMENT);
            }
        }
    }

    void onBpdu(int port, Bpdu bpdu) {
        SpanningTreeMember member = members.get(port);
        if (member == null || member.edge) {
            return;
        }
        if (!member.active && host.events().watched()) {
            host.events().treeNeighborChanged(vid, port, true);
        }
        var theirs = new SpanningTreeVector(bpdu.rootId(), bpdu.rootCost(), bpdu.bridgeId(), bpdu.portId());
        member.heard(theirs, nowNs);
        if (bpdu.isTopologyChange()) {
            changeTopology(member);
        }
        SpanningTreeVector offer = theirs.farther(portCost(port));
        boolean believed = doubts.believes(theirs);
        if (bpdu.bridgeId() == bridgeId) {
            onEcho(member, bpdu.portId());
        } else if (member == rootPort && offer.isFrom(best)) {
            onRootPort(offer, bpdu.role(), believed);
        } else if (!offer.isReachable() || offer.compareTo(best) < 0) {
            onBetterOffer(member, offer, believed);
        } else if (member != rootPort) {
            onOtherPort(member, theirs, bpdu.role());
        }
    }

    /// Our own message comes back: two of our ports lead to the same place, which the first of them serves.
    private void onEcho(SpanningTreeMember member, int sentBy) {
        if (member != rootPort && sentBy <= Bpdu.portId(member.number)) {
            member.rival(bridgeId, nowNs);
            close(member);
        }
    }

    private void onRootPort(SpanningTreeVector offer, int role, boolean believed) {
        if (offer.equals(best)) {
            rootHeardNs = nowNs;
            if (role == Bpdu.BACKUP_PORT) {
                send(rootPort, Bpdu.AGREEMENT);
            }
            return;
        }
        boolean sameRoot = offer.rootId() == best.rootId();
        if (!offer.isReachable() || Long.compareUnsigned(offer.rootId(), bridgeId) > 0 || !sameRoot && !believed) {
            loseRoot();
            return;
        }
        if (offer.compareTo(best) > 0) {
            doubts.add(best, nowNs);
        }
        follow(rootPort, offer);
    }

    private void onBetterOffer(SpanningTreeMember member, SpanningTreeVector offer, boolean believed) {
        if (offer.isReachable() && believed) {
            follow(member, offer);
        } else if (member != rootPort) {
            close(member); // without an answer, which would be answered
        }
    }

    private void onOtherPort(SpanningTreeMember member, SpanningTreeVector theirs, int role) {
        if (theirs.rootId() != best.rootId()) {
            send(member, 0);
        } else if (role != Bpdu.ROOT_PORT) {
            concede(member, theirs, role);
        } else if (!member.isShared() || !member.hasRival(nowNs)) {
            open(member);
        }
    }

    /// Neither end is the other's way to the root. On a hub the better of the two serves the others, and says so.
    private void concede(SpanningTreeMember member, SpanningTreeVector theirs, int role) {
        var ours = new SpanningTreeVector(best.rootId(), best.cost(), bridgeId, Bpdu.portId(member.number));
        boolean better = theirs.compareTo(ours) < 0;
        if (better) {
            member.rival(theirs.bridgeId(), nowNs);
        } else {
            member.noRival(theirs.bridgeId());
        }
        if (better || !member.isShared()) {
            close(member);
            return;
        }
        if (!member.hasRival(nowNs)) {
            open(member);
        }
        if (role == Bpdu.DESIGNATED_PORT) {
            send(member, 0);
        }
    }

    private void follow(SpanningTreeMember member, SpanningTreeVector offer) {
        best = offer;
        rootPort = member;
        rootHeardNs = nowNs;
        reportRoot();
        for (SpanningTreeMember other : members.values()) {
            if (other != member && speaks(other) && !other.blocked) {
                block(other);
                send(other, 0);
            }
        }
        unblock(member);
        send(member, Bpdu.AGREEMENT);
        changeTopology(member);
    }

    private void loseRoot() {
        doubts.add(best, nowNs);
        becomeRoot();
        forget();
        announce(Bpdu.TOPOLOGY_CHANGE);
    }

    /// Tells all neighbours what is known; those who know better answer.
    private void announce(int flags) {
        for (SpanningTreeMember member : members.values()) {
            if (speaks(member)) {
                send(member, flags);
            }
        }
    }

    private void becomeRoot() {
        best = SpanningTreeVector.ofRoot(bridgeId);
        rootPort = NONE;
        reportRoot();
    }

    private void open(SpanningTreeMember member) {
        if (member.blocked) {
            unblock(member);
            if (member.isShared()) {
                send(member, 0);
            }
            changeTopology(member);
        }
    }

    private void close(SpanningTreeMember member) {
        if (!member.blocked) {
            block(member);
            changeTopology(member);
        }
    }

    private void block(SpanningTreeMember member) {
        member.blocked = true;
        assign(member, PortState.DISCARDING);
    }

    private void unblock(SpanningTreeMember member) {
        member.blocked = false;
        assign(member, PortState.FORWARDING);
    }

    private void assign(SpanningTreeMember member, PortState state) {
        host.portState(vid, member.number, state);
        if (host.events().watched()) {
            host.events().treeStateChanged(vid, member.number, state);
        }
    }

    private void silence(SpanningTreeMember member) {
        if (member.active) {
            member.active = false;
            if (host.events().watched()) {
                host.events().treeNeighborChanged(vid, member.number, false);
            }
        }
    }

    private void reportRoot() {
        if (host.events().watched()) {
            host.events().treeRootChanged(vid, rootPort.number, best.rootId());
        }
    }

    private static boolean speaks(SpanningTreeMember member) {
        return member.active && !member.edge;
    }

    /// Forgets the addresses of the VLAN, and has the neighbours do so.
    private void changeTopology(SpanningTreeMember cause) {
        if (!forget()) {
            return;
        }
        for (SpanningTreeMember member : members.values()) {
            if (member != cause && speaks(member) && !member.blocked) {
                send(member, Bpdu.TOPOLOGY_CHANGE);
            }
        }
    }

    /// Forgets the addresses of the VLAN, unless that happened too often lately.
    private boolean forget() {
        boolean allowed = ++changes <= CHANGES_PER_HELLO;
        if (allowed) {
            host.flushAddresses(vid);
        }
        return allowed;
    }

    private void send(SpanningTreeMember member, int flags) {
        int role = Bpdu.DESIGNATED_PORT | Bpdu.LEARNS_AND_FORWARDS;
        if (member.blocked) {
            role = Bpdu.BACKUP_PORT | Bpdu.PROPOSAL;
        } else if (member == rootPort) {
            role = Bpdu.ROOT_PORT | Bpdu.LEARNS_AND_FORWARDS;
        }
        long age = rootPort == NONE ? 0 : nowNs - rootHeardNs;
        Bpdu bpdu = new Bpdu(flags | role, best.rootId(), best.cost(), bridgeId, Bpdu.portId(member.number),
                (int) (age / SECOND_NS));
        host.send(member.number, vid, bpdu.emit());
    }

    /// A way never gets shorter by being longer, whatever the bonus: a cost of 0 or less would let two switches be each
    /// other's way to the root.
    private int portCost(int port) {
        return port == bonusPort ? Math.max(PORT_COST - bonusCost, 1) : PORT_COST;
    }

    /// Does what is due because something was not heard.
    void expire() {
        if (rootPort != NONE && nowNs - rootHeardNs >= ROOT_LOST_NS) {
            loseRoot();
        }
        for (SpanningTreeMember member : members.values()) {
            if (member.active && nowNs - member.heardNs >= SpanningTreeMember.SILENCE_NS) {
                silence(member);
                open(member);
            }
        }
        if (doubts.expire(nowNs)) {
            announce(0);
        }
    }

    /// When doubts end: what a message may make due earlier than the next periodic message.
    long doubtsEndNs() {
        return doubts.nextNs();
    }

    /// When [#expire] has something to do next.
    long nextNs() {
        long next = doubts.nextNs();
        if (rootPort != NONE) {
            next = Math.min(next, rootHeardNs + ROOT_LOST_NS);
        }
        for (SpanningTreeMember member : members.values()) {
            if (member.active) {
                next = Math.min(next, member.heardNs + SpanningTreeMember.SILENCE_NS);
            }
        }
        return next;
    }

    TreeSettings.View view(long startNs) {
        List<TreeSettings.Member> rows = new ArrayList<>();
        List<TreeSettings.Member> taggedRows = new ArrayList<>();
        for (SpanningTreeMember member : members.values()) {
            boolean tagged = host.isTagged(vid, member.number);
            (tagged ? taggedRows : rows).add(
                    new TreeSettings.Member(member.number, tagged, PORT_COST, tagged ? "Unknown" : role(member)));
        }
        rows.addAll(taggedRows);
        long age = nowNs - (rootPort == NONE ? startNs : rootHeardNs);
        return new TreeSettings.View(vid, best.rootId(), best.bridgeId(), rootPort.number, (int) best.cost(),
                age / SECOND_NS, bonusPort, bonusCost, rows);
    }

    private String role(SpanningTreeMember member) {
        if (member.edge) {
            return "Edge";
        }
        if (member.number == rootPort.number) {
            return "Root"; // as for port 0 while there is no root port: vde_switch counts from 1 here
        }
        return member.blocked ? "Alternate/Backup" : "Designated";
    }
}
