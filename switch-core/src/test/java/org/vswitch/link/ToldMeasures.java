package org.vswitch.link;

import java.util.HashMap;
import java.util.Map;

/// What a link tells of itself.
final class ToldMeasures implements MeasuredLink.Measures {
    private final Map<String, Long> told = new HashMap<>();

    private ToldMeasures() {
    }

    /// Asks a link that is measured, and waits for its answer.
    ///
    /// @return gauges and counters by their names
    static Map<String, Long> of(Link link) {
        ToldMeasures measures = new ToldMeasures();
        ((MeasuredLink) link).measure(measures).join();
        return measures.told;
    }

    @Override
    public void gauge(String name, long value, long limit) {
        told.put(name, value);
    }

    @Override
    public void counter(String name, long count) {
        told.put(name, count);
    }
}
