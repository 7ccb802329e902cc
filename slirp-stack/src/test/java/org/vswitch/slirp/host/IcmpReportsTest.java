package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// What a router on the way reports, in two namespaces: one with a host network, one that is its router.
class IcmpReportsTest {
    private static final String V4_ROUTER = "from 0:ffff0a090001";
    private static final String V6_ROUTER = "from fd09000000000000:1";

    private Sandbox host;
    private Sandbox router;

    @BeforeEach
    void connectNamespaces() {
        host = Sandbox.create();
        router = Sandbox.create();
        String hostEnd = Sandbox.unique("vsh");
        String routerEnd = Sandbox.unique("vsr");
        Sandbox.execute("ip", "link", "add", hostEnd, "type", "veth", "peer", "name", routerEnd);
        host.take(hostEnd);
        router.take(routerEnd);
        setUp(host, hostEnd, "2");
        setUp(router, routerEnd, "1");
        host.run("ip", "route", "add", "default", "via", "10.9.0.1");
        host.run("ip", "-6", "route", "add", "default", "via", "fd09::1");
        host.run("sysctl", "-qw", "net.ipv4.ping_group_range=0 0");
        // no kind of report is rate-limited; a limit of 0 would leave no tokens for unreachable routes
        router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                "net.ipv4.icmp_ratemask=0", "net.ipv6.icmp.ratelimit=0");
        for (String kind : new String[] {"unreachable", "prohibit"}) {
            router.run("ip", "route", "add", kind, "10.9." + kind.length() + ".0/24");
            router.run("ip", "-6", "route", "add", kind, "fd09:" + kind.length() + "::/64");
        }
        router.run("ip", "link", "add", "narrow", "mtu", "1300", "type", "veth", "peer", "name", "end");
        router.run("ip", "link", "set", "narrow", "up");
        router.run("ip", "link", "set", "end", "up");
        router.run("ip", "route", "add", "10.9.1.0/24", "dev", "narrow");
        router.run("ip", "-6", "route", "add", "fd09:1::/64", "dev", "narrow");
    }

    @AfterEach
    void deleteNamespaces() {
        host.close();
        router.close();
    }

    @Test
    void shouldTellWhatRoutersOfIpv4Report() throws IOException {
        assertEquals(List.of(
                "ECONNREFUSED 3/3 mtu=0 " + V4_ROUTER + " quote=100 of=8",
                "EHOSTUNREACH 11/0 mtu=0 " + V4_ROUTER + " quote=100 of=8",
                "EHOSTUNREACH 11/0 mtu=0 " + V4_ROUTER + " quote=64 of=8",
                "EHOSTUNREACH 3/1 mtu=0 " + V4_ROUTER + " quote=100 of=8",
                "EHOSTUNREACH 3/13 mtu=0 " + V4_ROUTER + " quote=100 of=8",
                "EMSGSIZE 3/4 mtu=1300 " + V4_ROUTER + " quote=520 of=8"),
                reports("udp 10.9.0.1 0 100", "udp 10.9.1.1 1 100", "ping 10.9.1.1 1 64", "udp 10.9.11.1 0 100",
                        "udp 10.9.8.1 0 100", "udp 10.9.1.1 0 1400"));
    }

    @Test
    void shouldTellWhatRoutersOfIpv6Report() throws IOException {
        assertEquals(List.of(
                "ECONNREFUSED 1/4 mtu=0 " + V6_ROUTER + " quote=100 of=128",
                "EHOSTUNREACH 3/0 mtu=0 " + V6_ROUTER + " quote=100 of=128",
                "EHOSTUNREACH 3/0 mtu=0 " + V6_ROUTER + " quote=64 of=128",
                "ENETUNREACH 1/0 mtu=0 " + V6_ROUTER + " quote=100 of=128",
                "EACCES 1/1 mtu=0 " + V6_ROUTER + " quote=100 of=128",
                "EMSGSIZE 2/0 mtu=1300 " + V6_ROUTER + " quote=1184 of=128"),
                reports("udp fd09::1 0 100", "udp fd09:1::1 1 100", "ping fd09:1::1 1 64", "udp fd09:11::1 0 100",
                        "udp fd09:8::1 0 100", "udp fd09:1::1 0 1400"));
    }

    private static void setUp(Sandbox namespace, String networkInterface, String number) {
        namespace.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0");
        namespace.run("ip", "addr", "add", "10.9.0." + number + "/24", "dev", networkInterface);
        namespace.run("ip", "addr", "add", "fd09::" + number + "/64", "dev", networkInterface, "nodad");
        namespace.run("ip", "link", "set", networkInterface, "up");
    }

    private List<String> reports(String... datagrams) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java,
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-Dorg.vswitch.memory=checked", "-cp",
                String.join(":", classes("slirp-stack", "classes"), classes("slirp-stack", "test-classes"),
                        classes("switch-core", "classes"), classes("switch-core", "test-classes")),
                SendForReport.class.getName()));
        for (String datagram : datagrams) {
            command.addAll(List.of(datagram.split(" ")));
        }
        Process process = new ProcessBuilder(host.inside(command.toArray(new String[0])))
                .redirectErrorStream(true).start();
        try (var output = process.inputReader(StandardCharsets.UTF_8)) {
            return output.lines().toList();
        }
    }

    private static String classes(String module, String directory) {
        return Repository.root().resolve(module).resolve("target").resolve(directory).toString();
    }
}
