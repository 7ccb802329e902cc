package org.vswitch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.vswitch.fixture.Repository;

/// Runs commands as a user who may do nothing: no capability, no group, no home.
final class Nobody {
    private static final List<String> PREFIX = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
            "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs");

    private Nobody() {
    }

    /// The command line that runs a command as nobody.
    static List<String> runs(List<String> command) {
        List<String> line = new ArrayList<>(PREFIX);
        line.addAll(command);
        return line;
    }

    /// Skips the test where nobody cannot read the checkout; what the launchers start is built afterwards.
    static void assumeMayStart() {
        Child.assumeInstalled("setpriv");
        String cli = Repository.root().resolve("cli").toString();
        try (Child test = Child.start(runs(List.of("test", "-r", cli + "/launch")).toArray(String[]::new))) {
            Assumptions.assumeTrue(test.status() == 0, "the checkout is not for everybody");
        }
        Child.run(cli + "/vslirp", "--version");
    }

    /// The line of a process's status that says what it may do.
    static String capabilities(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("CapEff")).findFirst().orElse("");
    }
}
