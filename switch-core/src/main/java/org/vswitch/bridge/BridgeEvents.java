package org.vswitch.bridge;

/// What consoles may watch (VDE's debug categories hash, port and fstp) and the log reports. Called by the data-plane
/// thread; must not block. Nothing is reported while [#watched] is false.
public interface BridgeEvents {
    /// Nobody watches.
    BridgeEvents NONE = new BridgeEvents() {
        @Override
        public boolean watched() {
            return false;
        }

        @Override
        public void addressLearned(long address, int vid, int port) {
            // not watched
        }

        @Override
        public void addressExpired(long address, int vid, int port) {
            // not watched
        }

        @Override
        public void addressMoved(long address, int from, int to) {
            // not watched
        }
    };

    /// Whether the other methods do anything: read once per frame that changes the table.
    ///
    /// @return false if nobody watches
    boolean watched();

    /// An address was learned.
    ///
    /// @param address a MAC address
    /// @param vid its VLAN
    /// @param port where it was seen
    void addressLearned(long address, int vid, int port);

    /// An address was forgotten.
    ///
    /// @param address a MAC address
    /// @param vid its VLAN
    /// @param port where it was last seen
    void addressExpired(long address, int vid, int port);

    /// An address was seen on another port.
    ///
    /// @param address a MAC address
    /// @param from the port it was known on
    /// @param to the port it is on now
    void addressMoved(long address, int from, int to);

    /// A port came into being.
    ///
    /// @param port its number
    default void portCreated(int port) {
    }

    /// A port lost its last endpoint.
    ///
    /// @param port its number
    default void portClosed(int port) {
    }

    /// Something was plugged in.
    ///
    /// @param port its port
    /// @param endpoint id
    /// @param description how it calls itself
    default void endpointAttached(int port, long endpoint, String description) {
    }

    /// Something was unplugged.
    ///
    /// @param port its port
    /// @param endpoint id
    default void endpointDetached(int port, long endpoint) {
    }

    /// The spanning tree of a VLAN has another root, or another way to it.
    ///
    /// @param vid the VLAN
    /// @param port the root port; 0 if this switch is the root
    /// @param root bridge identifier of the root: 16 bits of priority, 48 of address
    default void treeRootChanged(int vid, int port, long root) {
    }

    /// The spanning tree gave a port another state.
    ///
    /// @param vid the VLAN
    /// @param port its number
    /// @param state from now on
    default void treeStateChanged(int vid, int port, PortState state) {
    }

    /// A port began to receive spanning tree messages, or has not received any for long.
    ///
    /// @param vid the VLAN
    /// @param port its number
    /// @param active true when the first comes
    default void treeNeighborChanged(int vid, int port, boolean active) {
    }
}
