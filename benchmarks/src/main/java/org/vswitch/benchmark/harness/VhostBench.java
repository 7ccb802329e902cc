package org.vswitch.benchmark.harness;

import java.util.List;

/// What rows about vhost-user ports measure with.
///
/// @param workplace of the harness
/// @param options what is asked for
/// @param report where numbers go
record VhostBench(Workplace workplace, Options options, Report report) {
    /// Who takes part.
    List<VhostForwarder> contestants() {
        return options.contestants().stream().map(VhostForwarder::of).filter(VhostForwarder::isInstalled).toList();
    }
}
