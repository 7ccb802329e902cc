package org.vswitch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.vswitch.fixture.Sandbox;

/// Debian's vde_switch with its console.
final class DebianSwitch implements AutoCloseable {
    private final String directory;
    private final Child process;

    private DebianSwitch(String directory, Child process) {
        this.directory = directory;
        this.process = process;
    }

    /// Starts one, and waits until it serves.
    static DebianSwitch start(Path directory, String... options) {
        Child.assumeInstalled("vde_switch");
        String[] command = Stream.concat(Stream.of("vde_switch", "-s", directory.toString()), Stream.of(options))
                .toArray(String[]::new);
        DebianSwitch started = new DebianSwitch(directory.toString(), Child.start(command));
        started.ask("showinfo");
        return started;
    }

    String directory() {
        return directory;
    }

    /// A console command.
    ///
    /// @return its reply, the status line being the last
    List<String> ask(String command) {
        process.say(command);
        return process.await("^1\\d{3} ");
    }

    /// Waits until somebody has plugged in at a port.
    void awaitPort(int number) {
        Sandbox.await("port " + number + " of " + directory, 60,
                () -> ask("port/print " + number).getLast().startsWith("1000"));
    }

    /// Waits until a frame has come from a port: only then has whoever plugged in connected its own side, too.
    void awaitFrame(int number) {
        Sandbox.await("a frame from port " + number + " of " + directory, 60,
                () -> ask("hash/print").stream().anyMatch(line -> line.contains("to port: %03d".formatted(number))));
    }

    @Override
    public void close() {
        process.close();
    }
}
