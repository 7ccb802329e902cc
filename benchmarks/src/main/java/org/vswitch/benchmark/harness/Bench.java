package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.vswitch.benchmark.load.Generator;
import org.vswitch.benchmark.load.Order;
import org.vswitch.benchmark.load.Receiver;
import org.vswitch.benchmark.load.VdeClient;
import org.vswitch.linux.LinuxException;

/// The two ends, and how a switch is put between them.
///
/// The ends live as long as the harness, so that they are compiled and warm after the first run; every contestant of a
/// row is started for the row, warmed, and stays, asleep, while others have their turn.
final class Bench {
    /// How long an order may take that has no load in it.
    static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration START_LIMIT = Duration.ofSeconds(180);
    private static final long RETRY_NS = 500_000;

    private final Workplace workplace;
    private final Options options;
    private final Report report;
    private final Child generator;
    private final Child receiver;
    private final Map<String, Series> measured = new HashMap<>();
    private int lastRun;

    Bench(Workplace workplace, Options options, Report report) throws IOException {
        this.workplace = workplace;
        this.options = options;
        this.report = report;
        this.generator = Child.station(workplace, Generator.class, List.of());
        this.receiver = Child.station(workplace, Receiver.class, List.of());
        pin(generator, 0, Math.max(0, Runtime.getRuntime().availableProcessors() - 2));
        pin(receiver, 0, Math.max(0, Runtime.getRuntime().availableProcessors() - 2));
    }

    Workplace workplace() {
        return workplace;
    }

    Options options() {
        return options;
    }

    Report report() {
        return report;
    }

    Child generator() {
        return generator;
    }

    Child receiver() {
        return receiver;
    }

    /// The contestants of this run, without those among `but`.
    List<Contestant> contestants(Contestant... but) {
        return options.contestants().stream().map(Contestant::of)
                .filter(contestant -> !List.of(but).contains(contestant)).toList();
    }

    /// What a load does to all contestants: measured once, however many rows ask for it.
    Series series(Load load, int receivers) throws IOException {
        Series known = measured.get(load + " " + receivers);
        if (known == null) {
            known = Series.measure(this, load, receivers);
            measured.put(load + " " + receivers, known);
        }
        return known;
    }

    /// Starts a contestant and waits until it accepts plugs.
    Entrant start(Contestant contestant, String name, List<String> arguments) throws IOException {
        Path directory = workplace.newFile(contestant.label());
        Child process = contestant.start(workplace, directory, arguments);
        awaitPlugs(process, directory);
        int cores = Runtime.getRuntime().availableProcessors();
        pin(process, cores - 1, cores - 1);
        return new Entrant(name, contestant, process, directory);
    }

    private void pin(Child process, int first, int last) throws IOException {
        if (options.placement().pinned()) {
            Command.run(List.of("taskset", "--all-tasks", "--cpu-list", "--pid", first + "-" + last,
                    Long.toString(process.pid())));
        }
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
        end.ask(Order.of("attach").with("name", entrant.name()).with("directory", entrant.directory())
                .with("count", count), PATIENCE);
    }

    /// Unplugs an end.
    void detach(Child end, Entrant entrant) {
        end.ask(Order.of("detach").with("name", entrant.name()), PATIENCE);
    }

    /// Makes the switch learn where the receiver's addresses are.
    void introduce(Entrant entrant, int macs) {
        receiver.ask(Order.of("hello").with("name", entrant.name()).with("macs", macs), START_LIMIT);
    }

    /// Orders to both ends for a new run; what they have in common is filled in.
    Order order(String word, Entrant entrant, long startNs, long endNs) {
        return Order.of(word).with("name", entrant.name()).with("run", lastRun).with("start", startNs)
                .with("end", endNs);
    }

    /// From now on orders belong to a new run.
    void nextRun() {
        lastRun++;
    }

    /// Lets time pass while a load runs.
    static void sleepUntil(long timeNs) {
        for (long left = timeNs - System.nanoTime(); left > 0; left = timeNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
