package org.vswitch.control;

/// How much of a switch one user may occupy, so that nobody disturbs the others.
///
/// @param connections open connections to the control socket per user id
/// @param ports ports per user id
/// @param requestTimeoutMs how long a client may take for its request
/// @param descriptorReserve file descriptors that connections leave for everything else
public record UserLimits(int connections, int ports, int requestTimeoutMs, int descriptorReserve) {
    /// 256 connections and 64 ports a user, 5 seconds a request; 64 descriptors in reserve.
    public static final UserLimits DEFAULT = new UserLimits(256, 64, 5_000, 64);
}
