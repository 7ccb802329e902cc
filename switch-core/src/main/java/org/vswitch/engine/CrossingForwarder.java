package org.vswitch.engine;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.frame.FrameBatch;
import org.vswitch.link.Crossing;
import org.vswitch.link.CrossingLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Forwarder;

/// A forwarder whose data plane is joined to others: what comes by a crossing is forwarded as if each link over there
/// were here.
///
/// A crossing stands for many links, so it may bring as many frames a pass as all of them could. A source over there
/// that should wait is told so; the crossing itself, which others share, never waits. A switch of one thread has none
/// of this.
final class CrossingForwarder implements Forwarder {
    private final Forwarder inner;
    private final List<Crossing> crossings = new ArrayList<>();

    /// @param inner decides, or hands on
    CrossingForwarder(Forwarder inner) {
        this.inner = inner;
    }

    @Override
    public void forward(FrameBatch batch, Endpoint ingress, int taken) {
        if (ingress.link() instanceof Crossing crossing) {
            forwardAll(batch, crossing, taken);
        } else if (ingress.link() instanceof CrossingLink lastWords) {
            inner.forward(batch, lastWords.crossing().origin().endpoint(), taken);
        } else {
            inner.forward(batch, ingress, taken);
        }
    }

    private void forwardAll(FrameBatch batch, Crossing crossing, int first) {
        int left = crossing.channels() * FrameBatch.CAPACITY;
        for (int taken = first; taken > 0; taken = crossing.next(batch)) {
            inner.forward(batch, crossing.origin().endpoint(), taken);
            crossing.judge();
            left -= taken;
            if (left <= 0) {
                return;
            }
            crossing.release(batch);
            batch.clear();
        }
    }

    @Override
    public void attached(Endpoint endpoint) {
        if (endpoint.link() instanceof Crossing crossing) {
            crossings.add(crossing);
        } else {
            inner.attached(endpoint);
        }
    }

    @Override
    public void detached(Endpoint endpoint) {
        if (endpoint.link() instanceof Crossing crossing) {
            crossings.remove(crossing);
        } else {
            inner.detached(endpoint);
        }
    }

    @Override
    public long onDeadline(long nowNs) {
        long deadlineNs = inner.onDeadline(nowNs);
        for (int i = 0; i < crossings.size(); i++) {
            deadlineNs = Math.min(deadlineNs, crossings.get(i).deadlineNs());
        }
        return deadlineNs;
    }

    @Override
    public void now(long nowNs) {
        for (int i = 0; i < crossings.size(); i++) {
            crossings.get(i).now(nowNs);
        }
        inner.now(nowNs);
    }
}
