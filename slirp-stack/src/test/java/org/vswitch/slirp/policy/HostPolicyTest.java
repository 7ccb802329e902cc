package org.vswitch.slirp.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.slirp.SlirpConfig;
import org.vswitch.slirp.host.FakeHostNetwork;
import org.vswitch.wire.AddressText;

/// Where guests may go, by the address that the host's kernel would be given: T81, bad inputs 34 and 35.
class HostPolicyTest {
    private static final int PORT = 80;

    private final FakeHostNetwork host = new FakeHostNetwork();
    private final HostTarget target = new HostTarget();

    @ParameterizedTest
    @ValueSource(strings = {"198.51.100.1", "10.0.3.1", "192.168.1.1", "169.253.255.255", "169.255.0.0",
        "2001:db8::1", "fd01::1", "64:ff9b::c633:6401"})
    void shouldLetGuestsIntoTheWorld(String address) {
        for (Reach reach : new Reach[] {Reach.WORLD, Reach.WORLD_AND_HOST}) {
            assertTrue(mayReach(reach, address));
            assertEquals(parse(address), new AddressText(target.high, target.low));
            assertEquals(PORT, target.port);
        }
        assertFalse(mayReach(Reach.ROUTER_ONLY, address));
    }

    @ParameterizedTest
    @CsvSource({"10.0.2.2, 127.0.0.1", "fd00::2, ::1", "fe80::2, ::1"})
    void shouldTakeTheRoutersAddressForTheHostIfThatIsAllowed(String address, String loopback) {
        assertFalse(mayReach(Reach.ROUTER_ONLY, address));
        assertFalse(mayReach(Reach.WORLD, address));
        assertTrue(mayReach(Reach.WORLD_AND_HOST, address));
        assertEquals(parse(loopback), new AddressText(target.high, target.low));
        assertTrue(HostPolicy.isShownAsRouter(target.high, target.low));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "2001:db8::7"})
    void shouldKeepGuestsFromTheHostsOwnAddresses(String address) {
        AddressText own = parse(address);
        assertTrue(mayReach(Reach.WORLD, address));
        host.own(own.high(), own.low());
        assertFalse(mayReach(Reach.WORLD, address));
        assertTrue(mayReach(Reach.WORLD_AND_HOST, address));
    }

    /// Linux connects to itself at 0.0.0.0 and ::, too.
    @ParameterizedTest
    @EnumSource(Reach.class)
    void shouldNeverReachTheLoopbackByItsOwnName(Reach reach) {
        for (String address : new String[] {"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::"}) {
            assertFalse(mayReach(reach, address), address);
        }
    }

    @ParameterizedTest
    @EnumSource(Reach.class)
    void shouldNeverReachWhatIsNobodysOrTheGuestsOwn(Reach reach) {
        for (String address : new String[] {"10.0.2.3", "fd00::3", "10.0.2.15", "10.0.2.255", "fd00::15", "224.0.0.251",
            "255.255.255.255", "240.0.0.1", "ff02::1", "ff0e::1", "fe80::1", "169.254.0.1", "169.254.169.254",
            "169.254.170.2", "fd00:ec2::254"}) {
            assertFalse(mayReach(reach, address), address);
        }
    }

    private boolean mayReach(Reach reach, String address) {
        AddressText to = parse(address);
        return new HostPolicy(host, SlirpConfig.usual().subnets(), reach).choose(to.high(), to.low(), PORT, target);
    }

    private static AddressText parse(String address) {
        return AddressText.v4(address).or(() -> AddressText.v6(address)).orElseThrow();
    }
}
