package org.vswitch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;

/// A command with its three streams kept apart: a pipe to standard input, and a file for each of the others.
final class CommandRun implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 60;
    private static final Pattern STATUS_LINE = Pattern.compile("(?m)^1\\d{3} .*$");

    private final Process process;
    private final List<String> command;
    private final Path output;
    private final Path errors;
    private int answered;

    /// What a finished command has left.
    ///
    /// @param code its exit code; 128 and the number of the signal that ended it
    /// @param output what stands on standard output
    /// @param errors what stands on standard error
    record Outcome(int code, String output, String errors) {
    }

    private CommandRun(Path folder, Redirect input, List<String> command) {
        this.command = command;
        try {
            output = Files.createTempFile(folder, "output", "");
            errors = Files.createTempFile(folder, "errors", "");
            ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectInput(input)
                    .redirectOutput(output.toFile()).redirectError(errors.toFile());
            builder.environment().put("HOME", folder.toString());
            process = Processes.start(builder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Starts a command with a folder as its current and home directory.
    static CommandRun start(Path folder, List<String> command) {
        return new CommandRun(folder, Redirect.PIPE, command);
    }

    /// Starts a command that reads a file.
    static CommandRun startReading(Path input, Path folder, List<String> command) {
        return new CommandRun(folder, Redirect.from(input.toFile()), command);
    }

    /// Writes a line to standard input and waits for a status line.
    ///
    /// @return what was written to standard output since the last call
    String ask(String line) {
        say(line);
        String[] answer = new String[1];
        await("an answer to " + line, () -> {
            String all = read(output);
            Matcher status = STATUS_LINE.matcher(all);
            if (!status.find(answered)) {
                return false;
            }
            answer[0] = all.substring(answered, status.end());
            answered = status.end();
            return true;
        });
        return answer[0].strip();
    }

    /// Writes a line to standard input.
    void say(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException failure) {
            throw new AssertionError(describe(), failure);
        }
    }

    /// Waits until something is true, as long as the command lives.
    void await(String what, BooleanSupplier condition) {
        Sandbox.await(what + " of " + describe(), DEADLINE_SECONDS, () -> {
            boolean alive = process.isAlive();
            if (condition.getAsBoolean()) {
                return true;
            }
            if (!alive) {
                throw new AssertionError("no " + what + ", but the end: " + describe());
            }
            return false;
        });
    }

    /// Sends a signal.
    void signal(String name) {
        Child.run("kill", "-" + name, Long.toString(process.pid()));
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Ends the input and waits for the command to end.
    Outcome end() {
        try {
            process.getOutputStream().close();
            return outcome();
        } catch (IOException failure) {
            throw new AssertionError(describe(), failure);
        }
    }

    /// Waits for the command to end.
    Outcome outcome() {
        try {
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("no end of " + describe());
            }
            return new Outcome(process.exitValue(), read(output), read(errors));
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        outcome();
    }

    String describe() {
        return command + "\n" + read(output) + read(errors);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
