package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Writes a report: a table in Markdown, all samples in JSON, a plot in SVG.
final class Results {
    private final String title;
    private final Map<String, Object> machine;
    private final Map<String, String> titles;
    private final Report report;

    /// @param title of the whole report
    /// @param machine names and values for its head
    /// @param titles what each row measures, by the row's name
    Results(String title, Map<String, Object> machine, Map<String, String> titles, Report report) {
        this.title = title;
        this.machine = machine;
        this.titles = titles;
        this.report = report;
    }

    /// Writes `NAME.md`, `NAME.json` and `NAME.svg`.
    void write(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(name + ".md"), markdown("![" + title + "](" + name + ".svg)\n\n"));
        Files.writeString(folder.resolve(name + ".json"), json());
        Files.writeString(folder.resolve(name + ".svg"), new Plot(title, report).svg());
    }

    /// The tables.
    ///
    /// @param picture a line that shows the plot, or nothing
    String markdown(String picture) {
        StringBuilder text = new StringBuilder("# ").append(title).append("\n\n").append(picture);
        text.append("What is demanded of it: the median of the ratio in each run; in parentheses the aim.\n\n");
        text.append("| row | number | median | min .. max | demanded | reached |\n|---|---|---|---|---|---|\n");
        for (Report.Finding finding : report.findings()) {
            text.append("| ").append(String.join(" | ", finding.row(), finding.label(),
                    number(finding.samples().median()), spread(finding.samples()), finding.demand().text(),
                    finding.verdict())).append(" |\n");
        }
        text.append("\nWhat was measured:\n\n");
        text.append("| row | of | unit | median | quartiles | min .. max | runs |\n|---|---|---|---|---|---|---|\n");
        for (Report.Measure measure : report.measures()) {
            Samples samples = measure.samples();
            text.append("| ").append(String.join(" | ", measure.row(), measure.subject(), measure.unit(),
                    number(samples.median()), number(samples.quantile(0.25)) + " .. " + number(samples.quantile(0.75)),
                    spread(samples), Integer.toString(samples.values().size()))).append(" |\n");
        }
        text.append("\nRows:\n\n");
        titles.forEach((row, what) -> text.append("- `").append(row).append("`: ").append(what).append('\n'));
        for (Report.Note note : report.notes()) {
            text.append("- `").append(note.row()).append("` ").append(note.text()).append('\n');
        }
        text.append("\nMachine:\n\n");
        machine.forEach((key, value) -> text.append("- ").append(key).append(": ").append(value).append('\n'));
        return text.toString();
    }

    private String json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("title", title);
        document.put("machine", machine);
        document.put("findings", report.findings().stream().map(finding -> {
            Map<String, Object> fields = fields(finding.row(), finding.samples());
            fields.put("label", finding.label());
            fields.put("must", finding.demand().must());
            fields.put("aim", finding.demand().aim());
            fields.put("reached", finding.verdict());
            return fields;
        }).toList());
        document.put("measures", report.measures().stream().map(measure -> {
            Map<String, Object> fields = fields(measure.row(), measure.samples());
            fields.put("of", measure.subject());
            fields.put("unit", measure.unit());
            return fields;
        }).toList());
        document.put("notes", report.notes().stream().map(note -> note.row() + ": " + note.text()).toList());
        return Json.of(document);
    }

    private static Map<String, Object> fields(String row, Samples samples) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("row", row);
        fields.put("median", samples.median());
        fields.put("min", samples.min());
        fields.put("max", samples.max());
        fields.put("samples", List.copyOf(samples.values()));
        return fields;
    }

    private static String spread(Samples samples) {
        return number(samples.min()) + " .. " + number(samples.max());
    }

    /// Three to four significant digits, thousands separated.
    static String number(double value) {
        double size = Math.abs(value);
        int digits = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
