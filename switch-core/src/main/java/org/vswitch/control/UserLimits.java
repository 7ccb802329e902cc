package org.vswitch.control;

/// How much of a switch one user may occupy, so that nobody disturbs the others.
///
/// @param connections open connections to the control socket per user id
/// @param ports ports per user id
/// @param descriptorReserve file descriptors that connections leave for everything else
public record UserLimits(int connections, int ports, int descriptorReserve) {
    /// 256 connections and 64 ports a user; 64 descriptors in reserve.
    public static final UserLimits DEFAULT = new UserLimits(256, 64, 64);
}
