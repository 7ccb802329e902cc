package org.vswitch.link;

import org.vswitch.frame.Backlog;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;

/// A link in use: what it is offered, in the form it can take, and where each frame went (invariants 4 and 5).
///
/// Theory of operation. [#transmit] counts frames as *offered*, then makes them fit the link: too long is lost, missing
/// checksums are completed, super-frames segmented. The link takes a prefix; the rest is copied to the backlog, and
/// while that is not empty everything goes behind it. A frame counts as *sent* or *lost* when its last segment does; if
/// one segment does not fit, the following ones of that frame are not tried.
///
///     offered = sent + queued + sum of lost(reason)
///
/// Where the link works on another thread ([CrossingLink]), an endpoint over there says what became of the frames; the
/// ledger of this one counts those on their way as queued.
///
/// Used by the data-plane thread alone; counters may be read by others and are then a moment old.
public final class Endpoint {
    private final Link link;
    private final LinkLabel label;
    private final long id;
    private final int port;
    private LinkFeatures features;
    private final Backlog backlog;
    private final Egress egress;
    private final long[] lost = new long[Drop.COUNT];
    private long offered;
    private long sent;
    private long sentBytes;
    private long queued;
    private long tookNs;
    private boolean gone;
    private int index;

    /// Puts a link to use.
    ///
    /// @param id unique among the endpoints of a switch
    /// @param port number of the bridge port it belongs to
    /// @param link now owned by the data plane
    /// @param label for consoles
    /// @param egress what the endpoints of a data plane share
    public Endpoint(long id, int port, Link link, LinkLabel label, Egress egress) {
        this.id = id;
        this.port = port;
        this.link = link;
        this.label = label;
        this.egress = egress;
        this.features = link.features();
        this.backlog = new Backlog(egress.pool(), features.backlogBytes());
        link.refitBy(() -> features = link.features());
    }

    /// Offers frames to the link.
    ///
    /// @param batch where they are
    /// @param rows which, in order
    /// @param count how many of `rows`
    public void transmit(FrameBatch batch, int[] rows, int count) {
        offered += count;
        if (gone) {
            lose(Drop.LINK_DOWN, count);
        } else if (batch.longest() + 4 <= features.maxFrame() && !batch.hasOffloads()) {
            send(batch, rows, count);
        } else {
            int fitting = egress.fit(batch, rows, count, this);
            send(batch, egress.rows(), fitting);
        }
        if (backlog.isEmpty()) {
            tookNs = egress.congestion().nowNs();
            egress.congestion().flows();
        } else {
            egress.congestion().clogs(tookNs);
        }
    }

    /// Sends from the backlog what the link takes by now.
    public void flush() {
        while (!backlog.isEmpty() && !gone) {
            FrameBatch waiting = egress.waiting();
            int count = backlog.describe(waiting);
            int taken = offer(waiting, egress.inOrder(), 0, count);
            if (taken == Link.GONE) {
                fail();
            } else if (taken < Link.GONE) {
                settle(Link.loss(taken));
            } else {
                for (int i = 0; i < taken; i++) {
                    settle(null);
                }
                if (taken > 0) {
                    tookNs = egress.congestion().nowNs();
                    egress.congestion().relieve();
                }
                if (taken < count) {
                    return;
                }
            }
        }
    }

    /// Counts everything that waits as lost; to be called once the link has gone.
    public void fail() {
        gone = true;
        while (!backlog.isEmpty()) {
            settle(Drop.LINK_DOWN);
        }
    }

    /// Counts a frame offered to this endpoint as lost.
    ///
    /// @param reason why
    void lose(Drop reason) {
        lost[reason.ordinal()]++;
    }

    /// Whether frames wait for the link to become writable.
    ///
    /// @return true while the backlog is not empty
    public boolean isBacklogged() {
        return !backlog.isEmpty();
    }

    /// Whether the link has ended.
    ///
    /// @return true once it said so
    public boolean isGone() {
        return gone;
    }

    /// The link.
    ///
    /// @return owned by the data plane
    public Link link() {
        return link;
    }

    /// What the link can carry.
    ///
    /// @return the link's features
    public LinkFeatures features() {
        return features;
    }

    /// The name under which the endpoint was attached.
    ///
    /// @return unique among the endpoints of a switch
    public long id() {
        return id;
    }

    /// The bridge port it belongs to.
    ///
    /// @return its number
    public int port() {
        return port;
    }

    /// Its place in the data plane's list.
    ///
    /// @return as set last
    public int index() {
        return index;
    }

    /// Sets its place in the data plane's list.
    ///
    /// @param place 0 or above
    public void index(int place) {
        index = place;
    }

