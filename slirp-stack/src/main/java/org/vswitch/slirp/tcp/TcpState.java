package org.vswitch.slirp.tcp;

/// The states of a connection (RFC 9293, 3.3.2), as the guest's peer passes through them. LISTEN and SYN-SENT do not
/// occur: a guest's SYN opens a connection, and CONNECTING is when the host is at it.
///
/// | state | we may send | guest may send | leads out |
/// |---|---|---|---|
/// | CONNECTING | nothing | - | host connected: SYN-ACK, SYN_RECEIVED; refused: RST or ICMP, CLOSED |
/// | SYN_RECEIVED | SYN-ACK again | data kept | its acknowledgement: ESTABLISHED |
/// | ESTABLISHED | data | data | our FIN: FIN_WAIT_1; the guest's: CLOSE_WAIT |
/// | FIN_WAIT_1 | data again, FIN again | data | our FIN acknowledged: FIN_WAIT_2; the guest's FIN: CLOSING |
/// | FIN_WAIT_2 | nothing | data | the guest's FIN: TIME_WAIT |
/// | CLOSE_WAIT | data | nothing | our FIN: LAST_ACK |
/// | CLOSING | data again, FIN again | nothing | our FIN acknowledged: TIME_WAIT |
/// | LAST_ACK | data again, FIN again | nothing | our FIN acknowledged: CLOSED |
/// | TIME_WAIT | acknowledgements | FIN again | 10 s, or a new SYN: CLOSED |
///
/// A reset, from either side, leads from each to CLOSED.
enum TcpState {
    /// Not in use.
    CLOSED,
    /// The host connects; the guest has heard nothing.
    CONNECTING,
    /// SYN-ACK sent.
    SYN_RECEIVED,
    /// Both directions open.
    ESTABLISHED,
    /// FIN sent.
    FIN_WAIT_1,
    /// FIN sent and acknowledged.
    FIN_WAIT_2,
    /// The guest has ended.
    CLOSE_WAIT,
    /// Both have ended, our FIN is not acknowledged yet.
    CLOSING,
    /// The guest had ended, our FIN is sent.
    LAST_ACK,
    /// Everything is done; late segments are answered for a while.
    TIME_WAIT;

    /// Whether the guest's text is taken (RFC 9293, 3.10.7.4, seventh).
    ///
    /// @return true until its FIN
    boolean takesText() {
        return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
    }

    /// Whether there may be data or a FIN to send, or to send again.
    ///
    /// @return false before the handshake is over and once everything is acknowledged
    boolean sends() {
        return switch (this) {
            case ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, CLOSING, LAST_ACK -> true;
            case CLOSED, CONNECTING, SYN_RECEIVED, FIN_WAIT_2, TIME_WAIT -> false;
        };
    }

    /// Whether the connection is open on both sides, or was.
    ///
    /// @return false before the guest has acknowledged SYN-ACK
    boolean hasHandshakeDone() {
        return compareTo(ESTABLISHED) >= 0;
    }

    /// Whether our FIN is yet to be sent.
    ///
    /// @return true as long as new data may be sent
    boolean mayFinish() {
        return this == ESTABLISHED || this == CLOSE_WAIT;
    }

    /// What sending our FIN leads to.
    ///
    /// @return the next state
    TcpState finSent() {
        return this == CLOSE_WAIT ? LAST_ACK : FIN_WAIT_1;
    }

    /// What the acknowledgement of our FIN leads to.
    ///
    /// @return the next state, this one if no FIN was sent
    TcpState finAcknowledged() {
        return switch (this) {
            case FIN_WAIT_1 -> FIN_WAIT_2;
            case CLOSING -> TIME_WAIT;
            case LAST_ACK -> CLOSED;
            default -> this;
        };
    }

    /// What the guest's FIN leads to.
    ///
    /// @return the next state
    TcpState finReceived() {
        return switch (this) {
            case FIN_WAIT_1 -> CLOSING;
            case FIN_WAIT_2 -> TIME_WAIT;
            default -> CLOSE_WAIT;
        };
    }
}
