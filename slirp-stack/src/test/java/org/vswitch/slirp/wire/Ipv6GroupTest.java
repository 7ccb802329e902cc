package org.vswitch.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.vswitch.wire.MacAddress;

class Ipv6GroupTest {
    @Test
    void shouldFormTheExampleOfRfc4291() {
        // 4037::01:800:200e:8c6c is asked for in ff02::1:ff0e:8c6c
        assertEquals(0x0000_0001_ff0e_8c6cL, Ipv6Group.solicitedNode(0x0001_0800_200e_8c6cL));
    }

    @Test
    void shouldIgnoreWhatNodesOfOneGroupDifferIn() {
        assertEquals(0x0000_0001_ffff_ffffL, Ipv6Group.solicitedNode(-1));
        assertEquals(0x0000_0001_ff00_0000L, Ipv6Group.solicitedNode(0xffff_ffff_ff00_0000L));
    }

    @Test
    void shouldFindTheStationOfAGroup() {
        assertEquals("33:33:00:00:00:01", MacAddress.toText(Ipv6Group.station(Ipv6Group.ALL_NODES)));
        assertEquals("33:33:00:00:00:02", MacAddress.toText(Ipv6Group.station(Ipv6Group.ALL_ROUTERS)));
        assertEquals("33:33:ff:0e:8c:6c", MacAddress.toText(Ipv6Group.station(0x0000_0001_ff0e_8c6cL)));
        assertEquals("33:33:ff:ff:ff:ff", MacAddress.toText(Ipv6Group.station(-1)));
    }
}
