package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.MacTable;
import org.vswitch.control.PortAccess.Claim;
import org.vswitch.engine.DataPlane;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.linux.LinuxException;

/// The test's thread is the data plane.
class PortAccessTest {
    private static final int ALICE = 1000;
    private static final int BOB = 1001;
    private static final int ROOT = 0;
    private static final int STAFF = 50;

    private DataPlane plane;
    private BridgePorts ports;
    private SwitchControl control;
    private PortAccess access;

    @BeforeEach
    void start() throws LinuxException {
        plane = new DataPlane();
        ports = new BridgePorts(6);
        Bridge bridge = new Bridge(ports, new MacTable(16), plane.egress(), plane);
        plane.forwarder(bridge);
        control = new SwitchControl(bridge, plane);
        access = new PortAccess(control, 3);
    }

    @AfterEach
    void end() {
        plane.onClose();
    }

    @Test
    void shouldGiveTheLowestFreePortFrom1() {
        assertEquals(1, any(ALICE));
        assertEquals(2, any(BOB));
        access.release(1);
        assertEquals(1, any(BOB));
        assertEquals(3, any(BOB));
    }

    @Test
    void shouldSayWhenThereIsNoPort() {
        for (int number = 1; number < 6; number++) {
            assertEquals(number, any(number < 4 ? ALICE : BOB));
        }
        assertEquals(PortAccess.NO_PORT, any(BOB));
        assertEquals(PortAccess.NO_PORT, claim(6, BOB));
        assertEquals(PortAccess.NO_PORT, claim(0xffffff, BOB));
    }

    @Test
    void shouldGivePort0OnlyOnRequest() {
        assertEquals(0, claim(0, ALICE));
        assertEquals(1, any(ALICE));
    }

    @Test
    void shouldSkipPortsThatMayNotBeGivenAway() {
        control.settings().create(1, false);
        assertEquals(2, any(ALICE));
        assertEquals(1, claim(1, ALICE));
    }

    @Test
    void shouldLetOneUserHaveSeveralEndpointsOfAPort() {
        assertEquals(3, claim(3, ALICE));
        assertEquals(3, claim(3, ALICE));
        assertEquals(PortAccess.OCCUPIED, claim(3, BOB));
        assertEquals(PortAccess.OCCUPIED, claim(3, ROOT));
        access.release(3);
        assertEquals(PortAccess.OCCUPIED, claim(3, BOB));
        access.release(3);
        assertEquals(3, claim(3, BOB));
    }

    @Test
    void shouldBoundThePortsOfAUserButNotHisEndpoints() {
        for (int i = 0; i < 3; i++) {
            any(ALICE);
        }
        assertEquals(PortAccess.TOO_MANY, any(ALICE));
        assertEquals(PortAccess.TOO_MANY, claim(5, ALICE));
        assertEquals(2, claim(2, ALICE));
        assertEquals(4, any(BOB));
    }

    @Test
    void shouldLetOnlyTheUserOfAPortIn() {
        control.settings().create(1, true).allowedUser(ALICE);
        assertEquals(PortAccess.DENIED, claim(1, BOB));
        assertEquals(2, any(BOB));
        assertEquals(1, claim(1, ROOT));
        access.release(1);
        assertEquals(1, any(ALICE));
    }

    @Test
    void shouldAskForGroupsOnlyWhereTheyMatter() {
        BridgePort port = control.settings().create(1, true);
        port.allowedUser(ALICE);
        port.allowedGroup(STAFF);
        assertEquals(PortAccess.GROUPS_NEEDED, claim(1, BOB));
        assertEquals(PortAccess.DENIED, access.reserve(new Claim(1, BOB, Set.of(BOB))));
        assertEquals(1, access.reserve(new Claim(1, BOB, Set.of(BOB, STAFF))));
        assertEquals(2, claim(2, BOB));
        access.release(1);
        assertEquals(1, claim(1, ALICE));
    }

    @Test
    void shouldLookAtRulesOnlyWhenThePortIsEmpty() {
        assertEquals(1, any(BOB));
        control.settings().create(1, true).allowedUser(ALICE);
        assertEquals(1, claim(1, BOB));
    }

    @Test
    void shouldBindTheAdministratorsLinksByNothing() {
        control.settings().create(1, true).allowedUser(ALICE);
        assertEquals(1, any(BridgePort.NOBODY));
        assertEquals(PortAccess.OCCUPIED, claim(1, ALICE));
        assertEquals(2, any(ALICE));
        assertEquals(2, claim(2, BridgePort.NOBODY));
        for (int number = 3; number < 6; number++) {
            assertEquals(number, any(BridgePort.NOBODY));
        }
        assertEquals(PortAccess.NO_PORT, any(BridgePort.NOBODY));
    }

    @Test
    void shouldCreateThePortWhenSomethingIsPluggedIn() {
        assertEquals(1, any(ALICE));
        assertNull(ports.port(1));
        Endpoint endpoint = access.attach(plug(1), ALICE);
        assertTrue(ports.port(1).isActive());
        assertTrue(ports.port(1).isAllocatable());
        assertEquals(ALICE, ports.port(1).currentUser());
        plane.detach(endpoint);
        assertEquals(BridgePort.NOBODY, ports.port(1).currentUser());
        assertEquals(1, any(BOB));
    }

    @Test
    void shouldNotAttachToAPortThatCommandsMadeImpossible() {
        assertEquals(5, claim(5, ALICE));
        assertTrue(ports.count(3));
        assertNull(access.attach(plug(5), ALICE));
        assertEquals(2, claim(2, ALICE));
        control.settings().create(2, true);
        control.settings().remove(2);
        assertNotNull(access.attach(plug(2), ALICE));
    }

    private DataPlaneGate.Plug plug(int port) {
        return new DataPlaneGate.Plug(port, port, new ProbeLink(LinkFeatures.plain(1514, 0)),
                new LinkLabel("probe", ""), () -> access.release(port));
    }

    private int any(int uid) {
        return claim(Claim.ANY, uid);
    }

    private int claim(int port, int uid) {
        return access.reserve(new Claim(port, uid, null));
    }
}
