package org.vswitch.control;

import java.util.List;

/// What consoles may watch: VDE's debug categories, in VDE's order.
public enum EventCategory {
    /// An address was learned.
    HASH_ADDED("hash/+", 011, "hash: new element"),
    /// An address was forgotten.
    HASH_REMOVED("hash/-", 012, "hash: discarded element"),
    /// The spanning tree gave a port another state.
    TREE_STATE("fstp/status", 044, "fstp: status change"),
    /// The spanning tree has another root.
    TREE_ROOT("fstp/root", 045, "fstp: rootswitch/port change"),
    /// A port began to receive spanning tree messages.
    TREE_NEIGHBOR_ADDED("fstp/+", 041, "fstp: port becomes active"),
    /// A port receives no spanning tree messages any more.
    TREE_NEIGHBOR_REMOVED("fstp/-", 042, "fstp: port becomes inactive"),
    /// A port came into being.
    PORT_CREATED("port/+", 021, "new port"),
    /// A port lost its last endpoint.
    PORT_CLOSED("port/-", 022, "closed port"),
    /// An endpoint said how it calls itself.
    ENDPOINT_DESCRIBED("port/descr", 023, "set port description"),
    /// Something was plugged in.
    ENDPOINT_ATTACHED("port/ep/+", 031, "new endpoint"),
    /// Something was unplugged.
    ENDPOINT_DETACHED("port/ep/-", 032, "closed endpoint");

    /// All of them.
    public static final List<EventCategory> ALL = List.of(values());

    private final String path;
    private final int tag;
    private final String help;

    EventCategory(String path, int tag, String help) {
        this.path = path;
        this.tag = tag;
        this.help = help;
    }

    /// How consoles name it.
    ///
    /// @return for example `port/ep/+`
    public String path() {
        return path;
    }

    /// The number that its lines begin with, behind a 3 and in octal.
    ///
    /// @return 9 bits
    public int tag() {
        return tag;
    }

    /// What consoles say of it.
    ///
    /// @return VDE's words
    public String help() {
        return help;
    }

    int bit() {
        return 1 << ordinal();
    }
}
