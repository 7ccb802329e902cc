package org.vswitch.slirp.host;

import java.util.Arrays;

/// Which sockets are open, what they are watched for and for whom, by number. It grows to the highest number, which the
/// limit of descriptors bounds.
///
/// A number is used again as soon as its socket is closed, perhaps while events of the old one wait to be told: each
/// socket that is opened gets a label, its number and a generation, by which they are told apart.
final class WatchTable {
    private static final int CLOSED = -1;
    private static final long LOWER_HALF = 0xffff_ffffL;

    private int[] interests = new int[0];
    private int[] generations = new int[0];
    private long[] tokens = new long[0];
    private boolean[] registered = new boolean[0];

    /// Enters an open socket without interest.
    void open(int socket) {
        if (socket >= interests.length) {
            int before = interests.length;
            int length = Math.max(64, Math.max(socket + 1, 2 * before));
            interests = Arrays.copyOf(interests, length);
            Arrays.fill(interests, before, length, CLOSED);
            generations = Arrays.copyOf(generations, length);
            tokens = Arrays.copyOf(tokens, length);
            registered = Arrays.copyOf(registered, length);
        }
        assert interests[socket] == CLOSED : "socket=" + socket;
        interests[socket] = 0;
        tokens[socket] = 0;
        registered[socket] = false;
        generations[socket]++;
    }

    void close(int socket) {
        assert isOpen(socket) : "socket=" + socket;
        interests[socket] = CLOSED;
    }

    boolean isOpen(int socket) {
        return socket >= 0 && socket < interests.length && interests[socket] != CLOSED;
    }

    /// One above the highest number there ever was.
    int limit() {
        return interests.length;
    }

    /// Enters what an open socket is watched for.
    ///
    /// @return whether the interest has changed
    boolean watch(int socket, int interest, long token) {
        assert isOpen(socket) : "socket=" + socket;
        tokens[socket] = token;
        boolean changed = interests[socket] != interest;
        interests[socket] = interest;
        return changed;
    }

    /// Notes that the kernel watches an open socket from now on.
    ///
    /// @return whether it did so before
    boolean register(int socket) {
        boolean before = registered[socket];
        registered[socket] = true;
        return before;
    }

    int interest(int socket) {
        return interests[socket];
    }

    long token(int socket) {
        return tokens[socket];
    }

    /// What stands for an open socket in events.
    long label(int socket) {
        return (long) generations[socket] << 32 | socket;
    }

    /// The socket that a label stands for.
    ///
    /// @return -1 if it is closed
    int socket(long label) {
        int socket = (int) (label & LOWER_HALF);
        return isOpen(socket) && label(socket) == label ? socket : -1;
    }
}
