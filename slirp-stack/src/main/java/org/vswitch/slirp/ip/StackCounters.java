package org.vswitch.slirp.ip;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// How often the router discarded something, by reason. One thread counts; others may read at any time and see a value
/// that was true a moment ago.
public final class StackCounters {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[StackDrop.values().length];

    /// All counts at zero.
    public StackCounters() {
        Arrays.fill(counts, 0);
    }

    /// Counts one drop. On the thread that owns the stack only.
    ///
    /// @param reason under which name
    public void count(StackDrop reason) {
        int index = reason.ordinal();
        ELEMENT.setOpaque(counts, index, counts[index] + 1);
    }

    /// How often a reason has been counted. From any thread.
    ///
    /// @param reason which
    /// @return 0 or more
    public long value(StackDrop reason) {
        return (long) ELEMENT.getOpaque(counts, reason.ordinal());
    }
}
