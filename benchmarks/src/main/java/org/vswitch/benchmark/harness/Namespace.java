package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// A network namespace of the harness's own, gone when it is closed or the harness ends.
///
/// @param name as ip(8) knows it
record Namespace(String name) implements AutoCloseable {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    /// Makes one.
    static Namespace make(Workplace workplace) throws IOException {
        Namespace made = new Namespace(newName());
        Command.run(List.of("ip", "netns", "add", made.name));
        workplace.onClose(made::close);
        return made;
    }

    /// A name that is free for an interface or a namespace.
    static String newName() {
        return "vb" + ProcessHandle.current().pid() + "n" + COUNTER.incrementAndGet();
    }

    /// Moves an interface here and gives it an address.
    void take(String device, String address) throws IOException {
        Command.run(List.of("ip", "link", "set", device, "netns", name));
        ip("addr", "add", address, "dev", device);
        ip("link", "set", device, "up");
    }

    /// Moves an interface from another namespace here and gives it an address and a way to everywhere.
    void takeFrom(Namespace other, String device, String address, String gateway) throws IOException {
        other.ip("link", "set", device, "netns", name);
        ip("link", "set", "lo", "up");
        ip("addr", "add", address, "dev", device);
        ip("link", "set", device, "up");
        ip("route", "add", "default", "via", gateway);
    }

    /// Sets a kernel parameter, as in `net.ipv4.tcp_timestamps=0`.
    void sysctl(String setting) throws IOException {
        run("sysctl", "-q", "-w", setting);
    }

    /// Runs a command here to its end.
    ///
    /// @return what it printed
    String run(String... words) throws IOException {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(List.of(words));
        return Command.run(command);
    }

    /// Runs ip(8) here.
    void ip(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "-n", name));
        command.addAll(List.of(words));
        Command.run(command);
    }

    /// The start of a command line that runs something here.
    List<String> prefix() {
        return List.of("ip", "netns", "exec", name);
    }

    @Override
    public void close() {
        try {
            Command.run(List.of("ip", "netns", "del", name));
        } catch (IOException | HarnessException gone) {
            return; // it was closed before, or the host is going down
        }
    }
}
