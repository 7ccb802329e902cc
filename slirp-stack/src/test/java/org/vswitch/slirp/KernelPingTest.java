package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.vswitch.slirp.fixture.RoutedSandbox;

/// Pings of a guest through the kernel's ping sockets, with a router on the way: T39, T41 to T43, T46.
class KernelPingTest {
    @RegisterExtension
    final RoutedSandbox host = new RoutedSandbox();

    @Test
    void shouldBringAnswersAndReports() throws IOException {
        assertEquals(List.of(
                "0/0 from 10.9.0.1 bytes=64 echo=12340000",
                "0/0 from 10.9.0.1 bytes=65515 echo=12340001",
                "11/0 from 10.9.0.1 mtu=0 echo=12340002",
                "3/1 from 10.9.0.1 mtu=0 echo=12340003",
                "3/13 from 10.9.0.1 mtu=0 echo=12340004",
                "3/4 from 10.9.0.1 mtu=1300 echo=12340005",
                "11/0 from 10.0.2.2 mtu=0 echo=12340006",
                "3/13 from 10.0.2.2 mtu=0 echo=12340007",
                "0/0 from 10.0.2.2 bytes=64 echo=12340008"),
                answers("10.9.0.1 64 56", "10.9.0.1 64 65507", "10.9.1.1 2 56", "10.9.11.1 64 56", "10.9.8.1 64 56",
                        "10.9.1.1 64 1400", "10.9.0.1 1 56", "10.9.0.2 64 56", "10.0.2.2 64 56"));
    }

    @Test
    void shouldBringAnswersAndReportsOfIpv6() throws IOException {
        assertEquals(List.of(
                "129/0 from fd09:0:0:0:0:0:0:1 bytes=64 echo=12340000",
                "129/0 from fd09:0:0:0:0:0:0:1 bytes=65535 echo=12340001",
                "3/0 from fd09:0:0:0:0:0:0:1 mtu=0 echo=12340002",
                "1/0 from fd09:0:0:0:0:0:0:1 mtu=0 echo=12340003",
                "1/1 from fd09:0:0:0:0:0:0:1 mtu=0 echo=12340004",
                "2/0 from fd09:0:0:0:0:0:0:1 mtu=1300 echo=12340005",
                "3/0 from fd00:0:0:0:0:0:0:2 mtu=0 echo=12340006",
                "1/1 from fd00:0:0:0:0:0:0:2 mtu=0 echo=12340007",
                "129/0 from fd00:0:0:0:0:0:0:2 bytes=64 echo=12340008"),
                answers("fd09::1 64 56", "fd09::1 64 65527", "fd09:1::1 2 56", "fd09:11::1 64 56", "fd09:8::1 64 56",
                        "fd09:1::1 64 1400", "fd09::1 1 56", "fd09::2 64 56", "fd00::2 64 56"));
    }

    @Test
    void shouldSayThatTheKernelAllowsNone() throws IOException {
        host.allowPings("1 0");
        assertEquals(List.of("3/13 from 10.0.2.2 mtu=0 echo=12340000",
                "1/1 from fd00:0:0:0:0:0:0:2 mtu=0 echo=12340001", "0/0 from 10.0.2.2 bytes=64 echo=12340002"),
                answers("10.9.0.1 64 56", "fd09::1 64 56", "10.0.2.2 64 56"));
    }

    private List<String> answers(String... pings) throws IOException {
        return host.run(PingThroughRouter.class, pings);
    }
}
