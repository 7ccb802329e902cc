package org.vswitch.benchmark.harness;

import java.time.Duration;
import org.vswitch.benchmark.load.Order;

/// A load, and how it is put on a contestant.
///
/// @param kind what the generator does: `batch`, `single` or `paced`
/// @param length bytes of a frame
/// @param macs how many addresses of the receiver it goes to; 0: to everybody
/// @param rate frames per second if it is paced
record Load(String kind, int length, int macs, long rate) {
    /// Whom all datagrams say they come from.
    static final String SOURCE_ADDRESS = "10.111.0.1";
    private static final long NS = 1_000_000_000;
    /// From an order to the first frame.
    private static final long LEAD_NS = 50_000_000;
    /// From the first frame to the measured window.
    private static final long SETTLE_NS = 400_000_000;
    /// How long the load goes on after the window, and the receiver after the load.
    private static final long TAIL_NS = 30_000_000;
    /// How long frames of a paced load may be under way after its end.
    private static final long OVERTIME_NS = 1_300_000_000;
    /// SO_SNDBUF of a client that sends in batches: with the system's default, which the others have as VDE's clients
    /// do, it stops after 277 small frames, and what is measured is how often it is woken.
    private static final int BATCH_SEND_BUFFER = 2 << 20;

    static Load saturated(int length) {
        return new Load("batch", length, 1, 0);
    }

    static Load paced(int length, long rate) {
        return new Load("paced", length, 1, rate);
    }

    /// How a run went.
    ///
    /// @param seconds length of the measured window
    /// @param sent frames the generator sent, before and after the window too
    /// @param cpuNs CPU time of the switch within the window
    /// @param receiver the receiver's numbers
    record Run(double seconds, long sent, long cpuNs, Order receiver) {
        /// Distinct frames that reached the receivers per second of the window.
        double perSecond() {
            return receiver.number("window") / seconds;
        }

        double cpuUsPerFrame() {
            return cpuNs / 1e3 / receiver.number("window");
        }

        /// Whether every frame came.
        boolean isComplete() {
            return receiver.number("distinct") == sent;
        }

        double p99Ms() {
            return receiver.number("p99") / 1e6;
        }

        @Override
        public String toString() {
            return "%,.0f frames/s, %.2f us CPU each, sent=%d %s".formatted(perSecond(), cpuUsPerFrame(), sent,
                    receiver.line());
        }
    }

    /// Loads a contestant, lets it settle, and counts what comes out within a window while the load goes on.
    Run run(Bench bench, Entrant entrant, double seconds) {
        long windowNs = (long) (seconds * NS);
        long start = System.nanoTime() + LEAD_NS;
        long from = start + SETTLE_NS;
        long to = from + windowNs;
        bench.nextRun();
        bench.receiver().tell(bench.order("count", entrant, start, to + 2 * TAIL_NS).with("from", from)
                .with("to", to));
        bench.generator().tell(generate(bench, bench.order(kind, entrant, start, to + TAIL_NS)));
        Bench.sleepUntil(from);
        long cpuBefore = ProcessTimes.cpuNs(entrant.process().pid());
        Bench.sleepUntil(to);
        long cpuNs = ProcessTimes.cpuNs(entrant.process().pid()) - cpuBefore;
        return collect(bench, entrant, seconds, cpuNs);
    }

    /// Sends a paced load for a time and counts all of it, until the last frame came or is overdue.
    Run trial(Bench bench, Entrant entrant, double seconds) {
        long start = System.nanoTime() + LEAD_NS;
        long end = start + (long) (seconds * NS);
        bench.nextRun();
        bench.receiver().tell(bench.order("count", entrant, start, end + OVERTIME_NS).with("from", start)
                .with("to", end + OVERTIME_NS).with("expected", (end - start) / 1_000_000 * rate / 1000));
        bench.generator().tell(generate(bench, bench.order(kind, entrant, start, end)));
        long cpuBefore = ProcessTimes.cpuNs(entrant.process().pid());
        Bench.sleepUntil(end);
        return collect(bench, entrant, seconds, ProcessTimes.cpuNs(entrant.process().pid()) - cpuBefore);
    }

    private Order generate(Bench bench, Order order) {
        int asked = bench.options().placement().sendBuffer();
        int byKind = kind.equals("batch") ? BATCH_SEND_BUFFER : 0;
        return order.with("length", length).with("macs", macs).with("rate", rate)
                .with("sndbuf", asked > 0 ? asked : byKind);
    }

    private static Run collect(Bench bench, Entrant entrant, double seconds, long cpuNs) {
        Duration limit = Bench.PATIENCE.plusMillis((long) (seconds * 1000));
        long sent = bench.generator().answer(limit).number("sent");
        Order counted = bench.receiver().answer(limit);
        if (counted.number("duplicates") > 0) {
            throw new HarnessException(entrant.name() + " delivered frames twice: " + counted.line());
        }
        return new Run(seconds, sent, cpuNs, counted);
    }
}
