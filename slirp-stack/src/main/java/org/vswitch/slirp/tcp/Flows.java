package org.vswitch.slirp.tcp;

import java.util.Arrays;
import org.vswitch.slirp.policy.GuestQuota;

/// All connections: where they come from and where they go when they end, and the limits of both.
final class Flows {
    /// How long late segments are answered (RFC 9293 has four minutes; a guest is near).
    static final long TIME_WAIT_NS = 10_000_000_000L;

    private final TcpSettings settings;
    private final ChunkPool pool;
    private final StretchPool stretches;
    private final FlowTable table;
    private final TimeWaitQueue waiting;
    private final DeadlineHeap deadlines = new DeadlineHeap();
    private TcpFlow[] all = new TcpFlow[64];
    private int made;
    private TcpFlow[] spare = new TcpFlow[64];
    private int spareCount;
    private int incomplete;
    private final GuestQuota quota;
    private final GuestQuota incompleteQuota;

    Flows(TcpSettings settings, ChunkPool pool, StretchPool stretches) {
        this.settings = settings;
        this.pool = pool;
        this.stretches = stretches;
        table = new FlowTable(settings.flows(), new KeyedHash(settings.secretHigh(), settings.secretLow()));
        waiting = new TimeWaitQueue(settings.waiting());
        quota = new GuestQuota(settings.secretHigh());
        incompleteQuota = new GuestQuota(settings.secretLow());
    }

    /// How many connections neither the host nor the guest has completed.
    ///
    /// @return CONNECTING and SYN_RECEIVED
    int incomplete() {
        return incomplete;
    }

    /// How many connections the guest with the most has.
    ///
    /// @return 0 to its limit
    int mostOfOne() {
        return quota.most();
    }

    /// Looks a connection up.
    ///
    /// @param path its ends
    /// @return null if there is none
    TcpFlow find(FlowPath path) {
        return table.find(path);
    }

    /// Finds whose readiness was reported.
    ///
    /// @param token as [TcpFlow#token] made it
    /// @return null if the connection has ended meanwhile
    TcpFlow of(long token) {
        int index = (int) token;
        boolean current = index >= 0 && index < made && all[index].token() == token;
        return current && all[index].state != TcpState.CLOSED ? all[index] : null;
    }

    /// How many connections there are.
    ///
    /// @return all states but CLOSED
    int size() {
        return table.size();
    }

    /// Adds a connection in CONNECTING. At the limit one in TIME_WAIT goes for it.
    ///
    /// @param path its ends
    /// @return null if a limit is reached
    TcpFlow open(FlowPath path) {
        int incompletePlace = incompleteQuota.take(path.guestMac, settings.connectingOfGuest(incomplete));
        if (incompletePlace < 0) {
            return null;
        }
        if (table.isFull() && waiting.oldest() != null) {
            release(waiting.oldest());
        }
        int place = table.isFull() ? -1 : quota.take(path.guestMac, settings.flowsOfGuest(table.size()));
        if (place < 0) {
            incompleteQuota.give(incompletePlace);
            return null;
        }
        TcpFlow flow = spareCount > 0 ? spare[--spareCount] : make();
        flow.path.from(path);
        flow.state = TcpState.CONNECTING;
        flow.place = place;
        flow.incompletePlace = incompletePlace;
        incomplete++;
        table.add(flow);
        return flow;
    }

    /// The handshake is over.
    ///
    /// @param flow in SYN_RECEIVED
    void established(TcpFlow flow) {
        flow.state = TcpState.ESTABLISHED;
        completed(flow);
    }

    /// Both have ended; the flow stays for late segments.
    ///
    /// @param flow in TIME_WAIT, whose host socket is closed
    /// @param nowNs the time
    void await(TcpFlow flow, long nowNs) {
        if (waiting.isFull()) {
            release(waiting.oldest());
        }
        flow.waiting = true;
        flow.resumeNs = TcpFlow.NEVER;
        flow.lingerNs = nowNs + TIME_WAIT_NS;
        waiting.add(flow);
        deadlines.schedule(flow);
    }

    /// Forgets a connection and gives back all it holds, except its socket.
    ///
    /// @param flow not CLOSED; its socket is closed
    void release(TcpFlow flow) {
        assert flow.socket < 0 : "socket left open";
        if (flow.waiting) {
            waiting.remove(flow);
        } else if (flow.incompletePlace >= 0) {
            completed(flow);
        }
        quota.give(flow.place);
        table.remove(flow);
        deadlines.remove(flow);
        flow.clear();
        if (spareCount == spare.length) {
            spare = Arrays.copyOf(spare, 2 * spareCount);
        }
        spare[spareCount++] = flow;
    }

    /// Makes sure that a flow's timers are looked at.
    ///
    /// @param flow whose deadlines may have come nearer
    void schedule(TcpFlow flow) {
        if (flow.state != TcpState.CLOSED) {
            deadlines.schedule(flow);
        }
    }

    /// Takes a flow whose timers are to be looked at; [#schedule] puts it back.
    ///
    /// @param nowNs the time
    /// @return null if none is due
    TcpFlow takeDue(long nowNs) {
        return deadlines.takeDue(nowNs);
    }

    /// When there may be something to do.
    ///
    /// @return [TcpFlow#NEVER] without any timer
    long earliestNs() {
        return deadlines.earliestNs();
    }

    /// One of the flows ever made, in use or not.
    ///
    /// @param index below [#made]
    /// @return a flow
    TcpFlow at(int index) {
        return all[index];
    }

    /// How many flow objects there are.
    ///
    /// @return the most connections there ever were at a time
    int made() {
        return made;
    }

    private void completed(TcpFlow flow) {
        incompleteQuota.give(flow.incompletePlace);
        flow.incompletePlace = -1;
        incomplete--;
    }

    private TcpFlow make() {
        if (made == all.length) {
            all = Arrays.copyOf(all, 2 * made);
        }
        TcpFlow flow = new TcpFlow(made, pool, stretches);
        all[made++] = flow;
        return flow;
    }
}
