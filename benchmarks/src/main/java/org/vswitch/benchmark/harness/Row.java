package org.vswitch.benchmark.harness;

import java.io.IOException;

/// One row of a harness's table: something that is measured by alternating runs.
///
/// @param <B> what its suite measures with
interface Row<B> {
    /// As `--rows` takes it.
    String name();

    /// What it measures, for the reader of the table.
    String title();

    /// Measures it and reports.
    void measure(B bench) throws IOException;
}
