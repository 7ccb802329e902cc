package org.vswitch.cli;

import org.vswitch.fixture.Sandbox;

/// A guest of the router: a namespace with an interface in 10.0.2.0/24 and fd00::/64.
final class RouterGuest implements AutoCloseable {
    private final Sandbox sandbox = Sandbox.create();

    /// Makes a tap of the host's the guest's interface.
    void take(String tap) {
        sandbox.take(tap);
        up(tap);
    }

    /// Gives an interface in the namespace addresses, and the router as the way out.
    void up(String networkInterface) {
        sandbox.run("sysctl", "-q", "-w", "net.ipv6.conf." + networkInterface + ".disable_ipv6=0");
        sandbox.run("ip", "addr", "add", "10.0.2.15/24", "dev", networkInterface);
        sandbox.run("ip", "addr", "add", "fd00::15/64", "dev", networkInterface, "nodad");
        sandbox.run("ip", "link", "set", networkInterface, "up");
        sandbox.run("ip", "route", "add", "default", "via", "10.0.2.2");
        sandbox.run("ip", "-6", "route", "replace", "default", "via", "fd00::2", "dev", networkInterface);
    }

    /// The command that runs a command in the guest.
    String[] inside(String... command) {
        return sandbox.inside(command);
    }

    /// Connects and reads to the end.
    ///
    /// @return what was read; what failed, otherwise
    String connect(String address, int port) {
        String script = "exec 3<>/dev/tcp/" + address + "/" + port + " && cat <&3";
        try (Child client = Child.start(inside("timeout", "20", "bash", "-c", script))) {
            int status = client.status();
            return status == 0 ? client.output() : "status " + status + ": " + client.output();
        }
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
