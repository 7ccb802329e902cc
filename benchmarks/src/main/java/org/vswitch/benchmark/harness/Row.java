package org.vswitch.benchmark.harness;

import java.io.IOException;

/// One row of a harness's table: something that is measured by alternating runs.
interface Row {
    /// As `--rows` takes it.
    String name();

    /// What it measures, for the reader of the table.
    String title();

    /// Measures it and reports.
    void measure(Bench bench) throws IOException;
}
