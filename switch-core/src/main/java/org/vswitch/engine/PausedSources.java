package org.vswitch.engine;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.link.Congestion;

/// The endpoints whose ingress waits, since their last batch went to receivers that are full ([Congestion]).
final class PausedSources {
    private final List<Attachment> sources = new ArrayList<>();
    private long untilNs = Long.MAX_VALUE;

    void add(Attachment source, long nowNs) {
        source.paused = true;
        if (sources.isEmpty()) {
            untilNs = nowNs + Congestion.PATIENCE_NS;
        }
        sources.add(source);
    }

    /// When all may go on, whatever the receivers do, or [Long#MAX_VALUE].
    long untilNs() {
        return untilNs;
    }

    /// Lets a source go on.
    ///
    /// @return one that was paused, or null if none is left
    Attachment removeLast() {
        untilNs = Long.MAX_VALUE;
        if (sources.isEmpty()) {
            return null;
        }
        Attachment source = sources.removeLast();
        source.paused = false;
        return source;
    }

    void remove(Attachment source) {
        sources.remove(source);
        if (sources.isEmpty()) {
            untilNs = Long.MAX_VALUE;
        }
    }
}
