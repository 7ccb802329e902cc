package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What can stand between two namespaces.
enum Wiring {
    /// A bridge of the kernel's, with a veth pair to each.
    KERNEL("veth and bridge", Optional.empty()),
    /// Ours, with a tap in each namespace.
    TAPS("vswitch", Optional.of(Contestant.VSWITCH)),
    /// The same, with the guard's profile on both ports.
    GUARDED("vswitch clean-traffic", Optional.of(Contestant.VSWITCH)),
    /// Ours, with a tap for the client and Debian's vde_plug2tap for the server.
    TAP_AND_PLUG("vswitch tap and plug", Optional.of(Contestant.VSWITCH)),
    /// Debian's vde_switch with two taps of its own.
    VDE_TAPS("vde_switch", Optional.of(Contestant.VDE)),
    /// Debian's vde_switch with vde_plug2tap in each namespace.
    VDE_PLUGS("vde_switch plugs", Optional.of(Contestant.VDE)),
    /// Debian's vde_switch, with a tap for the client and vde_plug2tap for the server.
    VDE_TAP_AND_PLUG("vde_switch tap and plug", Optional.of(Contestant.VDE));

    /// The profile, and the addresses that no DHCP server has given.
    private static final List<String> GUARD =
            List.of("--guard", "clean-traffic+ip=10.111.0.1+ip=10.111.0.2");

    private final String label;
    private final Optional<Contestant> contestant;

    Wiring(String label, Optional<Contestant> contestant) {
        this.label = label;
        this.contestant = contestant;
    }

    /// As it stands in tables.
    String label() {
        return label;
    }

    /// Whether it takes part.
    boolean isIn(List<Contestant> contestants) {
        return contestant.isEmpty() || contestants.contains(contestant.get());
    }

    /// Puts it between two new namespaces.
    NamespacePair start(Bench bench) throws IOException {
        NamespacePair pair = NamespacePair.make(bench, 0);
        switch (this) {
            case KERNEL -> pair.bridge();
            case TAPS -> start(bench, pair, pair.tapLinks());
            case GUARDED -> {
                List<String> options = new ArrayList<>(GUARD);
                options.addAll(pair.tapLinks());
                start(bench, pair, options);
            }
            case TAP_AND_PLUG -> pair.plugServer(start(bench, pair, pair.tapLinks().subList(0, 2)));
            case VDE_TAPS -> {
                String client = Namespace.newName();
                String server = Namespace.newName();
                start(bench, pair, List.of("--tap", client, "--tap", server));
                pair.giveClient(client);
                pair.giveServer(server);
            }
            case VDE_PLUGS -> {
                Entrant entrant = start(bench, pair, List.of());
                pair.plugClient(entrant);
                pair.plugServer(entrant);
            }
            case VDE_TAP_AND_PLUG -> {
                String client = Namespace.newName();
                Entrant entrant = start(bench, pair, List.of("--tap", client));
                pair.giveClient(client);
                pair.plugServer(entrant);
            }
        }
        return pair.serve();
    }

    private Entrant start(Bench bench, NamespacePair pair, List<String> options) throws IOException {
        Entrant entrant = bench.start(contestant.orElseThrow(), label.replace(' ', '-'), options);
        pair.adopt(entrant.process());
        return entrant;
    }
}
