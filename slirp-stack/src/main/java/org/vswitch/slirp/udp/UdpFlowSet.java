package org.vswitch.slirp.udp;

import java.util.Arrays;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.policy.GuestQuota;

/// All flows, and who has how many of them.
///
/// Theory of operation. Guests are told apart as [GuestQuota] does. At its own limit a guest loses its own least useful
/// flow: the answered name queries first, then what nobody answered, then the rest, of each the one that
/// has been silent for longest. When all together are too many, it is the guest who asks for one more if it has its
/// even share or more already, otherwise the one who has most. So however many flows a guest wants, the others keep
/// theirs.
final class UdpFlowSet {
    private final UdpSettings settings;
    private final UdpFlowTable table;
    private final RecencyList everybody = new RecencyList();
    private final GuestQuota quota;
    private final RecencyList[] shares = new RecencyList[GuestQuota.PLACES];
    private int activeShares;
    private UdpFlow[] all = new UdpFlow[64];
    private int made;
    private UdpFlow[] spare = new UdpFlow[64];
    private int spareCount;

    UdpFlowSet(UdpSettings settings) {
        this.settings = settings;
        table = new UdpFlowTable(settings);
        quota = new GuestQuota(settings.secretHigh());
    }

    int size() {
        return everybody.size();
    }

    /// Looks up the flow that a guest's datagram belongs to.
    ///
    /// @return null if there is none
    UdpFlow find(Packet packet, int guestPort) {
        return table.find(packet.sourceHigh, packet.sourceLow, guestPort);
    }

    /// Finds whose readiness was reported.
    ///
    /// @return null if the flow has ended meanwhile
    UdpFlow of(long token) {
        int index = (int) token;
        return all[index].token() == token && all[index].socket >= 0 ? all[index] : null;
    }

    /// Who has to end before a station may have one flow more.
    ///
    /// @return null if nobody has to
    UdpFlow inTheWay(long mac) {
        UdpFlow own = ownInTheWay(mac);
        return own == null && size() >= settings.flows() ? victim(mac) : own;
    }

    /// Who has to end before a station may take over a flow.
    ///
    /// @return null if nobody has to
    UdpFlow ownInTheWay(long mac) {
        RecencyList share = share(quota.place(mac));
        return share.size() >= settings.flowsPerGuest() ? share.leastUseful() : null;
    }

    /// Who has to end so that a station can have its flow, when there are too many of them for the host.
    ///
    /// @return null if there is none
    UdpFlow victim(long mac) {
        RecencyList own = share(quota.place(mac));
        boolean hasItsShare = own.size() > 0 && (long) own.size() * activeShares >= size();
        return hasItsShare ? own.leastUseful() : share(quota.fullest()).leastUseful();
    }

    /// Adds a flow in ONE_WAY; nobody is in its way.
    UdpFlow add(Packet packet, int socket, long nowNs) {
        UdpFlow flow = spareCount > 0 ? spare[--spareCount] : make();
        flow.begin(packet, socket);
        flow.latestNs = nowNs;
        table.add(flow);
        everybody.add(flow.phase, flow.amongAll);
        enter(flow);
        return flow;
    }

    /// Notes a datagram.
    void touch(UdpFlow flow, UdpPhase phase, long nowNs) {
        RecencyList share = share(flow.place);
        everybody.remove(flow.amongAll);
        share.remove(flow.amongGuests);
        flow.phase = phase;
        flow.latestNs = nowNs;
        everybody.add(phase, flow.amongAll);
        share.add(phase, flow.amongGuests);
    }

    /// Moves a flow to another station's share; nobody is in its way.
    void move(UdpFlow flow, long mac) {
        leave(flow);
        flow.guestMac = mac;
        enter(flow);
    }

    /// Forgets a flow. Its socket is not its own any more.
    void remove(UdpFlow flow) {
        table.remove(flow);
        everybody.remove(flow.amongAll);
        leave(flow);
        flow.end();
        if (spareCount == spare.length) {
            spare = Arrays.copyOf(spare, 2 * spareCount);
        }
        spare[spareCount++] = flow;
    }

    /// The flow of a phase that ends first.
    ///
    /// @return null if there is none
    UdpFlow oldest(UdpPhase phase) {
        return everybody.oldest(phase);
    }

    private void enter(UdpFlow flow) {
        flow.place = quota.take(flow.guestMac, Integer.MAX_VALUE);
        activeShares += quota.count(flow.place) == 1 ? 1 : 0;
        share(flow.place).add(flow.phase, flow.amongGuests);
    }

    private void leave(UdpFlow flow) {
        share(flow.place).remove(flow.amongGuests);
        quota.give(flow.place);
        activeShares -= quota.count(flow.place) == 0 ? 1 : 0;
    }

    private RecencyList share(int place) {
        if (shares[place] == null) {
            shares[place] = new RecencyList();
        }
        return shares[place];
    }

    private UdpFlow make() {
        if (made == all.length) {
            all = Arrays.copyOf(all, 2 * made);
        }
        UdpFlow flow = new UdpFlow(made);
        all[made++] = flow;
        return flow;
    }
}
