package org.vswitch.benchmark.harness;

import java.util.Locale;

/// What a number must reach and what it should.
///
/// @param must the bound
/// @param aim the better bound, or NaN if there is none
/// @param atMost whether lower is better
record Demand(double must, double aim, boolean atMost) {
    /// Nothing is demanded.
    static final Demand NONE = new Demand(Double.NaN, Double.NaN, false);

    static Demand atLeast(double must, double aim) {
        return new Demand(must, aim, false);
    }

    static Demand atMost(double must, double aim) {
        return new Demand(must, aim, true);
    }

    /// Nothing is demanded, but there is something to aim at.
    static Demand aimAtLeast(double aim) {
        return new Demand(Double.NaN, aim, false);
    }

    /// Whether anything is demanded.
    boolean isMade() {
        return !Double.isNaN(must);
    }

    /// `aim`, `must`, `missed`, or nothing if nothing is demanded.
    String verdict(double value) {
        if (!Double.isNaN(aim) && reaches(value, aim)) {
            return "aim";
        }
        if (Double.isNaN(must)) {
            return "";
        }
        return reaches(value, must) ? "must" : "missed";
    }

    String text() {
        String sign = atMost ? "<= " : ">= ";
        if (Double.isNaN(must)) {
            return Double.isNaN(aim) ? "" : "(" + sign + String.format(Locale.ROOT, "%.4g", aim) + ")";
        }
        String bound = sign + String.format(Locale.ROOT, "%.4g", must);
        return Double.isNaN(aim) ? bound : bound + " (" + String.format(Locale.ROOT, "%.4g", aim) + ")";
    }

    private boolean reaches(double value, double bound) {
        return atMost ? value <= bound : value >= bound;
    }
}
