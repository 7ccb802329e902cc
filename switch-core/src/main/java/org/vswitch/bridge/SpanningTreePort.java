package org.vswitch.bridge;

/// The bridge's side of the spanning tree: where its messages go.
public interface SpanningTreePort {
    /// No spanning tree: its messages are forwarded like any group frame.
    SpanningTreePort OFF = new SpanningTreePort() {
        @Override
        public boolean isEnabled() {
            return false;
        }

        @Override
        public boolean onBpdu(int vid, int port, long head, int headLength) {
            return false;
        }

        @Override
        public void now(long nowNs) {
            // has no deadlines
        }

        @Override
        public long onDeadline(long nowNs) {
            return Long.MAX_VALUE;
        }
    };

    /// Whether messages are consumed.
    ///
    /// @return false if they are forwarded
    boolean isEnabled();

    /// Takes a message.
    ///
    /// @param vid its VLAN
    /// @param port where it came in
    /// @param head the frame's first byte
    /// @param headLength bytes of it that may be read
    /// @return false if it is malformed
    boolean onBpdu(int vid, int port, long head, int headLength);

    /// Does what is due.
    ///
    /// @param nowNs the time
    /// @return when to be called again, or [Long#MAX_VALUE]
    long onDeadline(long nowNs);

    /// Tells the time of a pass.
    ///
    /// @param nowNs the time
    void now(long nowNs);
}
