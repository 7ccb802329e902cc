package org.vswitch.control;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.PortSettings;
import org.vswitch.guard.GuardSettings;

/// Which port gets which guard: the one that was asked for by the port's number; else what came with the link's URL;
/// else that of all clients, or what is usual for the kind of link.
///
/// Used on the data-plane thread, within questions.
public final class GuardPlan {
    private final BridgePorts ports;
    private final PortSettings settings;
    private final Map<Integer, GuardSettings> asked = new HashMap<>();
    private final BitSet clientPorts = new BitSet();
    private GuardSettings ofClients = GuardSettings.OFF;

    /// No guard for anybody.
    ///
    /// @param ports of the switch
    /// @param settings of the ports
    GuardPlan(BridgePorts ports, PortSettings settings) {
        this.ports = ports;
        this.settings = settings;
    }

    /// Sets what a switch begins with, before its data plane runs.
    ///
    /// @param wishes as the command line has them
    public void begin(GuardWishes wishes) {
        ofClients = wishes.clients();
        asked.putAll(wishes.ports());
    }

    /// Sets the guard of a port, whoever is plugged in or will be.
    ///
    /// @param number of the port, which need not exist
    /// @param wanted from now on; it has learned nothing yet
    public void ask(int number, GuardSettings wanted) {
        asked.put(number, wanted);
        if (ports.port(number) != null) {
            settings.guard(ports.port(number), wanted);
        }
    }

    /// The guard that a port gets as soon as somebody is plugged in, if that is still to come.
    ///
    /// @param number of the port, which need not exist
    /// @return empty if nothing was asked for by the port's number, or the port has it
    public Optional<GuardSettings> pending(int number) {
        GuardSettings present = ports.port(number) == null ? GuardSettings.OFF : ports.port(number).guardSettings();
        return Optional.ofNullable(asked.get(number)).filter(wanted -> !wanted.equals(present));
    }

    /// Sets the guard of all ports that clients are plugged into or will be, but for those that have one by number.
    ///
    /// @param wanted from now on
    public void askForClients(GuardSettings wanted) {
        ofClients = wanted;
        for (int number = clientPorts.nextSetBit(0); number >= 0; number = clientPorts.nextSetBit(number + 1)) {
            if (ports.port(number) != null) {
                apply(ports.port(number), wanted);
            }
        }
    }

    /// A client of the control socket is about to be plugged in.
    ///
    /// @param port where to
    void client(BridgePort port) {
        clientPorts.set(port.number());
        apply(port, ofClients);
    }

    /// A link of the administrator's is about to be plugged in.
    ///
    /// @param port where to
    /// @param usual for it
    void link(BridgePort port, GuardSettings usual) {
        clientPorts.clear(port.number());
        apply(port, usual);
    }

    /// A guard that stays keeps what it knows.
    private void apply(BridgePort port, GuardSettings usual) {
        GuardSettings wanted = asked.getOrDefault(port.number(), usual);
        if (!wanted.equals(port.guardSettings())) {
            settings.guard(port, wanted);
        }
    }
}
