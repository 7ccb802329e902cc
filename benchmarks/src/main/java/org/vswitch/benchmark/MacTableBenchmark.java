package org.vswitch.benchmark;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.vswitch.bridge.AgeingClock;
import org.vswitch.bridge.MacTable;

/// One look-up, and one confirmation of a known address, in a table with few, some and very many addresses that are
/// asked for in random order.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class MacTableBenchmark {
    private static final int BATCH = 64;
    private static final int QUESTIONS = 1 << 17;
    private static final long PREFIX = 0x0200_0000_0000L;

    /// How many addresses the table knows.
    @Param({"2", "1000", "100000"})
    private int entries;

    private final MacTable table = new MacTable(MacTable.DEFAULT_CAPACITY);
    private final AgeingClock clock = new AgeingClock();
    private final long[] questions = new long[QUESTIONS];
    private int next;

    /// Fills the table and chooses what to ask for.
    @Setup
    public void learn() {
        Random random = new Random(1);
        long[] known = random.longs(entries, 0, 1L << 24).map(suffix -> PREFIX | suffix).toArray();
        for (long address : known) {
            table.learn(address, 0, 1, clock);
        }
        for (int i = 0; i < QUESTIONS; i++) {
            questions[i] = known[random.nextInt(entries)];
        }
    }

    /// Where is this address?
    ///
    /// @return a sum of ports
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long find() {
        long sum = 0;
        int from = advance();
        for (int i = from; i < from + BATCH; i++) {
            sum += table.port(table.find(questions[i], 0));
        }
        return sum;
    }

    /// Where is an address that the table does not know?
    ///
    /// @return a sum of slots
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long findUnknown() {
        long sum = 0;
        int from = advance();
        for (int i = from; i < from + BATCH; i++) {
            sum += table.find(questions[i] ^ 1L << 40, 0);
        }
        return sum;
    }

    /// This known address was seen again where it was before.
    ///
    /// @return a sum of outcomes
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long confirm() {
        long sum = 0;
        int from = advance();
        for (int i = from; i < from + BATCH; i++) {
            sum += table.learn(questions[i], 0, 1, clock).ordinal();
        }
        return sum;
    }

    private int advance() {
        next = next + BATCH & QUESTIONS - 1;
        return next;
    }
}
