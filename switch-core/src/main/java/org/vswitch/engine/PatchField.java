package org.vswitch.engine;

import org.agrona.collections.Int2ObjectHashMap;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.link.CrossingLink;
import org.vswitch.link.Egress;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Forwarder;

/// What a worker does with frames: each link has a channel to the thread that decides, and nothing else to go to.
/// Allocates nothing while forwarding.
final class PatchField implements Forwarder {
    private final Variants variants;
    private final Attention attention;
    private final Int2ObjectHashMap<CrossingLink> channels = new Int2ObjectHashMap<>();
    private final int[] rows = new int[FrameBatch.CAPACITY];

    /// @param egress what the endpoints of the data plane share
    /// @param attention told of endpoints with a backlog
    PatchField(Egress egress, Attention attention) {
        this.variants = egress.variants();
        this.attention = attention;
        for (int row = 0; row < rows.length; row++) {
            rows[row] = row;
        }
    }

    /// Joins a link to its channel.
    ///
    /// @param channel this side's end
    /// @param endpoint of the link, whose port is the channel's tag
    void join(CrossingLink channel, Endpoint endpoint) {
        channels.put(endpoint.port(), channel);
        channel.crossing().add(channel);
        channel.receiver(endpoint);
    }

    @Override
    public void forward(FrameBatch batch, Endpoint ingress, int taken) {
        variants.begin();
        if (ingress.link() instanceof CrossingLink channel) {
            Endpoint egress = channel.receiver();
            egress.transmit(batch, rows, batch.size());
            if (egress.isBacklogged() || egress.isGone()) {
                attention.needed(egress);
            }
        } else {
            channels.get(ingress.port()).carry(batch, rows);
        }
    }

    @Override
    public void attached(Endpoint endpoint) {
        // joined to its channel right behind this
    }

    @Override
    public void detached(Endpoint endpoint) {
        CrossingLink channel = channels.remove(endpoint.port());
        if (channel != null) {
            channel.end();
        }
    }

    @Override
    public long onDeadline(long nowNs) {
        return Long.MAX_VALUE;
    }

    @Override
    public void now(long nowNs) {
        // nothing here depends on the time
    }
}
