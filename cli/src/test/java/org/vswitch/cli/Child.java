package org.vswitch.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.vswitch.fixture.Processes;

/// A process that a test started and that ends with the test. Its output, stderr included, is read line by line as it
/// comes. Whatever waits has a deadline, far above what a busy machine needs.
final class Child implements AutoCloseable {
    static final int DEADLINE_SECONDS = 90;

    private final Process process;
    private final String name;
    private final List<String> lines = new ArrayList<>();
    private boolean complete;
    private int next;

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        Thread reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /// Starts a command.
    static Child start(String... command) {
        try {
            return new Child(String.join(" ", command),
                    Processes.start(new ProcessBuilder(command).redirectErrorStream(true)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Runs a command to its end.
    ///
    /// @return its output; it must succeed
    static String run(String... command) {
        try (Child child = start(command)) {
            int status = child.status();
            if (status != 0) {
                throw new AssertionError("status " + status + " of " + child.describe());
            }
            return child.output();
        }
    }

    /// Skips the test where a program is missing.
    static void assumeInstalled(String... programs) {
        for (String program : programs) {
            boolean found = List.of(System.getenv("PATH").split(":")).stream()
                    .anyMatch(folder -> new File(folder, program).canExecute());
            Assumptions.assumeTrue(found, program + " is not installed");
        }
    }

    /// Writes a line to its stdin.
    void say(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException failure) {
            throw new AssertionError(failure + " of " + describe(), failure);
        }
    }

    /// Waits for a line in which the pattern is found; the lines up to it are not looked at again.
    ///
    /// @return the lines since the last call, that line being the last
    synchronized List<String> await(String pattern) {
        Pattern wanted = Pattern.compile(pattern);
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        for (int index = next;; index++) {
            while (index == lines.size()) {
                long leftNs = deadlineNs - System.nanoTime();
                if (complete || leftNs <= 0) {
                    throw new AssertionError("no line with \"" + pattern + "\" in " + describe());
                }
                waitForOutput(leftNs);
            }
            if (wanted.matcher(lines.get(index)).find()) {
                List<String> since = List.copyOf(lines.subList(next, index + 1));
                next = index + 1;
                return since;
            }
        }
    }

    /// Waits for the end.
    ///
    /// @return its exit code
    int status() {
        try {
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("no end of " + describe());
            }
            awaitEndOfOutput();
            return process.exitValue();
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    /// Everything it wrote so far.
    synchronized String output() {
        return String.join("\n", lines);
    }

    /// What a signal is sent to.
    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Stops it, so that it does nothing any more and nobody is told.
    void freeze() {
        run("kill", "-STOP", Long.toString(process.pid()));
    }

    /// Ends it as `kill -9` does, and waits until it is gone.
    void kill() {
        process.destroyForcibly();
        status();
    }

    /// Asks it to end, then does not ask; what it has started goes first.
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    String describe() {
        return name + ", which wrote:\n" + output();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.ISO_8859_1)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                add(line);
            }
        } catch (IOException closed) {
            add("(" + closed + ")");
        }
        complete();
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    private synchronized void complete() {
        complete = true;
        notifyAll();
    }

    private synchronized void awaitEndOfOutput() {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!complete && System.nanoTime() - deadlineNs < 0) {
            waitForOutput(deadlineNs - System.nanoTime());
        }
    }

    private synchronized void waitForOutput(long timeoutNs) {
        try {
            wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNs)));
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }
}
