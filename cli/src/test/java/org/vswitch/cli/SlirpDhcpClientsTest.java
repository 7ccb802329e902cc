package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;

/// T8: the DHCP clients that people run, as Debian configures them, in a namespace behind a tap of a switch with a
/// router. What they would do to the host's name server and files they do to files of the test.
@Timeout(240)
class SlirpDhcpClientsTest {
    /// Both clients tell a script what they were told, in variables of nearly the same names.
    private static final String SCRIPT = """
            #!/bin/sh
            PATH=/usr/sbin:/usr/bin:/sbin:/bin
            case $reason in
            PREINIT)
                ip link set $interface up
                ;;
            BOUND|REBOOT)
                ip addr replace $new_ip_address/24 dev $interface
                ip route replace default via $new_routers
                ;;
            esac
            echo "client: $reason ip=$new_ip_address mask=$new_subnet_mask router=$new_routers" \
                "dns=$new_domain_name_servers lease=$new_dhcp_lease_time server=$new_dhcp_server_identifier" \
                "host=$new_host_name search=$new_domain_search mtu=$new_interface_mtu" >>LOG
            """;
    private static final String TOLD = "ip=10.0.2.15 mask=255.255.255.0 router=10.0.2.2 dns=10.0.2.3 lease=86400 "
            + "server=10.0.2.2 host=vm search=";

    @TempDir
    private Path folder;
    private final String tap = Sandbox.unique("vsc");
    private Sandbox sandbox;
    private RunningSwitch network;

    @AfterEach
    void stop() {
        if (network != null) {
            network.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private void start() throws Exception {
        sandbox = Sandbox.create();
        Files.createFile(folder.resolve("log"));
        Files.writeString(folder.resolve("script"), SCRIPT.replace("LOG", folder.resolve("log").toString()));
        Files.setPosixFilePermissions(folder.resolve("script"), PosixFilePermissions.fromString("rwxr-xr-x"));
        network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString()).withLinks(
                List.of("tap://" + tap, "slirp:///hostname=vm/vdnssearch=lab.example,example.org/mtu=1400")));
        sandbox.take(tap);
    }

    /// It finds the router, asks for the same address when it is started anew, and gives it back.
    @Test
    void shouldConfigureDhclient() throws Exception {
        Child.assumeInstalled("dhclient");
        start();
        try (Child client = dhclient("-d")) {
            assertEquals("client: BOUND " + TOLD + "lab.example. example.org. mtu=1400", told("BOUND"));
            sandbox.run("ping", "-c", "1", "-W", "10", "10.0.2.2");
            client.kill();
        }
        try (Child client = dhclient("-d")) {
            assertEquals("client: REBOOT " + TOLD + "lab.example. example.org. mtu=1400", told("REBOOT"));
            client.kill();
        }
        try (Child client = dhclient("-r")) {
            assertEquals(0, client.status(), client::describe);
            Sandbox.await("a release", 60, () -> client.output().contains("DHCPRELEASE of 10.0.2.15"));
        }
    }

    private Child dhclient(String mode) {
        return Child.start(sandbox.inside("dhclient", mode, "-v", "-sf", folder.resolve("script").toString(), "-lf",
                folder.resolve("leases").toString(), "-pf", folder.resolve("pid").toString(), tap));
    }

    /// It is leased an address at once (RFC 4039), looks whether somebody has it already, is told anew, and gives it
    /// back.
    @Test
    void shouldConfigureDhcpcd() throws Exception {
        Child.assumeInstalled("dhcpcd");
        start();
        sandbox.run("ip", "link", "set", tap, "up");
        String own = "mount -t tmpfs none /var/lib/dhcpcd && mount -t tmpfs none /run && exec dhcpcd -B -d -4 -c "
                + folder.resolve("script") + " " + tap;
        try (Child client = Child.start(sandbox.inside("sh", "-c", own))) {
            assertEquals("client: BOUND " + TOLD + "lab.example example.org mtu=1400", told("BOUND"));
            sandbox.run("ping", "-c", "1", "-W", "10", "10.0.2.2");
            signal(client, "HUP", "rebinding lease of 10.0.2.15");
            assertEquals("client: RENEW " + TOLD + "lab.example example.org mtu=1400", told("RENEW"));
            signal(client, "ALRM", "releasing lease of 10.0.2.15");
            client.status();
        }
    }

    /// The line that a client's script has written for a reason.
    private String told(String reason) {
        String start = "client: " + reason + " ";
        Sandbox.await(reason, 60, () -> log().stream().anyMatch(line -> line.startsWith(start)));
        return log().stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    private List<String> log() {
        try {
            return Files.readAllLines(folder.resolve("log"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Signals dhcpcd until it says that it does what it is told. It forgets a signal that comes while it waits for its
    /// script, which has written its line by then but may not have ended.
    private static void signal(Child client, String name, String answer) {
        long[] nextNs = {System.nanoTime()};
        Sandbox.await(answer, 60, () -> {
            if (System.nanoTime() - nextNs[0] >= 0 && client.isAlive()) {
                Child.run("kill", "-" + name, Long.toString(client.pid()));
                nextNs[0] += TimeUnit.SECONDS.toNanos(2);
            }
            return client.output().contains(answer);
        });
    }
}
