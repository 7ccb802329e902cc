package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;

/// A namespace behind a tap of a switch with a router, configured by what comes from there alone: a real DHCP client
/// and the kernel's autoconfiguration (T6, T8, T9, T12, T14).
@Timeout(120)
class SlirpGuestTest {
    private static final String SCRIPT = """
            #!/bin/sh
            case $1 in
            bound|renew)
                ip addr replace $ip/$mask dev $interface
                ip route replace default via $router
                ;;
            esac
            echo "client: $1 ip=$ip/$mask router=$router dns=$dns lease=$lease server=$serverid host=$hostname" \
                "broadcast=$broadcast mtu=$mtu domain=$domain search=$search"
            """;

    @TempDir
    private Path folder;
    private final String tap = Sandbox.unique("vsd");
    private Sandbox sandbox;
    private RunningSwitch network;

    @BeforeEach
    void makeNamespace() throws IOException {
        Child.assumeInstalled("busybox");
        sandbox = Sandbox.create();
        Files.writeString(folder.resolve("script"), SCRIPT);
        Files.setPosixFilePermissions(folder.resolve("script"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void stop() {
        if (network != null) {
            network.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private void start(String... links) throws Exception {
        List<String> all = new ArrayList<>(List.of(links));
        all.addFirst("tap://" + tap);
        network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString()).withLinks(all));
        sandbox.take(tap);
    }

    private Child udhcpc(String... options) {
        String[] command = {"busybox", "udhcpc", "-f", "-n", "-i", tap, "-s", folder.resolve("script").toString(),
            "-t", "10", "-T", "1", "-O", "mtu", "-O", "search"};
        String[] whole = Arrays.copyOf(command, command.length + options.length);
        System.arraycopy(options, 0, whole, command.length, options.length);
        return Child.start(sandbox.inside(whole));
    }

    @Test
    void shouldConfigureADhcpClient() throws Exception {
        start("slirp://");
        sandbox.run("ip", "link", "set", tap, "up");
        try (Child client = udhcpc("-R")) {
            assertEquals("client: bound ip=10.0.2.15/24 router=10.0.2.2 dns=10.0.2.3 lease=86400 server=10.0.2.2 "
                    + "host=slirp broadcast=10.0.2.255 mtu= domain= search=", client.await("client: bound").getLast());
            sandbox.run("ping", "-c", "1", "-W", "10", "10.0.2.2");
            signal(client, "USR1");
            client.await("client: renew ip=10.0.2.15/24");
            signal(client, "USR2");
            client.await("client: deconfig");
            signal(client, "USR1");
            client.await("client: bound ip=10.0.2.15/24");
        }
        try (Child other = udhcpc("-x", "0x3d:ff010203", "-r", "10.0.2.99", "-q")) {
            other.await("client: bound ip=10.0.2.99/24");
            assertEquals(0, other.status());
        }
    }

    @Test
    void shouldTellWhatTheUrlSays() throws Exception {
        start("slirp:///addr=192.168.5.1/22/dhcp=192.168.6.100/vnameserver=192.168.5.9/hostname=vm"
                + "/vdomainname=lab.example/vdnssearch=lab.example,example.org/mtu=9000");
        sandbox.run("ip", "link", "set", tap, "up");
        try (Child client = udhcpc("-q")) {
            assertEquals("client: bound ip=192.168.6.100/22 router=192.168.5.1 dns=192.168.5.9 lease=86400 "
                    + "server=192.168.5.1 host=vm broadcast=192.168.7.255 mtu=9000 domain=lab.example "
                    + "search=lab.example example.org", client.await("client: bound").getLast());
        }
    }

    /// A station that has the first address without ever having said so keeps it.
    @Test
    void shouldNotLeaseWhatASilentStationHas() throws Exception {
        String silentTap = Sandbox.unique("vsd");
        try (Sandbox silent = Sandbox.create()) {
            start("tap://" + silentTap, "slirp://");
            silent.take(silentTap);
            silent.run("ip", "addr", "add", "10.0.2.15/24", "dev", silentTap);
            silent.run("ip", "link", "set", silentTap, "up");
            sandbox.run("ip", "link", "set", tap, "up");
            try (Child client = udhcpc("-q")) {
                client.await("client: bound ip=10.0.2.16/24");
            }
        }
    }

    /// A lease that the client still has from another network is refused.
    @Test
    void shouldRefuseAnAddressOfAnotherNetwork() throws Exception {
        start("slirp://");
        sandbox.run("ip", "link", "set", tap, "up");
        try (Child client = udhcpc("-r", "10.9.9.9", "-q")) {
            client.await("client: bound ip=10.0.2.15/24");
        }
    }

    /// T6: the kernel asks when the interface comes up, and again if nobody answers.
    @Test
    void shouldConfigureTheKernelsIpv6() throws Exception {
        start("slirp:///mtu=1400");
        sandbox.run("sysctl", "-q", "-w", "net.ipv6.conf." + tap + ".disable_ipv6=0",
                "net.ipv6.conf." + tap + ".accept_ra=2");
        sandbox.run("ip", "link", "set", tap, "up");
        Sandbox.await("an address of the prefix", 30, () -> addresses().contains("inet6 fd00:"));
        assertTrue(addresses().matches("(?s).*inet6 fd00:\\S*/64 scope global [^\\n]*dynamic.*"), addresses());
        assertEquals("1400", Child.run(sandbox.inside("cat", "/proc/sys/net/ipv6/conf/" + tap + "/mtu")).strip());
        boolean hostHasWay;
        try (Child way = Child.start("ip", "-6", "route", "get", "2001:503:ba3e::2:30")) {
            hostHasWay = way.status() == 0 && !way.output().contains("unreachable");
        }
        String routes = Child.run(sandbox.inside("ip", "-6", "route"));
        assertTrue(routes.contains("fd00::/64 dev " + tap), routes);
        assertEquals(hostHasWay, routes.contains("default via fe80::2"), routes);
    }

    private String addresses() {
        return Child.run(sandbox.inside("ip", "-6", "addr", "show", "dev", tap));
    }

    private static void signal(Child child, String name) {
        Child.run("kill", "-" + name, Long.toString(child.pid()));
    }
}
