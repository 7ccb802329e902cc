package org.vswitch.benchmark.harness;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What the rows found, in the order they found it.
final class Report {
    /// One measure of one contestant.
    record Measure(String row, String subject, String unit, Samples samples) {
    }

    /// One number compared with what is demanded.
    record Ratio(String row, String label, Samples samples, Demand demand) {
    }

    /// A remark on a row.
    record Note(String row, String text) {
    }

    private final List<Measure> measures = new ArrayList<>();
    private final List<Ratio> ratios = new ArrayList<>();
    private final List<Note> notes = new ArrayList<>();

    void add(String row, String subject, String unit, Samples samples) {
        if (!samples.isEmpty()) {
            measures.add(new Measure(row, subject, unit, samples));
        }
    }

    void ratio(String row, String label, Samples samples, Demand demand) {
        if (!samples.isEmpty()) {
            ratios.add(new Ratio(row, label, samples, demand));
        }
    }

    void note(String row, String text) {
        notes.add(new Note(row, text));
    }

    /// Tells who watches what just came.
    void progress(String row, String subject, String text) {
        System.err.println(row + " " + subject + ": " + text);
    }

    List<Measure> measures() {
        return Collections.unmodifiableList(measures);
    }

    List<Ratio> ratios() {
        return Collections.unmodifiableList(ratios);
    }

    List<Note> notes() {
        return Collections.unmodifiableList(notes);
    }
}
