package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Debian's slirpvde under an upload, after which it is mostly gone. It is plugged into our switch in our router's
/// place.
record SlirpvdeRow() implements Row<RouterBench> {
    private static final String PROGRAM = "slirpvde";
    private static final double PROBE_SECONDS = 1;
    /// An upload whose router has gone would not end by itself.
    private static final int GRACE_S = 8;

    @Override
    public String name() {
        return PROGRAM;
    }

    @Override
    public String title() {
        return "TCP from a guest through Debian's slirpvde, MTU 1500, vde_plug2tap between, and whether it survives";
    }

    @Override
    public void measure(RouterBench bench) throws IOException {
        if (!bench.options().contestants().contains(Router.VSWITCH_VDE.label())) {
            return;
        }
        Samples rates = new Samples();
        int survived = 0;
        for (int i = 0; i < bench.options().alternations(); i++) {
            try (RouterSwitch between = RouterSwitch.start(bench, List.of())) {
                Child router = Child.start(bench.workplace(), PROGRAM, bench.atHost(
                        List.of(PROGRAM, "--socket", between.directory().toString())));
                try {
                    Guest guest = between.onPlug2Tap();
                    guest.run("ping", "-c", "1", "-w", "10", "10.0.2.2");
                    List<String> inTime = new ArrayList<>(guest.prefix());
                    inTime.addAll(List.of("timeout", Integer.toString((int) bench.options().seconds() + GRACE_S)));
                    double gigabits = Iperf.once(inTime, "10.0.2.2", bench.options().seconds());
                    rates.add(gigabits);
                    bench.report().progress(PROGRAM, Results.number(gigabits) + " Gbit/s");
                } catch (HarnessException broken) {
                    bench.report().progress(PROGRAM, broken.getMessage().lines().findFirst().orElse("broken"));
                } finally {
                    Bench.sleepUntil(System.nanoTime() + (long) (PROBE_SECONDS * 1e9));
                    survived += router.isAlive() ? 1 : 0;
                    router.kill();
                }
            }
        }
        bench.report().add(name(), PROGRAM, "Gbit/s", rates);
        bench.report().note(name(), "alive after %d of %d uploads, of which %d came to their end".formatted(survived,
                bench.options().alternations(), rates.values().size()));
    }
}
