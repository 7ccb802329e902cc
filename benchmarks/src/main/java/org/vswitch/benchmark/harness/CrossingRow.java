package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.benchmark.load.RingHops;

/// What a frame of 64 bytes costs more that goes from thread to thread, in one direction: the copy into the ring, the
/// loan, the release. On one thread, that is without cache lines that change hands, and between two that spin. A frame
/// from one worker to another does it twice.
record CrossingRow() implements Row<VhostBench> {
    @Override
    public String name() {
        return "crossing";
    }

    @Override
    public String title() {
        return "a 64-byte frame through a ring between data-plane threads, batches of 64";
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        Samples alone = new Samples();
        Samples between = new Samples();
        for (int i = 0; i < bench.options().alternations(); i++) {
            List<String> command = new ArrayList<>(bench.workplace().java());
            command.addAll(List.of(RingHops.class.getName(), Double.toString(bench.options().seconds())));
            String[] numbers = Command.run(command).strip().split(" ");
            alone.add(Double.parseDouble(numbers[0]));
            between.add(Double.parseDouble(numbers[1]));
            bench.report().progress("crossing", numbers[0] + " and " + numbers[1] + " ns");
        }
        bench.report().add(name(), "one thread", "ns", alone);
        bench.report().add(name(), "two threads", "ns", between);
    }
}
