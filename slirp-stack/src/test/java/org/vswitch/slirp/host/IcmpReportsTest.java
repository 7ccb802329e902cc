package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.vswitch.slirp.fixture.RoutedSandbox;

/// What a router on the way reports, in two namespaces: one with a host network, one that is its router.
class IcmpReportsTest {
    private static final String V4_ROUTER = "from 0:ffff0a090001";
    private static final String V6_ROUTER = "from fd09000000000000:1";

    @RegisterExtension
    final RoutedSandbox host = new RoutedSandbox();

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

    /// About connections: who is one hop further than the limit is not reached.
    @Test
    void shouldTellWhereAConnectionEnds() throws IOException {
        assertEquals(List.of(
                "EHOSTUNREACH 11/0 mtu=0 " + V4_ROUTER + " quote=0 of=0",
                "EHOSTUNREACH 3/0 mtu=0 " + V6_ROUTER + " quote=0 of=0",
                "EHOSTUNREACH 3/13 mtu=0 " + V4_ROUTER + " quote=0 of=0",
                "EACCES 1/1 mtu=0 " + V6_ROUTER + " quote=0 of=0",
                "ECONNREFUSED", "ECONNREFUSED"),
                reports("tcp 10.9.1.1 1 0", "tcp fd09:1::1 1 0", "tcp 10.9.8.1 30 0", "tcp fd09:8::1 30 0",
                        "tcp 10.9.0.1 1 0", "tcp fd09::1 1 0"));
    }

    private List<String> reports(String... datagrams) throws IOException {
        return host.run(SendForReport.class, datagrams);
    }
}
