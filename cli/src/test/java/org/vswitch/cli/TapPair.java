package org.vswitch.cli;

import java.nio.file.Path;
import java.util.List;
import org.vswitch.control.StartException;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;

/// Two namespaces, and a switch in the test's process whose taps are in them.
final class TapPair implements AutoCloseable {
    private final Path directory;
    private final String tap = Sandbox.unique("vsa");
    private final String secondTap = Sandbox.unique("vsb");
    private final Sandbox first = Sandbox.create();
    private final Sandbox second = Sandbox.create();
    private RunningSwitch network;

    /// Makes the namespaces; the switch is yet to be started.
    ///
    /// @param folder where it is to be
    TapPair(Path folder) {
        directory = folder.resolve("sw");
    }

    /// Starts the switch, and gives each namespace a tap, set up, with the addresses of its number.
    void plug() throws StartException {
        start("tap://" + tap, "tap://" + secondTap);
        take(first, tap, 1);
        take(second, secondTap, 2);
    }

    /// Starts the switch, also once more when it was closed.
    void start(String... links) throws StartException {
        network = RunningSwitch.start(SwitchConfig.in(directory.toString()).withLinks(List.of(links)));
    }

    /// Moves an interface into a namespace and sets it up there.
    static void take(Sandbox sandbox, String networkInterface, int number) {
        sandbox.take(networkInterface);
        up(sandbox, networkInterface, number);
    }

    /// Sets up an interface with the addresses 10.0.0.N and fd00::N.
    static void up(Sandbox sandbox, String networkInterface, int number) {
        sandbox.run("sysctl", "-q", "-w", "net.ipv6.conf." + networkInterface + ".disable_ipv6=0");
        sandbox.run("ip", "addr", "add", "10.0.0." + number + "/24", "dev", networkInterface);
        sandbox.run("ip", "addr", "add", "fd00::" + number + "/64", "dev", networkInterface, "nodad");
        sandbox.run("ip", "link", "set", networkInterface, "up");
    }

    /// The name of the tap of the first namespace.
    String tap() {
        return tap;
    }

    /// The name of the tap of the second namespace.
    String secondTap() {
        return secondTap;
    }

    /// The namespace that sends.
    Sandbox first() {
        return first;
    }

    /// The namespace that is sent to.
    Sandbox second() {
        return second;
    }

    /// The switch that was started last.
    RunningSwitch network() {
        return network;
    }

    @Override
    public void close() {
        if (network != null) {
            network.close();
        }
        first.close();
        second.close();
    }
}
