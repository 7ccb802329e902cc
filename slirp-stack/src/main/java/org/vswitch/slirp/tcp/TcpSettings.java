package org.vswitch.slirp.tcp;

/// The limits of the TCP side, and its secret.
///
/// @param mtu bytes of an IP packet towards guests
/// @param flows the most connections, TIME_WAIT included
/// @param chunks memory for data in both directions, in 64 KiB
/// @param secretHigh random, for hashes and initial sequence numbers
/// @param secretLow random as well
public record TcpSettings(int mtu, int flows, int chunks, long secretHigh, long secretLow) {
    private static final int USUAL_FLOWS = 32_768;
    private static final int USUAL_CHUNKS = 4_096;
    private static final int MOST_CONNECTING = 4_096;
    private static final int SHARE = 8;
    private static final int FREE_SHARE = 2;

    /// The usual limits: 32,768 connections, 256 MiB.
    ///
    /// @param mtu bytes of an IP packet
    /// @param secretHigh random
    /// @param secretLow random
    /// @return settings
    public static TcpSettings usual(int mtu, long secretHigh, long secretLow) {
        return new TcpSettings(mtu, USUAL_FLOWS, USUAL_CHUNKS, secretHigh, secretLow);
    }

    /// The same with another number of connections.
    ///
    /// @param most 1 or more
    /// @return settings
    public TcpSettings withFlows(int most) {
        return new TcpSettings(mtu, most, chunks, secretHigh, secretLow);
    }

    /// The most connections that the host or the guest has not completed yet.
    ///
    /// @return 1 or more
    public int connecting() {
        return Math.clamp(flows / 2, 1, MOST_CONNECTING);
    }

    /// The most connections of one guest: twice what is free, as switches share their buffers among ports
    /// (Choudhury and Hahne, dynamic queue length thresholds). So a guest that is alone may have two thirds of all,
    /// which with its quarter of the UDP flows leaves the others sockets, and however greedy guests are, there is
    /// something left for the next.
    ///
    /// @param used connections of all guests
    /// @return 0 if all are used
    public int flowsOfGuest(int used) {
        return (int) Math.min(flows, (long) FREE_SHARE * (flows - used));
    }

    /// The most connections that a guest can come to have.
    ///
    /// @return 1 or more
    public int flowsOfGreediest() {
        return (int) Math.ceilDiv((long) FREE_SHARE * flows, FREE_SHARE + 1);
    }

    /// The most connections of one guest that it or the host has not completed yet: enough for a program that begins
    /// many at once, and never more than twice what is free.
    ///
    /// @param used such connections of all guests
    /// @return 0 if all are used
    public int connectingOfGuest(int used) {
        return (int) Math.min(MOST_CONNECTING / SHARE, (long) FREE_SHARE * (connecting() - used));
    }

    /// The most connections in TIME_WAIT.
    ///
    /// @return 1 or more
    public int waiting() {
        return Math.max(1, flows / SHARE);
    }
}
