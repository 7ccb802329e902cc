package org.vswitch.plug.impair;

/// What happens to each frame of one direction: numbers in, numbers out. Asked in the order of the frames.
///
/// Theory of operation. Loss, duplication, reordering and jitter draw from sequences of their own, so that with the
/// same seed the same frames are lost whether there is jitter or not. The rate is a line that is busy until the last
/// frame has left it; what remains of a division is carried on while it stays busy, so that a stream is exact to the
/// nanosecond after any number of frames. The delay begins when a frame has left the line.
final class Decisions {
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final Impairment impairment;
    private final Chance ofLoss;
    private final Chance ofDuplicate;
    private final Chance ofReorder;
    private final Chance ofJitter;
    private boolean isBad;
    private long busyUntilNs = Long.MIN_VALUE;
    private long remainder;
    private long lastDueNs = Long.MIN_VALUE;

    Decisions(Impairment impairment) {
        this.impairment = impairment;
        ofLoss = new Chance(impairment.seed(), 1);
        ofDuplicate = new Chance(impairment.seed(), 2);
        ofReorder = new Chance(impairment.seed(), 3);
        ofJitter = new Chance(impairment.seed(), 4);
    }

    /// Whether the next frame is lost.
    boolean loses() {
        Loss loss = impairment.loss();
        isBad = isBad ? !ofLoss.happens(loss.toGood()) : ofLoss.happens(loss.toBad());
        return ofLoss.happens(isBad ? loss.inBad() : loss.inGood());
    }

    /// Whether a frame that was not lost comes twice.
    boolean duplicates() {
        return ofDuplicate.happens(impairment.duplicate());
    }

    /// When a frame that comes now is to go on; takes its time on the line.
    ///
    /// @param bytes the frame's length
    /// @param nowNs never less than before
    /// @return `nowNs` or later
    long dueNs(int bytes, long nowNs) {
        long leftNs = leaveLine(bytes, nowNs);
        Delay delay = impairment.delay();
        if (ofReorder.happens(delay.reorder())) {
            return leftNs;
        }
        lastDueNs = Math.max(lastDueNs, leftNs + delay.ns() + ofJitter.within(delay.jitterNs()));
        return lastDueNs;
    }

    private long leaveLine(int bytes, long nowNs) {
        if (impairment.rate() == Impairment.UNLIMITED) {
            return nowNs;
        }
        if (busyUntilNs < nowNs) {
            busyUntilNs = nowNs;
            remainder = 0;
        }
        long scaled = bytes * 8L * NS_PER_SECOND + remainder;
        busyUntilNs += scaled / impairment.rate();
        remainder = scaled % impairment.rate();
        return busyUntilNs;
    }
}
