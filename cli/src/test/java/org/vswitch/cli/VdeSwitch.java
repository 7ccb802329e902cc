package org.vswitch.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.vswitch.fixture.Processes;

/// Debian's vde_switch, run with a command line to see what it makes of it.
final class VdeSwitch {
    private static final String NAME = "vde_switch";

    private VdeSwitch() {
    }

    /// What a finished process has left.
    ///
    /// @param code its exit code
    /// @param output what stands on standard output
    /// @param errors the lines on standard error
    record Outcome(int code, String output, List<String> errors) {
    }

    /// Skips the test where there is none.
    static void assumeInstalled() {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin", NAME)), "vde_switch is not installed");
    }

    /// Runs it with an input that ends at once.
    static Outcome run(Path folder, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(NAME));
        command.addAll(arguments);
        Path output = Files.createTempFile(folder, "out", "");
        Path errors = Files.createTempFile(folder, "err", "");
        Process process = Processes.start(new ProcessBuilder(command).directory(folder.toFile())
                .redirectInput(new File("/dev/null")).redirectOutput(output.toFile()).redirectError(errors.toFile()));
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("does not end: " + command);
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1),
                Files.readAllLines(errors, StandardCharsets.ISO_8859_1));
    }
}
