package org.vswitch.benchmark.harness;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The values of one measure, in the order of the runs.
final class Samples {
    private final List<Double> values = new ArrayList<>();

    /// A single value.
    static Samples of(double value) {
        Samples one = new Samples();
        one.add(value);
        return one;
    }

    void add(double value) {
        values.add(value);
    }

    List<Double> values() {
        return Collections.unmodifiableList(values);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    double median() {
        return quantile(0.5);
    }

    double min() {
        return quantile(0);
    }

    double max() {
        return quantile(1);
    }

    /// By linear interpolation between the two nearest.
    double quantile(double share) {
        List<Double> sorted = values.stream().sorted().toList();
        double position = share * (sorted.size() - 1);
        int low = (int) position;
        int high = Math.min(low + 1, sorted.size() - 1);
        return sorted.get(low) + (sorted.get(high) - sorted.get(low)) * (position - low);
    }

    /// This divided by the other, run by run, so that what disturbs a whole alternation cancels out.
    Samples over(Samples other) {
        Samples ratios = new Samples();
        for (int i = 0; i < Math.min(values.size(), other.values.size()); i++) {
            ratios.add(values.get(i) / other.values.get(i));
        }
        return ratios;
    }
}
