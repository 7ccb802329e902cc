package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A command that is run to its end.
final class Command {
    private static final int LIMIT_S = 60;

    private Command() {
    }

    /// @return what it printed
    /// @throws HarnessException if it fails or does not end
    static String run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try {
            // A limit that holds although the output is read to its end.
            Thread.ofVirtual().start(() -> killLate(process));
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new HarnessException(String.join(" ", command) + ": " + output.strip());
            }
            return output;
        } catch (InterruptedException interrupt) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new HarnessException("interrupted");
        }
    }

    private static void killLate(Process process) {
        try {
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException ending) {
            process.destroyForcibly();
        }
    }
}
