package org.vswitch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Repository;

/// A copy of the launchers and of what they start, in a folder of its own, without sources; with a JDK 25 that is a
/// shell script, so that a test sees what would be executed and plays java's part.
final class Launcher {
    private static final int DEADLINE_SECONDS = 60;
    private static final Path CLI = Repository.root().resolve("cli");

    private final Path folder;
    private final Path jdk;

    private Launcher(Path folder) {
        this.folder = folder;
        this.jdk = folder.resolve("jdk");
    }

    /// What a finished command left.
    ///
    /// @param pid of the process that was started
    /// @param status its exit code
    /// @param output what it and its children wrote to stdout and stderr
    record Result(long pid, int status, String output) {
    }

    /// Without the jars: enough for a made-up JDK.
    static Launcher install(Path folder) throws IOException {
        Launcher launcher = new Launcher(folder);
        Files.createDirectories(launcher.lib());
        Files.createFile(launcher.lib().resolveSibling("built"));
        for (String name : List.of("vswitch", "vplug", "vslirp", "vswitch-tapd", "launch")) {
            Files.copy(CLI.resolve(name), launcher.command(name));
        }
        return launcher;
    }

    /// Adds what a real JDK needs.
    void installJars() throws IOException {
        try (Stream<Path> jars = Files.list(CLI.resolve("target/lib"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, lib().resolve(jar.getFileName()));
            }
        }
    }

    private Path lib() {
        return command("target/lib");
    }

    /// The launcher's file.
    Path command(String name) {
        return folder.resolve("a checkout/cli").resolve(name);
    }

    /// Makes JAVA_HOME a JDK of this version whose java is this script.
    void fakeJava(String version, String script) throws IOException {
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"nobody\"\nJAVA_RUNTIME_VERSION=\"" + version + "\"\n");
        Path java = jdk.resolve("bin/java");
        Files.writeString(java, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Runs a launcher to its end with the made-up JDK.
    Result run(String name, String... arguments) throws IOException, InterruptedException {
        return run(Map.of("JAVA_HOME", jdk.toString()), command(name), arguments);
    }

    Result run(Map<String, String> environment, Path file, String... arguments)
            throws IOException, InterruptedException {
        List<String> words = Stream.concat(Stream.of(file.toString()), Stream.of(arguments)).toList();
        Path output = Files.createTempFile(folder, "output", "");
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().putAll(environment);
        Process process = start(builder);
        process.getOutputStream().close();
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException(words + " did not end; so far: " + Files.readString(output));
        }
        return new Result(process.pid(), process.exitValue(), Files.readString(output));
    }

    /// A launcher just written is busy for as long as a child that another test forked meanwhile has not called exec:
    /// that one still holds a copy of the descriptor it was written through.
    private static Process start(ProcessBuilder builder) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (true) {
            try {
                return Processes.start(builder);
            } catch (IOException failure) {
                if (!failure.getMessage().contains("Text file busy") || System.nanoTime() - deadlineNs > 0) {
                    throw failure;
                }
                Thread.onSpinWait();
            }
        }
    }
}
