/// The end-to-end harness: it starts switches and the processes at their ends, alternates runs and reports.
package org.vswitch.benchmark.harness;
