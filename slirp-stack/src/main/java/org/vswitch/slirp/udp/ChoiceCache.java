package org.vswitch.slirp.udp;

import java.util.Arrays;
import org.vswitch.slirp.policy.HostPolicy;
import org.vswitch.slirp.policy.HostTarget;

/// The policy's latest answers. To judge an address the kernel's routing is asked, which costs two system calls and
/// would cost them for each datagram; the answer is taken to hold for a second.
final class ChoiceCache {
    private static final int ENTRIES = 256;
    private static final int HASH_SHIFT = Long.SIZE - 8;
    private static final long HASH_MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;
    private static final long VALID_NS = 1_000_000_000L;

    private final HostPolicy policy;
    private final long[] high = new long[ENTRIES];
    private final long[] low = new long[ENTRIES];
    private final long[] askedNs = new long[ENTRIES];
    private final boolean[] allowed = new boolean[ENTRIES];
    private final boolean[] known = new boolean[ENTRIES];
    private final HostTarget[] targets = new HostTarget[ENTRIES];

    ChoiceCache(HostPolicy policy) {
        this.policy = policy;
        Arrays.setAll(targets, i -> new HostTarget());
    }

    /// Maps what a guest wants to reach to what the host's kernel is given.
    ///
    /// @return where to, without the port; or null if the guest must not go there
    HostTarget choose(long toHigh, long toLow, long nowNs) {
        int at = (int) ((toHigh * HASH_MULTIPLIER ^ toLow) * HASH_MULTIPLIER >>> HASH_SHIFT);
        boolean valid = known[at] && low[at] == toLow && high[at] == toHigh && nowNs - askedNs[at] < VALID_NS;
        if (!valid) {
            known[at] = true;
            high[at] = toHigh;
            low[at] = toLow;
            askedNs[at] = nowNs;
            allowed[at] = policy.choose(toHigh, toLow, 0, targets[at]);
        }
        return allowed[at] ? targets[at] : null;
    }
}
