package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;

/// A guest in QEMU, plugged into a switch with a router, needs nothing but what comes from there (T8, T24, T39, T58).
@Timeout(300)
class SlirpQemuTest {
    private static final String SCRIPT = """
            #!/bin/sh
            [ $1 = bound ] || exit 0
            ip addr add $ip/$mask dev $interface
            ip route add default via $router
            echo nameserver $dns > /etc/resolv.conf
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldBringAGuestIntoTheWorld() throws Exception {
        byte[] bytes = HostServer.bytes(2 << 20);
        try (NameServer names = NameServer.start(1, "127.0.0.1"); HostServer v4 = HostServer.http("127.0.0.1", bytes);
                HostServer v6 = HostServer.http("::1", bytes)) {
            Path resolvConf = Files.writeString(folder.resolve("resolv.conf"), names.line());
            try (RunningSwitch network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString())
                    .withLinks(List.of("slirp:///host-loopback=allow/resolv-conf='" + resolvConf + "'")));
                    Guest guest = Guest.bootWithoutAddress(network.directory(), 21)) {
                configure(guest);
                String resolved = guest.run("nslookup -type=a www.example.org");
                assertTrue(resolved.contains("10.0.2.3") && resolved.contains("192.0.2.1"), resolved);
                guest.run("ping -c 1 10.0.2.2 && ping -c 1 fd00::2");
                for (String url : List.of("10.0.2.2:" + v4.port(), "[fd00::2]:" + v6.port())) {
                    String sum = guest.run("wget -q -O - http://" + url + "/ | sha256sum");
                    assertTrue(sum.contains(HostServer.digest(bytes)), url + ": " + sum);
                }
            }
        }
    }

    private static void configure(Guest guest) {
        String script = Base64.getEncoder().encodeToString(SCRIPT.getBytes(StandardCharsets.US_ASCII));
        guest.run("echo " + script + " | base64 -d > /tmp/dhcp; chmod +x /tmp/dhcp");
        guest.run("udhcpc -n -q -i eth0 -s /tmp/dhcp -t 10 -T 1");
        String lease = guest.run("ip addr show dev eth0");
        assertTrue(lease.contains("inet 10.0.2.15/24"), lease);
        Sandbox.await("an address of the prefix", 60, () -> guest.run("ip -6 addr show dev eth0 scope global")
                .matches("(?s).*inet6 fd00:(?!.*tentative).*"));
    }
}
