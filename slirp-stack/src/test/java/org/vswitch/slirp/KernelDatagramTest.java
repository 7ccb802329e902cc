package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.vswitch.slirp.fixture.RoutedSandbox;

/// Datagrams of a guest through the kernel's sockets, with a router on the way that has a narrow link: T44, T46, bad
/// input 13; RFC 4787, REQ-13.
class KernelDatagramTest {
    @RegisterExtension
    final RoutedSandbox host = new RoutedSandbox();

    /// Who is told first is the router on the way, then the host knows it itself, and says what its own link carries.
    /// What the guest allows to be cut gets as far as its destination, where nobody is.
    @Test
    void shouldCutNothingThatMustNotBeCut() throws IOException {
        assertEquals(List.of(
                "3/3 from 10.9.0.1 mtu=0 echo=00400000",
                "3/4 from 10.9.0.1 mtu=1300 echo=05800000",
                "3/4 from 10.0.2.2 mtu=1300 echo=05800000",
                "3/4 from 10.0.2.2 mtu=1500 echo=06480000",
                "3/3 from 10.9.0.1 mtu=0 echo=06480000",
                "3/1 from 10.9.0.1 mtu=0 echo=05800000"),
                answers("10.9.0.1 56 whole", "10.9.1.1 1400 whole", "10.9.1.1 1400 whole", "10.9.0.1 1600 whole",
                        "10.9.0.1 1600 cut", "10.9.1.2 1400 cut"));
    }

    @Test
    void shouldCutNothingOfIpv6() throws IOException {
        List<String> told = answers("fd09::1 56 whole", "fd09:1::1 1400 whole", "fd09:1::1 1400 whole",
                "fd09::1 1600 whole").stream().map(line -> line.replaceFirst(" echo=.*", "")).toList();
        assertEquals(List.of(
                "1/4 from fd09:0:0:0:0:0:0:1 mtu=0",
                "2/0 from fd09:0:0:0:0:0:0:1 mtu=1300",
                "2/0 from fd00:0:0:0:0:0:0:2 mtu=1300",
                "2/0 from fd00:0:0:0:0:0:0:2 mtu=1500"), told);
    }

    private List<String> answers(String... datagrams) throws IOException {
        return host.run(DatagramThroughRouter.class, datagrams);
    }
}
