package org.vswitch.bridge;

/// What consoles may watch (VDE's debug categories hash and port) and the log reports. Called by the data-plane
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
}
