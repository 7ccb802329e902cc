package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.link.LinkUrl;
import org.vswitch.slirp.SlirpConfig.Names;
import org.vswitch.slirp.SlirpConfig.V6Address;
import org.vswitch.slirp.host.FakeHostNetwork;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.wire.AddressText;

class SlirpOptionsTest {
    private static final long FD00 = 0xfd00_0000_0000_0000L;

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "[]", "/v4/v6", "[v6,v4]", "/host=10.0.2.2", "/addr6=fd00::2/64"})
    void shouldBeLibslirpsNetworkUnlessToldOtherwise(String rest) throws IOException {
        SlirpConfig config = config(rest);
        assertEquals(SlirpConfig.usual(), config);
        assertTrue(config.hasV4() && config.hasV6());
        assertEquals("10.0.2.2", v4(config.v4().low()));
        assertEquals("10.0.2.3", v4(config.v4Dns()));
        assertEquals("10.0.2.15", v4(config.v4DhcpStart()));
        assertEquals(new V6Address(FD00, 3), config.v6Dns());
        assertEquals(1500, config.options().mtu());
        assertEquals(Reach.WORLD, config.options().reach());
        assertEquals(0x5255_0a00_0202L, config.mac());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/host=192.168.7.1/20/mtu=9000/host-loopback=allow/v4",
        "/mtu=9000/v4/host-loopback=allow/host=192.168.7.1/20",
        "/host='192.168.7.1/20'/mtu=9000/v4/host-loopback=allow",
        "/host=192.168.7.1\\/20/mtu=9000/v4/host-loopback=allow",
        "/host=192.168.7.1%2F20/mtu=9000/v4/host-loopback=allow/",
        "[host=192.168.7.1/20,mtu=9000,host-loopback=allow,v4]",
        "/addr=192.168.7.1/20/v4/mt=9000/host-loopback=allow"})
    void shouldReadSlashesAndBracketsAlike(String rest) throws IOException {
        SlirpConfig config = config(rest);
        assertEquals("192.168.7.1", v4(config.v4().low()));
        assertEquals(96 + 20, config.v4().prefixLength());
        assertEquals("192.168.0.3", v4(config.v4Dns()), "station 3 of the network");
        assertEquals("192.168.0.15", v4(config.v4DhcpStart()), "station 15 of the network");
        assertEquals(9000, config.options().mtu());
        assertEquals(Reach.WORLD_AND_HOST, config.options().reach());
        assertFalse(config.hasV6());
    }

    @Test
    void shouldTakeEveryAddressThatFits() throws IOException {
        SlirpConfig config = config("/host=10.9.8.7/24/vnameserver=10.9.8.6/dhcp=10.9.8.100/host6=fd01::7/60"
                + "/vnameserver6=fd01:0:0:f::1");
        assertEquals("10.9.8.7", v4(config.v4().low()));
        assertEquals("10.9.8.6", v4(config.v4Dns()));
        assertEquals("10.9.8.100", v4(config.v4DhcpStart()));
        assertEquals(0xfd01_0000_0000_0000L, config.v6().high());
        assertEquals(7, config.v6().low());
        assertEquals(60, config.v6().prefixLength());
        assertEquals(new V6Address(0xfd01_0000_0000_000fL, 1), config.v6Dns());
    }

    @ParameterizedTest
    @CsvSource({"10.1.1.1/29, 10.1.1.3, 10.1.1.4", "10.1.1.3/29, 10.1.1.2, 10.1.1.4",
        "10.1.1.14/28, 10.1.1.3, 10.1.1.4",
        "10.1.1.4/29, 10.1.1.3, 10.1.1.5", "10.1.1.15/27, 10.1.1.3, 10.1.1.16",
        "10.1.1.1/27, 10.1.1.3, 10.1.1.15", "10.1.1.1/8, 10.0.0.3, 10.0.0.15"})
    void shouldFindRoomForTheNameServerAndLeases(String host, String dns, String start) throws IOException {
        SlirpConfig config = config("/host=" + host);
        assertEquals(dns, v4(config.v4Dns()));
        assertEquals(start, v4(config.v4DhcpStart()));
    }

    @Test
    void shouldMoveTheFirstLeaseOutOfTheWay() throws IOException {
        assertEquals("10.0.2.17", v4(config("/host=10.0.2.15/vnameserver=10.0.2.16").v4DhcpStart()));
        assertEquals("10.0.2.17", v4(config("/host=10.0.2.16/vnameserver=10.0.2.15").v4DhcpStart()));
    }

    @Test
    void shouldMoveTheNameServerOutOfTheRoutersWay() throws IOException {
        assertEquals(new V6Address(FD00, 2), config("/host6=fd00::3").v6Dns());
        assertEquals(new V6Address(FD00, 0x1_0003), config("/host6=fd00::1:1/112").v6Dns());
    }

    @Test
    void shouldSwitchAFamilyOff() throws IOException {
        SlirpConfig v6 = config("/v6");
        assertTrue(v6.hasV6() && !v6.hasV4() && !v6.subnets().speaksV4() && v6.subnets().speaksV6());
        SlirpConfig v4 = config("/v4");
        assertTrue(v4.hasV4() && !v4.hasV6() && v4.subnets().speaksV4() && !v4.subnets().speaksV6());
        assertFalse(config("/mtu=1279").hasV6(), "RFC 8200, 5");
        assertTrue(config("/mtu=1280").hasV6());
        assertFalse(v6.subnets().own().contains(0, v6.v4().low()));
        assertFalse(v4.subnets().own().contains(FD00, 2));
    }

    @Test
    void shouldHaveTheSameStationAfterARestartAndAnotherForAnotherAddress() throws IOException {
        assertEquals(config("/host=10.1.2.3").mac(), config("/host=10.1.2.3/16").mac());
        assertEquals(0x5255_0a01_0203L, config("/host=10.1.2.3").mac());
        assertEquals(0x0255_0000_0001L, config("/mac=02:55:0:0:0:1/host=10.1.2.3").mac());
        assertNotEquals(config("/v6/host6=fd00::2").mac(), config("/v6/host6=fd01::2").mac());
    }

    @Test
    void shouldReadPolicyLimitsAndNames() throws IOException {
        assertEquals(Reach.ROUTER_ONLY, config("/restricted").options().reach());
        assertEquals(Reach.WORLD, config("/disable_host_loopback/host-loopback=deny").options().reach());
        assertEquals(Reach.ROUTER_ONLY, config("/restricted/disable_host_loopback").options().reach());
        assertEquals(100, config("/flows=100").options().flows());
        assertEquals(SlirpConfig.usual(), config("/mru=9000"), "whatever a guest sends is taken");
        assertEquals(new Names("box-1", "example.org", List.of("a.example", "b_1.example")),
                config("/hostname=box-1/vdomainname=example.org/vdnssearch=a.example,b_1.example").names());
        assertEquals(List.of("a", "b"), config("[vdnssearch='a,b']").names().search());
        assertFalse(config("/dhcp=off").hasDhcp());
        assertFalse(config("/v6").hasDhcp());
        assertTrue(config("/dhcp=10.0.2.9").hasDhcp());
        assertTrue(SlirpOptions.of(LinkUrl.parse("slirp:///verbose")).verbose());
        assertFalse(SlirpOptions.of(LinkUrl.parse("slirp://")).isThreadOwn());
        assertFalse(SlirpOptions.of(LinkUrl.parse("slirp:///thread=data-plane")).isThreadOwn());
        assertTrue(SlirpOptions.of(LinkUrl.parse("slirp://[v4,thread=own]")).isThreadOwn());
    }

    @Test
    void shouldDescribeTheRouterInWords() throws IOException {
        assertEquals("no IPv4; fd00::2/64, name server fd00::3; MAC 52:55:fd:00:00:02, MTU 1500, "
                + "at most 32768 flows, guests reach the world, but not this host; host name slirp",
                config("/v6").toString());
        assertEquals("10.0.2.2/24, name server 10.0.2.3, leases from 10.0.2.15; no IPv6; MAC 52:55:0a:00:02:02, "
                + "MTU 9000, at most 32768 flows, guests reach nothing but the router; host name vm; domain a.example; "
                + "search list a b",
                config("[v4,mtu=9000,restricted,hostname=vm,vdomainname=a.example,vdnssearch='a,b']").toString());
    }

    /// As the switch reads its own.
    @ParameterizedTest
    @ValueSource(strings = {"/mtu=1400", "/mtu=0x578", "/mtu=0X578", "/mtu=02570", "[mtu=0x578]",
        "/host=10.0.2.2/mtu=1400", "/host=10.0.2.2/24/mtu=1400", "/host=10.0.2.2/verb/mtu=1400"})
    void shouldReadNumbersAsCWritesThem(String rest) throws IOException {
        assertEquals(1400, config(rest).options().mtu());
    }

    /// What `port/gauges` will show, not what was wished for.
    @Test
    void shouldTellHowManyFlowsThereMayBeAndWhy() throws IOException {
        assertTrue(config("/flows=1000").describe(1000).contains(", at most 1000 flows, guests"));
        assertTrue(config("/flows=1000").describe(50)
                .contains(", at most 50 flows instead of 1000 for want of descriptors (ulimit -n), guests"));
    }

    @Test
    void shouldTellWhetherGuestsCanPing() throws IOException {
        try (FakeHostNetwork host = new FakeHostNetwork()) {
            assertEquals("guests cannot ping the outside: this user is not in net.ipv4.ping_group_range",
                    SlirpScheme.pings(host));
            host.permitPing();
            assertEquals("guests can ping the outside", SlirpScheme.pings(host));
            assertEquals(0, host.openSockets());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "                            |                              | IPv4 network (host=)",
        "/host=10.0.0.1/16           | /v4                          | IPv4 network (host=)",
        "/v4                         | /host=10.0.0.1/16            | IPv4 network (host=)",
        "/host=10.1.0.1              | ''                           | IPv6 network (host6=)",
        "/v6/host6=fd00::1:0:0:0:9/60 | /v6                         | IPv6 network (host6=)",
        "/v6/host6=fd01::2           | /v6                      | station number, and so link-local address (host6=)",
        "/v4/mac=02:00:00:00:00:01   | /v6/mac=02:00:00:00:00:01    | MAC address (mac=)"})
    void shouldSayWhatTwoRoutersOfOneNetworkMayNotShare(String one, String other, String common) {
        assertEquals(Optional.of(common), clash(one, other));
        assertEquals(Optional.of(common), clash(other, one));
    }

    @ParameterizedTest
    @CsvSource({"/v4, /v6", "/host=10.1.0.1/v4, ''", "/host=10.1.0.1/host6=fd01::3, ''", "/mtu=abc, ''",
        "'', /nosuch"})
    void shouldLetRoutersOfDifferentNetworksBe(String one, String other) {
        assertEquals(Optional.empty(), clash(one, other));
    }

    private static Optional<String> clash(String one, String other) {
        return new SlirpScheme().clash(new LinkUrl("slirp", one == null ? "" : one),
                new LinkUrl("slirp", other == null ? "" : other));
    }

    private static SlirpConfig config(String rest) throws IOException {
        return SlirpOptions.of(LinkUrl.parse("slirp://" + rest)).config();
    }

    private static String v4(long low) {
        return new AddressText(0, low).toString();
    }
}
