package org.vswitch.cli;

import org.vswitch.fixture.Sandbox;

/// What a router's user sees of the world: namespaces for the host that the router runs on, a hop, and somebody behind
/// it, over IPv4 and IPv6. The host lets everybody ping.
final class OutsideWorld implements AutoCloseable {
    /// The hop.
    static final String HOP_V4 = "192.0.2.2";
    static final String HOP_V6 = "2001:db8:1::2";
    /// Who is behind it.
    static final String FAR_V4 = "198.51.100.2";
    static final String FAR_V6 = "2001:db8:2::2";

    private final Sandbox host = Sandbox.create();
    private final Sandbox hop = Sandbox.create();
    private final Sandbox far = Sandbox.create();

    OutsideWorld() {
        for (Sandbox each : new Sandbox[] {host, hop, far}) {
            each.run("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0",
                    "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
            each.run("ip", "link", "set", "lo", "up");
        }
        host.run("sysctl", "-q", "-w", "net.ipv4.ping_group_range=0 2147483647");
        join(host, hop, "out", "192.0.2.1/24", "2001:db8:1::1/64", HOP_V4 + "/24", HOP_V6 + "/64");
        join(hop, far, "away", "198.51.100.1/24", "2001:db8:2::1/64", FAR_V4 + "/24", FAR_V6 + "/64");
        host.run("ip", "route", "add", "default", "via", HOP_V4);
        host.run("ip", "route", "add", "default", "via", HOP_V6);
        far.run("ip", "route", "add", "default", "via", "198.51.100.1");
        far.run("ip", "route", "add", "default", "via", "2001:db8:2::1");
    }

    /// The command that runs a command on the host.
    String[] onHost(String... command) {
        return host.inside(command);
    }

    /// The command that runs a command far away.
    String[] farAway(String... command) {
        return far.inside(command);
    }

    private static void join(Sandbox near, Sandbox away, String name, String... addresses) {
        near.run("ip", "link", "add", name, "type", "veth", "peer", "name", "in", "netns", away.name());
        String[] links = {name, "in"};
        for (int side = 0; side < 2; side++) {
            Sandbox sandbox = side == 0 ? near : away;
            sandbox.run("ip", "addr", "add", addresses[2 * side], "dev", links[side]);
            sandbox.run("ip", "addr", "add", addresses[2 * side + 1], "dev", links[side], "nodad");
            sandbox.run("ip", "link", "set", links[side], "up");
        }
    }

    @Override
    public void close() {
        far.close();
        hop.close();
        host.close();
    }
}
