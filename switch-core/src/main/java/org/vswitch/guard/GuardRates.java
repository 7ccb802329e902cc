package org.vswitch.guard;

/// How much a port may send; 0 is no limit.
///
/// @param broadcast frames a second to everybody or to a group
/// @param unknown frames a second to single stations that the switch does not know, which it has to flood
/// @param bits bits a second in all, counted from the first byte of each frame to its last
public record GuardRates(long broadcast, long unknown, long bits) {
    /// No limits.
    public static final GuardRates NONE = new GuardRates(0, 0, 0);
    /// The most that can be asked for: 1 Tbit/s.
    public static final long MAX = 1_000_000_000_000L;
}
