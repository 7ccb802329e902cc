package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.vswitch.fixture.Frames.A;
import static org.vswitch.fixture.Frames.B;
import static org.vswitch.fixture.Frames.C;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.frame.Drop;
import org.vswitch.guard.GuardSettings;
import org.vswitch.wire.Bpdu;

/// What a guard refuses leaves no trace on the bridge.
class BridgeGuardTest {
    private final BridgeRig rig = new BridgeRig();
    private final ProbeLink guest = rig.plug(1);
    private final ProbeLink second = rig.plug(2);
    private final ProbeLink router = rig.plug(3);

    @AfterEach
    void bothLedgersHold() {
        assertEquals("", rig.imbalance());
    }

    @Test
    void shouldNotLearnFromRefusedFrames() throws IOException {
        guard(1, "mac=02:00:00:00:00:0a");
        rig.inject(guest, Frames.plain(B, C, 60), Frames.tagged(Frames.plain(B, C, 60), 0));
        assertEquals(0, rig.addresses.count());
        assertEquals(0, router.sent().size());
        assertEquals(2, dropped(Drop.GUARD_MAC));
        rig.inject(guest, Frames.plain(B, A, 60));
        assertEquals(1, rig.addresses.count());
        assertEquals(1, router.sent().size());
    }

    @Test
    void shouldKeepTheAddressOfTheRouterAtItsPort() throws IOException {
        guard(1, "macs=1+bpdu");
        guard(3, "trusted");
        rig.inject(guest, Frames.plain(A, B, 60));
        assertEquals(1, rig.addresses.port(rig.addresses.find(B, 0)));
        rig.pass(10);
        rig.inject(router, Frames.plain(A, B, 60));
        rig.inject(guest, Frames.plain(A, B, 60));
        assertEquals(3, rig.addresses.port(rig.addresses.find(B, 0)));
        assertEquals(1, dropped(Drop.GUARD_MAC));
    }

    @Test
    void shouldGuardAHubToo() throws IOException {
        rig.bridge.hub(true);
        guard(1, "mac=02:00:00:00:00:0a");
        rig.inject(guest, Frames.plain(B, C, 60));
        assertEquals(0, router.sent().size());
        assertEquals(1, dropped(Drop.GUARD_MAC));
    }

    @Test
    void shouldKeepIsolatedPortsApart() throws IOException {
        guard(1, "isolated");
        guard(2, "isolated");
        rig.inject(guest, Frames.plain(Frames.BROADCAST, A, 60));
        assertEquals(0, second.sent().size());
        assertEquals(1, router.sent().size());
        rig.inject(second, Frames.plain(A, B, 60));
        assertEquals(0, guest.sent().size());
        assertEquals(1, rig.ports.port(2).discarded(Drop.ISOLATED));
        rig.inject(router, Frames.plain(Frames.BROADCAST, C, 60), Frames.plain(A, C, 60));
        assertEquals(2, guest.sent().size());
        assertEquals(1, second.sent().size());
        assertNull(rig.ports.port(1).guard(), "isolation needs nobody to be asked");
    }

    /// A guest that says it were the root of the spanning tree, with a better priority than the switch has.
    @Test
    void shouldKeepGuestsOutOfTheSpanningTree() throws IOException {
        TreeSettings tree = new BridgeTree(rig.bridge, B, 0x8000, 1_000_000_000_000L).tree();
        tree.enable(true);
        byte[] root = new Bpdu(Bpdu.DESIGNATED_PORT, A, 0, A, Bpdu.portId(1), 0).emit();
        guard(1, "clean-traffic");
        rig.inject(guest, root);
        assertEquals(1, dropped(Drop.GUARD_BPDU));
        assertEquals(0, rig.ports.port(1).consumed());
        assertEquals(tree.bridgeId(), tree.view(0).root());
        rig.inject(second, root);
        assertEquals(1, rig.ports.port(2).consumed());
        assertEquals(A, tree.view(0).root(), "without a guard it is");
    }

    /// What is neither IP nor ARP does not even make its sender known.
    @Test
    void shouldForwardOnlyTypesThatWereLookedInto() throws IOException {
        guard(1, "types");
        rig.inject(guest, Frames.plain(Frames.BROADCAST, A, 60), Frames.plain(B, A, 60));
        assertEquals(0, rig.addresses.count());
        assertEquals(0, router.sent().size() + second.sent().size());
        assertEquals(2, dropped(Drop.GUARD_TYPE));
    }

    @Test
    void shouldLimitOnlyWhatItHasToFlood() throws IOException {
        guard(1, "unknown=16");
        rig.inject(second, Frames.plain(Frames.BROADCAST, B, 60));
        for (int i = 0; i < 20; i++) {
            rig.inject(guest, Frames.plain(C, A, 60), Frames.plain(B, A, 60), Frames.plain(Frames.BROADCAST, A, 60));
        }
        assertEquals(4, dropped(Drop.RATE_UNKNOWN));
        assertEquals(56, second.sent().size());
    }

    @Test
    void shouldLookIntoSuperFrames() throws IOException {
        guard(1, "ip=10.0.0.1");
        byte[] own = Frames.ethernet(B, A, Frames.IPV4, Frames.ipv4(Frames.TCP, Frames.tcp(0x10, new byte[3_000])));
        byte[] spoofed = own.clone();
        spoofed[29] = 9;
        rig.injectSuperFrames(guest, own, spoofed);
        assertEquals(1, dropped(Drop.GUARD_IP));
        assertEquals(3, router.sent().size(), "segments of 1,400 bytes");
    }

    @Test
    void shouldBeginAnewWithWhoPlugsInNext() throws IOException {
        guard(1, "macs=1");
        rig.inject(guest, Frames.plain(B, A, 60));
        rig.unplug(guest);
        ProbeLink next = rig.plug(1);
        rig.inject(next, Frames.plain(B, C, 60), Frames.plain(B, A, 60));
        assertEquals(1, dropped(Drop.GUARD_MAC));
        assertEquals(2, router.sent().size());
    }

    @Test
    void shouldGoWithThePort() throws IOException {
        guard(1, "macs=1");
        guard(3, "trusted");
        rig.unplug(guest);
        rig.settings.remove(1);
        assertNull(rig.ports.port(3).guard(), "nobody needs to know what it says");
    }

    private void guard(int port, String settings) throws IOException {
        rig.settings.guard(rig.ports.port(port), GuardSettings.parse(settings));
    }

    private long dropped(Drop reason) {
        return rig.ports.port(1).discarded(reason);
    }
}