    /// How consoles show it.
    ///
    /// @return kind and description
    public LinkLabel label() {
        return label;
    }

    /// Frames offered so far, before segmentation.
    ///
    /// @return a count
    public long offered() {
        return offered;
    }

    /// Frames the link took so far, before segmentation.
    ///
    /// @return a count
    public long sent() {
        Endpoint there = beyond();
        return there == null ? sent : there.sent;
    }

    /// Bytes of what the link took so far, after segmentation.
    ///
    /// @return a count
    public long sentBytes() {
        Endpoint there = beyond();
        return there == null ? sentBytes : there.sentBytes;
    }

    /// Frames that wait.
    ///
    /// @return a gauge
    public long queued() {
        return beyond() == null ? queued : ledger().queued();
    }

    /// Frames lost for a reason.
    ///
    /// @param reason why
    /// @return a count
    public long lost(Drop reason) {
        return beyond() == null ? lost[reason.ordinal()] : ledger().lost(reason);
    }

    /// All counters of a moment.
    ///
    /// @return in balance
    public Ledger ledger() {
        Endpoint there = beyond();
        long[] reasons = lost.clone();
        if (there == null) {
            return new Ledger(offered, sent, queued, reasons);
        }
        long sentThere = there.sent;
        long rest = offered - sentThere;
        for (int i = 0; i < reasons.length; i++) {
            reasons[i] += there.lost[i];
            rest -= reasons[i];
        }
        if (((CrossingLink) link).isSevered()) { // whatever had not come is lost
            reasons[Drop.LINK_DOWN.ordinal()] += rest;
            rest = 0;
        }
        return new Ledger(offered, sentThere, rest, reasons);
    }

    /// The counters of an endpoint: offered = sent + queued + sum of lost(reason).
    ///
    /// @param offered frames offered so far
    /// @param sent frames the link took
    /// @param queued frames that wait
    /// @param losses frames lost, by [Drop#ordinal]
    public record Ledger(long offered, long sent, long queued, long[] losses) {
        /// Frames lost for a reason.
        ///
        /// @param reason why
        /// @return a count
        public long lost(Drop reason) {
            return losses[reason.ordinal()];
        }
    }

    /// Who knows what became of the frames that the link took, if it is not this endpoint.
    private Endpoint beyond() {
        return link instanceof CrossingLink far ? far.beyond() : null;
    }

    private void send(FrameBatch batch, int[] rows, int count) {
        int next = 0;
        while (next < count && backlog.isEmpty() && !gone) {
            int taken = offer(batch, rows, next, count);
            if (taken == Link.GONE) {
                fail();
            } else if (taken < Link.GONE) {
                next = skipFrame(rows, next, count, Link.loss(taken));
            } else {
                for (int i = next; i < next + taken; i++) {
                    sentBytes += batch.length(rows[i]);
                    sent += egress.endsFrame(rows, i) ? 1 : 0;
                }
                next += taken;
                break;
            }
        }
        while (next < count) {
            if (gone) {
                next = skipFrame(rows, next, count, Drop.LINK_DOWN);
            } else if (enqueue(batch, rows, next)) {
                next++;
            } else {
                next = skipFrame(rows, next, count, link.whenFull());
            }
        }
    }

    /// Memory of a guest or a file may vanish under our hands (SIGBUS): that ends this link, nothing else.
    private int offer(FrameBatch batch, int[] rows, int from, int to) {
        try {
            return link.transmit(batch, rows, from, to);
        } catch (InternalError lostMemory) {
            return Link.GONE;
        }
    }

    private boolean enqueue(FrameBatch batch, int[] rows, int index) {
        boolean last = egress.endsFrame(rows, index);
        if (!backlog.add(batch, rows[index], last)) {
            return false;
        }
        queued += last ? 1 : 0;
        return true;
    }

    /// Gives up the frame that a row belongs to.
    private int skipFrame(int[] rows, int index, int count, Drop reason) {
        int last = index;
        while (last < count - 1 && !egress.endsFrame(rows, last)) {
            last++;
        }
        lost[reason.ordinal()]++;
        return last + 1;
    }

    /// Takes the oldest row out of the backlog.
    private void settle(Drop reason) {
        int bytes = backlog.oldestLength();
        boolean last = backlog.remove();
        queued -= last ? 1 : 0;
        if (reason == null) {
            sentBytes += bytes;
            sent += last ? 1 : 0;
        } else if (last) {
            lost[reason.ordinal()]++;
        }
    }

    private void lose(Drop reason, int count) {
        lost[reason.ordinal()] += count;
    }
}
