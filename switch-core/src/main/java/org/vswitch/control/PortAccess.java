package org.vswitch.control;

import java.util.Set;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.PortSettings;
import org.vswitch.guard.GuardSettings;
import org.vswitch.link.Endpoint;

/// Who gets which port (facts of VDE 1.9).
///
/// Theory of operation. Plugging in takes two questions to the data plane, since the data socket's name contains the
/// port's number, and files are created on the control thread: [#reserve] chooses a port and holds it, [#attach] puts
/// the link to use. In between nobody else gets the port, unless it is the same user asking for it by number.
///
/// All endpoints of a port belong to one user; the port's own rules (user, group) are looked at when the first plugs
/// in. Who asks for no particular port gets the lowest one from 1 that is free, may be given away and is open to him.
/// Links that the administrator asked for have no user and are bound by neither rules nor limits.
///
/// Used on the data-plane thread, within questions.
final class PortAccess {
    /// The result of [#reserve] if there is no port.
    static final int NO_PORT = -1;
    /// The result of [#reserve] if the settings of the port asked for are for others.
    static final int DENIED = -2;
    /// The result of [#reserve] if the user has too many ports.
    static final int TOO_MANY = -3;
    /// The result of [#reserve] if it depends on the groups of the user, which the claim does not have.
    static final int GROUPS_NEEDED = -4;
    /// The result of [#reserve] if somebody else has the port asked for.
    static final int OCCUPIED = -5;

    private static final int ROOT = 0;

    private final BridgePorts ports;
    private final PortSettings settings;
    private final DataPlaneGate gate;
    private final GuardPlan guards;
    private final int maxPortsPerUser;
    private final int[] owner = new int[BridgePorts.MAX_COUNT];
    private final int[] holders = new int[BridgePorts.MAX_COUNT];

    /// Access to the ports of a switch.
    ///
    /// @param control of the switch
    /// @param maxPortsPerUser the most ports of one user
    PortAccess(SwitchControl control, int maxPortsPerUser) {
        this.ports = control.ports();
        this.settings = control.settings();
        this.gate = control.gate();
        this.guards = control.guards();
        this.maxPortsPerUser = maxPortsPerUser;
    }

    /// Somebody wants a port.
    ///
    /// @param wanted its number, or [#ANY]
    /// @param uid who, as the kernel says; [BridgePort#NOBODY] for the administrator's links
    /// @param groups those the user belongs to; null if they have not been looked up
    record Claim(int wanted, int uid, Set<Integer> groups) {
        /// The lowest free port.
        static final int ANY = -1;

        boolean isAdministrators() {
            return uid == BridgePort.NOBODY;
        }
    }

    /// Chooses a port and holds it for the claim, until [#release].
    ///
    /// @param claim who wants which
    /// @return a port number, or one of the negative results
    int reserve(Claim claim) {
        int port = claim.wanted() == Claim.ANY ? lowest(claim) : check(claim);
        if (port >= 0) {
            if (holders[port]++ == 0) {
                owner[port] = claim.uid();
            }
        }
        return port;
    }

    /// Puts a link to use at a reserved port, which comes into being if it does not exist.
    ///
    /// @param plug at a port that was reserved for it; `onDetached` must release it
    /// @param shownUser whom consoles show as the user of the port
    /// @return the endpoint, in use; null if commands have made the port impossible meanwhile
    Endpoint attach(DataPlaneGate.Plug plug, int shownUser) {
        BridgePort port = ready(plug.port());
        if (port == null) {
            return null;
        }
        if (!port.isActive()) {
            port.currentUser(shownUser);
            guards.client(port);
        }
        return gate.attach(plug);
    }

    /// Puts a link of the administrator's to use, as [#attach(DataPlaneGate.Plug, int)] does a client's.
    ///
    /// @param plug at a port that was reserved for it; `onDetached` must release it
    /// @param guard of the port unless it has one by number; of several links of a port the first has its way
    /// @return the endpoint, in use; null if commands have made the port impossible meanwhile
    Endpoint attach(DataPlaneGate.Plug plug, GuardSettings guard) {
        BridgePort port = ready(plug.port());
        if (port == null) {
            return null;
        }
        if (!port.isActive()) {
            port.currentUser(BridgePort.NOBODY);
            guards.link(port, guard);
        }
        return gate.attach(plug);
    }

    private BridgePort ready(int number) {
        if (number >= ports.count()) {
            return null;
        }
        return ports.port(number) == null ? settings.create(number, true) : ports.port(number);
    }

    /// Ends what [#reserve] began.
    ///
    /// @param port as reserved
    void release(int port) {
        holders[port]--;
    }

    private int lowest(Claim claim) {
        if (isFull(claim)) {
            return TOO_MANY;
        }
        for (int number = 1; number < ports.count(); number++) {
            BridgePort port = ports.port(number);
            if (isFree(number) && (port == null || port.isAllocatable())) {
                int verdict = mayUse(claim, port, number);
                if (verdict != DENIED) {
                    return verdict;
                }
            }
        }
        return NO_PORT;
    }

    private int check(Claim claim) {
        int number = claim.wanted();
        if (number < 0 || number >= ports.count()) {
            return NO_PORT;
        }
        if (claim.isAdministrators()) {
            return number;
        }
        if (!isFree(number)) {
            return owner[number] == claim.uid() ? number : OCCUPIED;
        }
        return isFull(claim) ? TOO_MANY : mayUse(claim, ports.port(number), number);
    }

    private boolean isFree(int number) {
        return holders[number] == 0;
    }

    /// The number if the port's rules allow it.
    private static int mayUse(Claim claim, BridgePort port, int number) {
        if (port == null || claim.isAdministrators() || claim.uid() == ROOT
                || port.allowedUser() == BridgePort.NOBODY && port.allowedGroup() == BridgePort.NOBODY
                || port.allowedUser() == claim.uid()) {
            return number;
        }
        if (port.allowedGroup() == BridgePort.NOBODY) {
            return DENIED;
        }
        if (claim.groups() == null) {
            return GROUPS_NEEDED;
        }
        return claim.groups().contains(port.allowedGroup()) ? number : DENIED;
    }

    private boolean isFull(Claim claim) {
        if (claim.isAdministrators()) {
            return false;
        }
        int count = 0;
        for (int number = 0; number < ports.count(); number++) {
            count += !isFree(number) && owner[number] == claim.uid() ? 1 : 0;
        }
        return count >= maxPortsPerUser;
    }
}
