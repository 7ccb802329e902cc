package org.vswitch.control;

/// What a switch is before anybody changes it by commands.
///
/// @param portCount how many ports there may be: numbers 0 to one below
/// @param hub whether every frame goes to every port
/// @param spanningTree whether the spanning tree is on; without effect in a hub
/// @param macAddress the switch's own address, or [#RANDOM]
/// @param priority of this bridge in the spanning tree, 0 to 65,535
/// @param addresses the table of learned addresses
/// @param guards of the ports
public record BridgeSettings(int portCount, boolean hub, boolean spanningTree, long macAddress, int priority,
        Addresses addresses, GuardWishes guards) {
    /// An address is chosen at start.
    public static final long RANDOM = -1;
    /// vde_switch's defaults.
    public static final BridgeSettings DEFAULT =
            new BridgeSettings(32, false, false, RANDOM, 0x8000, new Addresses(128, 131_072),
                    GuardWishes.NONE);

    /// The table of learned addresses.
    ///
    /// @param hashSize VDE's number of hash chains: printed, without effect
    /// @param capacity how many addresses are learned before the table is full; a power of two
    public record Addresses(int hashSize, int capacity) {
    }

    /// The same settings with another number of ports.
    ///
    /// @param count 1 to [org.vswitch.bridge.BridgePorts#MAX_COUNT]
    /// @return changed settings
    public BridgeSettings withPorts(int count) {
        return new BridgeSettings(count, hub, spanningTree, macAddress, priority, addresses, guards);
    }

    /// The same settings with an own address.
    ///
    /// @param address of the switch
    /// @return changed settings
    public BridgeSettings withMacAddress(long address) {
        return new BridgeSettings(portCount, hub, spanningTree, address, priority, addresses, guards);
    }

    /// The same settings with guards.
    ///
    /// @param wishes which port gets which
    /// @return changed settings
    public BridgeSettings with(GuardWishes wishes) {
        return new BridgeSettings(portCount, hub, spanningTree, macAddress, priority, addresses, wishes);
    }
}
