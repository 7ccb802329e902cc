package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What a running JVM does and tells when it is asked: the JDK's jcmd.
final class Jcmd {
    /// The serial collector shrinks the heap in steps: by 0, 10, 40 and 100 percent of what is too much.
    private static final int COLLECTIONS = 5;

    private Jcmd() {
    }

    /// Asks a JVM.
    ///
    /// @param pid its process
    /// @param command with its arguments, for example `Thread.print`, `-e`
    /// @return what it printed
    /// @throws HarnessException if it refuses
    static String ask(long pid, String... command) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        return Command.run(Stream.concat(Stream.of(jcmd.toString(), Long.toString(pid)), Stream.of(command)).toList());
    }

    /// Resident memory of a JVM at rest: behind full collections only what is in use is left, and as much room as goes
    /// with it, and what the C library keeps for later is given back. Otherwise the heap is as large as the last burst
    /// of garbage has made it, and two measurements differ by that.
    ///
    /// @param pid its process
    /// @return KiB
    static long residentKiB(long pid) throws IOException {
        for (int i = 0; i < COLLECTIONS; i++) {
            ask(pid, "GC.run");
        }
        ask(pid, "System.trim_native_heap");
        return ProcessTimes.residentKiB(pid);
    }
}
