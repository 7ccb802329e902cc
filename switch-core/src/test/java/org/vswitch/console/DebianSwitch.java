package org.vswitch.console;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;

/// Debian's vde_switch.
final class DebianSwitch implements SwitchWithConsole {
    private static final Path PROGRAM = Path.of("/usr/bin/vde_switch");

    private final Path directory;
    private final Process process;
    private final List<RawPlug> clients = new ArrayList<>();

    DebianSwitch(Path directory, String... options) throws IOException {
        assumeTrue(Files.isExecutable(PROGRAM), "vde_switch is not installed");
        this.directory = directory;
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "-s", directory.resolve("ctl").toString(),
                "-M", management().toString()));
        command.addAll(List.of(options));
        process = Processes.start(new ProcessBuilder(command).redirectError(directory.resolve("log").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        Sandbox.await("vde_switch listens", this::answers);
    }

    @Override
    public Path management() {
        return directory.resolve("mgmt");
    }

    @Override
    public Plug plug(int port, String description) throws IOException {
        RawPlug client = new RawPlug(directory.resolve("ctl"), directory.resolve("c" + clients.size()));
        clients.add(client);
        client.attach(port, description);
        return client;
    }

    @Override
    public void close() {
        clients.forEach(RawPlug::unplug);
        process.destroy();
        process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private boolean answers() {
        try (ConsoleClient client = new ConsoleClient(management())) {
            return client.banner().endsWith(Reply.PROMPT);
        } catch (IOException notYet) {
            return false;
        }
    }
}
