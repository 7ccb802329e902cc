package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.vswitch.benchmark.load.Generator;
import org.vswitch.benchmark.load.Order;
import org.vswitch.benchmark.load.Receiver;
import org.vswitch.benchmark.load.VdeClient;
import org.vswitch.linux.LinuxException;

/// The two ends, and how a switch is put between them and loaded.
///
/// The ends live as long as the harness, so that they are compiled and warm after the first run; every contestant of a
/// row is started for the row, warmed, and stays, asleep, while others have their turn.
final class Bench {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private static final long RETRY_NS = 500_000;
    private static final long NS = 1_000_000_000;
    private static final long LEAD_NS = 50_000_000;
    private static final long SETTLE_NS = 400_000_000;
    private static final long TAIL_NS = 30_000_000;

    private final Workplace workplace;
    private final Options options;
    private final Child generator;
    private final Child receiver;
    private int lastRun;

    Bench(Workplace workplace, Options options) throws IOException {
        this.workplace = workplace;
        this.options = options;
        this.generator = Child.station(workplace, Generator.class, List.of());
        this.receiver = Child.station(workplace, Receiver.class, List.of());
    }

    /// A load: what the generator does, and to how many addresses of the receiver (0: to everybody).
    record Load(String kind, int length, int macs, long rate) {
        static Load saturated(int length) {
            return new Load("batch", length, 1, 0);
        }
    }

    /// How a run went.
    ///
    /// @param seconds length of the measured window
    /// @param sent frames the generator sent, before and after the window too
    /// @param delivered distinct frames that came within the window
    /// @param cpuNs CPU time of the switch within the window
    /// @param receiver all the receiver's numbers
    record Run(double seconds, long sent, long delivered, long cpuNs, Order receiver) {
        double perSecond() {
            return delivered / seconds;
        }

        double cpuUsPerFrame() {
            return cpuNs / 1e3 / delivered;
        }
    }

    Workplace workplace() {
        return workplace;
    }

    Options options() {
        return options;
    }

    Child generator() {
        return generator;
    }

    Child receiver() {
        return receiver;
    }

    /// Starts a contestant and waits until it accepts plugs.
    Entrant start(Contestant contestant, String name, List<String> arguments) throws IOException {
        Path directory = workplace.newFile(contestant.label());
        Child process = contestant.start(workplace, directory, arguments);
        awaitPlugs(process, directory);
        return new Entrant(name, contestant, process, directory);
    }

    /// Waits until a switch carries a whole handshake through.
    static void awaitPlugs(Child process, Path directory) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (true) {
            try {
                VdeClient.attach(directory, 0).close();
                return;
            } catch (LinuxException notYet) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new HarnessException(process.name() + ": " + notYet.getMessage() + ": "
                            + process.lastErrors());
                }
                LockSupport.parkNanos(RETRY_NS);
            }
        }
    }

    /// Plugs an end into a contestant.
    void attach(Child end, Entrant entrant, int count) {
        Order order = Order.of("attach").with("name", entrant.name()).with("directory", entrant.directory())
                .with("count", count);
        for (String extra : options.ends()) {
            order = order.with(extra.substring(0, extra.indexOf('=')), extra.substring(extra.indexOf('=') + 1));
        }
        end.ask(order, PATIENCE);
    }

    /// Makes the switch learn where the receiver's addresses are.
    void introduce(Entrant entrant, int macs) {
        receiver.ask(Order.of("hello").with("name", entrant.name()).with("macs", macs), Duration.ofSeconds(60));
    }

    /// Loads a contestant and counts what comes out.
    Run run(Entrant entrant, Load load, double seconds) {
        long windowNs = (long) (seconds * NS);
        long start = System.nanoTime() + LEAD_NS;
        long from = start + SETTLE_NS;
        long to = from + windowNs;
        int run = ++lastRun;
        receiver.tell(Order.of("count").with("name", entrant.name()).with("run", run).with("from", from)
                .with("to", to).with("end", to + 2 * TAIL_NS));
        generator.tell(Order.of(load.kind()).with("name", entrant.name()).with("run", run)
                .with("length", load.length()).with("macs", load.macs()).with("rate", load.rate())
                .with("start", start).with("end", to + TAIL_NS));
        sleepUntil(from);
        long cpuBefore = ProcessTimes.cpuNs(entrant.process().pid());
        sleepUntil(to);
        long cpuNs = ProcessTimes.cpuNs(entrant.process().pid()) - cpuBefore;
        Duration limit = PATIENCE.plusNanos(windowNs);
        long sent = generator.answer(limit).number("sent");
        Order counted = receiver.answer(limit);
        if (counted.number("duplicates") > 0) {
            throw new HarnessException(entrant.name() + " delivered frames twice: " + counted.line());
        }
        return new Run(seconds, sent, counted.number("window"), cpuNs, counted);
    }

    int nextRun() {
        return ++lastRun;
    }

    static void sleepUntil(long timeNs) {
        for (long left = timeNs - System.nanoTime(); left > 0; left = timeNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
