package org.vswitch.link;

import java.util.Arrays;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;

/// A data plane of two ports without a bridge: what comes in at one goes out at the other, as it is. Nothing is looked
/// up or learned; what a link cannot carry is made to fit by its endpoint.
///
/// Each port has as many endpoints as its URL attaches: frames go to all of the other port. Belongs to one data-plane
/// thread; allocates nothing while forwarding.
public final class Crossover implements Forwarder {
    /// The ports: 0 and 1.
    public static final int PORTS = 2;

    private final Variants variants;
    private final Attention attention;
    private final Endpoint[][] endpoints = new Endpoint[PORTS][0];
    private final long[] received = new long[PORTS];
    private final long[] passedOn = new long[PORTS];
    private final long[][] discarded = new long[PORTS][Drop.COUNT];
    private final int[] rows = new int[FrameBatch.CAPACITY];

    /// A cable without links.
    ///
    /// @param egress what the endpoints of the data plane share
    /// @param attention told of endpoints with a backlog
    public Crossover(Egress egress, Attention attention) {
        this.variants = egress.variants();
        this.attention = attention;
        for (int row = 0; row < rows.length; row++) {
            rows[row] = row;
        }
    }

    @Override
    public void forward(FrameBatch batch, Endpoint ingress, int taken) {
        int port = ingress.port();
        received[port] += taken;
        for (int i = 0; batch.discards() > 0 && i < Drop.COUNT; i++) {
            discarded[port][i] += batch.discarded(Drop.ALL.get(i));
        }
        Endpoint[] others = endpoints[1 - port];
        if (others.length == 0) {
            discarded[port][Drop.NO_DESTINATION.ordinal()] += batch.size();
            return;
        }
        variants.begin();
        passedOn[port] += batch.size();
        for (Endpoint other : others) {
            other.transmit(batch, rows, batch.size());
            if (other.isBacklogged() || other.isGone()) {
                attention.needed(other);
            }
        }
    }

    @Override
    public void attached(Endpoint endpoint) {
        Endpoint[] before = endpoints[endpoint.port()];
        Endpoint[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = endpoint;
        endpoints[endpoint.port()] = after;
    }

    @Override
    public void detached(Endpoint endpoint) {
        endpoints[endpoint.port()] = Arrays.stream(endpoints[endpoint.port()])
                .filter(each -> each != endpoint).toArray(Endpoint[]::new);
    }

    @Override
    public long onDeadline(long nowNs) {
        return Long.MAX_VALUE;
    }

    @Override
    public void now(long nowNs) {
        // nothing here depends on the time
    }

    /// The endpoints of a port.
    ///
    /// @param port 0 or 1
    /// @return not to be changed; never changes
    public Endpoint[] endpoints(int port) {
        return endpoints[port];
    }

    /// Frames that came in by a port.
    ///
    /// @param port 0 or 1
    /// @return a count
    public long received(int port) {
        return received[port];
    }

    /// Frames that were offered to the other port.
    ///
    /// @param port where they came in
    /// @return a count
    public long passedOn(int port) {
        return passedOn[port];
    }

    /// Frames lost before they were offered to the other port.
    ///
    /// @param port where they came in
    /// @param reason why
    /// @return a count
    public long discarded(int port, Drop reason) {
        return discarded[port][reason.ordinal()];
    }
}
