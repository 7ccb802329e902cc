/// JMH benchmarks and the end-to-end harness.
package org.vswitch.benchmark;
