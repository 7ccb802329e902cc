package org.vswitch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// A host, a namespace of its own, in which root starts the broker and nobody asks it; with all that ends with a test.
final class TapdHost implements AutoCloseable {
    static final int NOBODY = 65534;
    private static final String CLI = Repository.root().resolve("cli").toString();

    private final Path folder;
    private final Sandbox namespace;
    private final List<CommandRun> running = new ArrayList<>();

    private TapdHost(Path folder, Sandbox namespace) {
        this.folder = folder;
        this.namespace = namespace;
    }

    /// Prepares a host; skips the test where there can be none.
    ///
    /// @param folder empty; what nobody writes goes to `own` in it
    /// @param policy lines
    static TapdHost create(Path folder, String... policy) {
        Sandbox namespace = Sandbox.create();
        try {
            Nobody.assumeMayStart();
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createDirectory(folder.resolve("own"));
            Files.setAttribute(folder.resolve("own"), "unix:uid", NOBODY);
            TapdHost host = new TapdHost(folder, namespace);
            host.policy(policy);
            return host;
        } catch (IOException failure) {
            namespace.close();
            throw new UncheckedIOException(failure);
        }
    }

    /// Writes the policy.
    void policy(String... lines) {
        try {
            Files.write(folder.resolve("policy"), List.of(lines));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Sandbox namespace() {
        return namespace;
    }

    /// The broker's socket.
    String socket() {
        return folder + "/socket";
    }

    CommandRun start(List<String> command) {
        CommandRun run = CommandRun.start(folder, command);
        running.add(run);
        return run;
    }

    /// Starts the broker without waiting for it.
    CommandRun launchBroker(String... options) {
        List<String> command = new ArrayList<>(List.of(namespace.inside(CLI + "/vswitch-tapd", "--policy",
                folder + "/policy", "--socket", socket())));
        command.addAll(List.of(options));
        return start(command);
    }

    CommandRun startBroker(String... options) {
        CommandRun broker = launchBroker(options);
        broker.await("ready", () -> broker.describe().contains("ready on "));
        return broker;
    }

    /// Has nobody plug a tap in, without waiting for it.
    CommandRun launchCable(String name) {
        return start(Nobody.runs(List.of(CLI + "/vplug", "null://", tap(name, ""))));
    }

    CommandRun startCable(String name) {
        CommandRun cable = launchCable(name);
        cable.await("the tap", () -> taps().contains(name));
        return cable;
    }

    /// Has nobody start a switch, and waits until it answers.
    CommandRun startSwitch(String... options) {
        CommandRun network = start(Nobody.runs(Stream.concat(Stream.of(CLI + "/vswitch", "-s", folder + "/own/sw"),
                Stream.of(options)).toList()));
        network.ask("showinfo");
        return network;
    }

    /// The URL of a tap of this broker's; further options each behind a comma.
    String tap(String name, String options) {
        return "tap://" + name + "[broker=" + socket() + options + "]";
    }

    /// Names of the taps there are.
    List<String> taps() {
        return Child.run(namespace.inside("sh", "-c", "ls /sys/class/net")).lines()
                .filter(name -> name.startsWith("nb")).toList();
    }

    @Override
    public void close() {
        running.forEach(CommandRun::close);
        namespace.close();
    }
}
