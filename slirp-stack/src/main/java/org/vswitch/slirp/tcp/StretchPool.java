package org.vswitch.slirp.tcp;

/// The lists of what is in flight, [RetransmissionQueue#BYTES] for each stretch, and how many stretches all connections
/// together may tell apart, beyond the few that each has. Guests that report bytes one by one would fill the memory
/// otherwise. A list is a block of the next power of two, so that none is ever made.
final class StretchPool implements AutoCloseable {
    /// The shortest list and the longest.
    static final int FEWEST = 4;
    static final int MOST = 1_024;
    /// 2 MiB; a connection over 20 ms that loses a hundredth needs 100 to 200.
    private static final int BUDGET = 131_072;
    private static final int FEWEST_LOG = Integer.numberOfTrailingZeros(FEWEST);

    private final BlockPool[] lists = new BlockPool[Integer.numberOfTrailingZeros(MOST) - FEWEST_LOG + 1];
    private int left = BUDGET;

    /// Maps a pool. All lengths may use up the budget, since what is not used is not there.
    ///
    /// @param flows how many short lists there can be
    StretchPool(int flows) {
        for (int i = 0; i < lists.length; i++) {
            int length = FEWEST << i;
            lists[i] = new BlockPool(i == 0 ? flows : BUDGET / length, length * RetransmissionQueue.BYTES);
        }
    }

    /// Takes a list.
    ///
    /// @param stretches a power of two from [#FEWEST] to [#MOST]
    /// @return its address, or 0 if not so many stretches are left
    long take(int stretches) {
        int cost = cost(stretches);
        if (cost > left) {
            return 0;
        }
        left -= cost;
        return lists(stretches).take();
    }

    /// Gives a list back.
    ///
    /// @param list its address
    /// @param stretches as many as it was taken for
    void give(long list, int stretches) {
        left += cost(stretches);
        lists(stretches).give(list);
    }

    /// How many stretches may be taken yet.
    ///
    /// @return 0 or more
    int left() {
        return left;
    }

    private static int cost(int stretches) {
        return stretches == FEWEST ? 0 : stretches;
    }

    private BlockPool lists(int stretches) {
        return lists[Integer.numberOfTrailingZeros(stretches) - FEWEST_LOG];
    }

    @Override
    public void close() {
        assert left == BUDGET : "a list was not given back";
        for (BlockPool pool : lists) {
            pool.close();
        }
    }
}
