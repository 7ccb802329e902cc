package org.vswitch.benchmark.harness;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// What the rows found, in the order they found it.
final class Report {
    /// One measure of one contestant.
    record Measure(String row, String subject, String unit, Samples samples) {
    }

    /// One number that something is demanded of, mostly a ratio.
    record Finding(String row, String label, Samples samples, Demand demand) {
        String verdict() {
            return demand.verdict(samples.median());
        }
    }

    /// A remark on a row.
    record Note(String row, String text) {
    }

    private final List<Measure> measures = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();

    void add(String row, String subject, String unit, Samples samples) {
        if (!samples.isEmpty()) {
            measures.add(new Measure(row, subject, unit, samples));
        }
    }

    void demand(String row, String label, Samples samples, Demand demand) {
        if (!samples.isEmpty()) {
            findings.add(new Finding(row, label, samples, demand));
        }
    }

    /// Reports the ratio of two contestants, run by run, if both took part.
    void compare(String row, Map<Contestant, Samples> samples, Pairing pairing, Demand demand) {
        Samples one = samples.get(pairing.one());
        Samples other = samples.get(pairing.other());
        if (one != null && other != null) {
            demand(row, pairing.label(), one.over(other), demand);
        }
    }

    void note(String row, String text) {
        notes.add(new Note(row, text));
    }

    /// Tells who watches what just came.
    void progress(String subject, String text) {
        System.err.println("  " + subject + ": " + text);
    }

    List<Measure> measures() {
        return Collections.unmodifiableList(measures);
    }

    List<Finding> findings() {
        return Collections.unmodifiableList(findings);
    }

    List<Note> notes() {
        return Collections.unmodifiableList(notes);
    }
}
