package org.vswitch.slirp;

import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.MeasuredLink;
import org.vswitch.link.TimedLink;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.service.DnsServers;

/// The router as a link: what the switch transmits is what guests send, what it receives is for guests.
///
/// Theory of operation. [#transmit] takes everything, super-frames too: each frame is handed to the [Stack] where it
/// lies, and at the end of the call, while the frames are still the caller's, one write per connection gathers their
/// text from there. [#receive] first does what the host's sockets are ready for, then lends what is to be sent:
/// complete frames from the outbox, then TCP segments whose payload stays in the connection's ring until the guest
/// acknowledges it. The descriptor is the host side's epoll instance, watched by the data plane's.
final class SlirpLink implements TimedLink, MeasuredLink {
    /// Frames of several pieces in one batch that are put together before they are read.
    private static final int WHOLE_FRAMES = 8;

    private final HostNetwork host;
    private final OutboxRing outbox = new OutboxRing();
    private final SegmentBatch segments = new SegmentBatch();
    private final FrameSlab whole = FrameSlab.forFrames(WHOLE_FRAMES);
    private final Stack stack;
    private int wholeUsed;
    private long nowNs;

    /// A router.
    ///
    /// @param config addresses and policy
    /// @param host the host's sockets; closed with the link
    /// @param servers the host's name servers
    SlirpLink(SlirpConfig config, HostNetwork host, DnsServers servers) {
        this.host = host;
        stack = new Stack(config, host, servers, outbox);
    }

    @Override
    public LinkFeatures features() {
        return new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, false, 0);
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        stack.measure(into, nowNs);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public int descriptor() {
        return host.descriptor();
    }

    @Override
    public void now(long timeNs) {
        nowNs = timeNs;
        stack.begin(timeNs);
    }

    @Override
    public long deadlineNs() {
        return stack.nextDeadlineNs(nowNs);
    }

    @Override
    public boolean isReady() {
        return !outbox.isEmpty() || stack.isReady();
    }

    @Override
    public boolean awaitsRoom() {
        return false;
    }

    @Override
    public void leave() {
        stack.leave();
    }

    @Override
    public int receive(FrameBatch batch) {
        stack.onHostReady(nowNs);
        outbox.lend(batch);
        segments.into(batch);
        stack.gather(segments, nowNs);
        return batch.size();
    }

    @Override
    public void release(FrameBatch batch) {
        outbox.release();
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        for (int i = from; i < to; i++) {
            int row = rows[i];
            stack.onFrame(contiguous(batch, row), batch.length(row), batch.offload(row), nowNs);
        }
        endBatch();
        return to - from;
    }

    @Override
    public void close() {
        stack.close();
        outbox.close();
        segments.close();
        whole.free();
    }

    private long contiguous(FrameBatch batch, int row) {
        if (batch.pieces(row) == 1) {
            return batch.pieceAddress(row, 0);
        }
        if (wholeUsed == WHOLE_FRAMES) {
            endBatch();
        }
        long frame = whole.frame(wholeUsed++);
        batch.copyTo(row, frame);
        return frame;
    }

    private void endBatch() {
        stack.endBatch(nowNs);
        wholeUsed = 0;
    }
}
