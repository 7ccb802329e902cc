package org.vswitch.bridge;

import java.util.Arrays;

/// The ports of a bridge by number. A port exists from the first time somebody plugs in or creates it until it is
/// removed. Port 0 is only given to those who ask for it. Used by the data-plane thread alone.
public final class BridgePorts {
    /// The most ports of a switch.
    public static final int MAX_COUNT = 4096;

    private BridgePort[] ports;
    private PortSet active = PortSet.EMPTY;
    private PortSet open = PortSet.EMPTY;

    /// A table without ports.
    ///
    /// @param count how many there may be: numbers 0 to `count - 1`
    public BridgePorts(int count) {
        ports = new BridgePort[count];
    }

    /// A port.
    ///
    /// @param number any number
    /// @return null if it does not exist
    public BridgePort port(int number) {
        return number >= 0 && number < ports.length ? ports[number] : null;
    }

    /// How many ports there may be.
    ///
    /// @return numbers are below it
    public int count() {
        return ports.length;
    }

    /// Changes how many ports there may be.
    ///
    /// @param count 1 to [#MAX_COUNT]
    /// @return false, without effect, if a port beyond it exists
    public boolean count(int count) {
        for (int number = count; number < ports.length; number++) {
            if (ports[number] != null) {
                return false;
            }
        }
        ports = Arrays.copyOf(ports, count);
        return true;
    }

    /// Ports with an endpoint.
    ///
    /// @return a snapshot
    public PortSet active() {
        return active;
    }

    /// Ports with an endpoint to which a port may send: from an isolated one those that are not isolated.
    ///
    /// @param from the sender
    /// @return a snapshot, which may contain the sender
    PortSet reachable(BridgePort from) {
        return from.isIsolated() ? open : active;
    }

    /// The lowest number that may be given to somebody who asks for no particular port.
    ///
    /// @return 1 or above, or -1 if there is none
    public int free() {
        for (int number = 1; number < ports.length; number++) {
            BridgePort port = ports[number];
            if (port == null || !port.isActive() && port.isAllocatable()) {
                return number;
            }
        }
        return -1;
    }

    void put(BridgePort port) {
        ports[port.number()] = port;
        refresh();
    }

    void remove(int number) {
        ports[number] = null;
        refresh();
    }

    void refresh() {
        active = PortSet.EMPTY;
        open = PortSet.EMPTY;
        for (BridgePort port : ports) {
            if (port != null && port.isActive()) {
                active = active.with(port.number());
                open = port.isIsolated() ? open : open.with(port.number());
            }
        }
    }
}
