package org.vswitch.benchmark.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.vswitch.benchmark.load.Order;

/// A process that the harness started. It is told to end by the end of its standard input, and killed if it does not.
/// What it writes to standard error goes to a file, shown if it fails.
final class Child implements AutoCloseable {
    private static final int GRACE_MS = 3000;
    private static final int ERROR_SHOWN = 600;

    private final String name;
    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Child(String name, Process process, Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
    }

    /// Starts a command whose output nobody needs.
    static Child start(Workplace workplace, String name, List<String> command) throws IOException {
        return start(workplace, name, command, false);
    }

    /// Starts a command that reads lines, and whose own are read ([#line]).
    static Child console(Workplace workplace, String name, List<String> command) throws IOException {
        return start(workplace, name, command, true);
    }

    /// Starts a program of the benchmarks, to be commanded by lines.
    static Child station(Workplace workplace, Class<?> program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(workplace.java());
        command.add(program.getName());
        command.addAll(arguments);
        return start(workplace, program.getSimpleName(), command, true);
    }

    /// Starts a program of the benchmarks in another place, to be commanded by lines.
    ///
    /// @param prefix of its command line, says where it runs
    static Child stationAt(List<String> prefix, Workplace workplace, Class<?> program) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(workplace.java());
        command.add(program.getName());
        return start(workplace, program.getSimpleName(), command, true);
    }

    private static Child start(Workplace workplace, String name, List<String> command, boolean listen)
            throws IOException {
        Path errors = workplace.newFile(name + ".log");
        var builder = new ProcessBuilder(command).redirectError(errors.toFile());
        if (!listen) {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        }
        Child child = new Child(name, builder.start(), errors);
        workplace.adopt(child);
        if (listen) {
            Thread.ofVirtual().name(name).start(child::listen);
        }
        return child;
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Sends an order whose answer is fetched later by [#answer].
    void tell(Order order) {
        say(order.line());
    }

    /// Sends a line.
    void say(String line) {
        try {
            OutputStream input = process.getOutputStream();
            input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            input.flush();
        } catch (IOException failure) {
            throw new HarnessException(name + " does not listen: " + lastErrors());
        }
    }

    /// The answer to the oldest order not yet answered.
    Order answer(Duration limit) {
        String line = line(limit);
        Order answer = Order.parse(line);
        if (!answer.word().equals("ok")) {
            throw new HarnessException(name + ": " + line);
        }
        return answer;
    }

    /// The oldest line that it wrote and that was not read.
    String line(Duration limit) {
        try {
            String line = lines.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw new HarnessException(name + " gave no answer in " + limit + ": " + lastErrors());
            }
            return line;
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new HarnessException("interrupted");
        }
    }

    Order ask(Order order, Duration limit) {
        tell(order);
        return answer(limit);
    }

    /// The end of what it wrote to standard error.
    String lastErrors() {
        try {
            String text = Files.readString(errors, StandardCharsets.ISO_8859_1);
            return text.substring(Math.max(0, text.length() - ERROR_SHOWN)).strip();
        } catch (IOException failure) {
            return "no log";
        }
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(GRACE_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor(GRACE_MS, TimeUnit.MILLISECONDS);
            }
        } catch (IOException gone) {
            process.destroyForcibly();
        } catch (InterruptedException interrupt) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// Ends it at once, for when the harness itself must end.
    void kill() {
        process.destroyForcibly();
    }

    private void listen() {
        try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException gone) {
            lines.add("failed why=" + gone.getMessage());
        }
        lines.add("failed why=ended");
    }
}
