package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.vswitch.slirp.fixture.RoutedSandbox;

/// Whose an address is, as the kernel says. Guests can use up all ports: that must not change the answer.
class OwnAddressTest {
    private static final int PORT = 40_000;
    private static final String[] OWN = {"10.9.0.2", "fd09::2", "127.0.0.5", "::1"};
    private static final String[] OTHERS = {"10.9.0.1", "10.9.1.1", "10.9.11.1", "192.0.2.1", "fd09::1", "fd09:1::1",
        "fd09:11::1", "2001:db8::1"};

    @RegisterExtension
    final RoutedSandbox host = new RoutedSandbox();

    @Test
    void shouldKnowTheHostsOwnThoughAllPortsAreUsedUp() throws IOException {
        host.execute("ip", "link", "set", "lo", "up");
        host.onlyPort(PORT);
        assertWhose(OWN, OTHERS);
    }

    /// What a route makes local, whatever source it names, and the address that all routers of a subnet have
    /// (RFC 4291, 2.6.1), which a host that forwards takes as well.
    @Test
    void shouldKnowWhatElseTheHostTakes() throws IOException {
        host.execute("ip", "link", "set", "lo", "up");
        host.execute("ip", "route", "add", "local", "198.51.100.0/24", "dev", "lo", "src", "10.9.0.2");
        host.execute("ip", "-6", "route", "add", "local", "2001:db8:5::/64", "dev", "lo");
        host.execute("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
        assertWhose(new String[] {"198.51.100.9", "2001:db8:5::9", "fd09::"}, OTHERS);
    }

    private void assertWhose(String[] own, String[] others) throws IOException {
        List<String> tasks = new ArrayList<>(List.of(String.valueOf(PORT)));
        List<String> expected = new ArrayList<>(List.of("0", "0"));
        for (String address : own) {
            tasks.add(address);
            expected.add(address + " true");
        }
        for (String address : others) {
            tasks.add(address);
            expected.add(address + " false");
        }
        assertEquals(expected, host.run(AskWhoseAddress.class, tasks.toArray(new String[0])));
    }
}
