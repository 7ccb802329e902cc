package org.vswitch.slirp.udp;

/// The limits of UDP flows.
///
/// @param flows the most of all guests together
/// @param flowsPerGuest the most of one guest's station
/// @param secretHigh half of what the flow table's hash is keyed with
/// @param secretLow the other half
public record UdpSettings(int flows, int flowsPerGuest, long secretHigh, long secretLow) {
    private static final int GUESTS_AT_THEIR_LIMIT = 4;

    /// A quarter of all for each guest.
    ///
    /// @param flows the most of all guests together
    /// @param secretHigh half of a random number that guests do not know
    /// @param secretLow the other half
    /// @return settings
    public static UdpSettings usual(int flows, long secretHigh, long secretLow) {
        return new UdpSettings(flows, Math.max(1, flows / GUESTS_AT_THEIR_LIMIT), secretHigh, secretLow);
    }
}
