package org.vswitch.benchmark.harness;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/// Draws how each number stands to what is demanded of it: one line per number, a dot at the median, a whisker from
/// minimum to maximum, and a line at 1, where the demand is just met; right of it is better. The axis is logarithmic.
///
/// The picture has no background and colours that can be read on white and on black.
final class Plot {
    private static final int WIDTH = 860;
    private static final int LEFT = 330;
    private static final int RIGHT = 110;
    private static final int TOP = 70;
    private static final int LINE = 30;
    private static final int BOTTOM = 50;
    private static final double[] TICKS = {0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50};
    private static final double LEAST = 0.05;
    private static final double MOST = 100;

    private final String title;
    private final List<Report.Finding> findings;
    private final double low;
    private final double high;

    Plot(String title, Report report) {
        this.title = title;
        this.findings = report.findings().stream()
                .filter(finding -> finding.demand().isMade() && finding.demand().must() > 0).toList();
        this.low = scores().reduce(0.8, Math::min) / 1.1;
        this.high = scores().reduce(1.6, Math::max) * 1.1;
    }

    String svg() {
        int height = TOP + LINE * findings.size() + BOTTOM;
        StringBuilder svg = new StringBuilder();
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">
                <title>%s</title>
                <style>
                  text { font: 13px sans-serif; fill: #57606a; }
                  .title { font-size: 16px; font-weight: bold; }
                  .good { fill: #2f81c7; stroke: #2f81c7; } .bad { fill: #d9722b; stroke: #d9722b; }
                  .grid { stroke: #8b949e; stroke-opacity: 0.35; } .demand { stroke: #8b949e; stroke-width: 2; }
                  @media (prefers-color-scheme: dark) { text { fill: #a8b1bb; } }
                </style>
                <text class="title" x="16" y="26">%s</text>
                <text x="16" y="46">median and range, in multiples of what is demanded (1: just met)</text>
                """.formatted(WIDTH, height, WIDTH, height, escape(title), escape(title)));
        axis(svg, height);
        for (int i = 0; i < findings.size(); i++) {
            line(svg, findings.get(i), TOP + LINE * i + LINE / 2);
        }
        return svg.append("</svg>\n").toString();
    }

    private void axis(StringBuilder svg, int height) {
        for (double tick : TICKS) {
            if (tick >= low && tick <= high) {
                append(svg, "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
                        tick == 1 ? "demand" : "grid", x(tick), TOP, x(tick), height - BOTTOM + 6);
                append(svg, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", x(tick),
                        height - BOTTOM + 24, tick < 1 ? Double.toString(tick) : Integer.toString((int) tick));
            }
        }
    }

    private void line(StringBuilder svg, Report.Finding finding, int y) {
        double middle = score(finding, finding.samples().median());
        String style = middle >= 1 ? "good" : "bad";
        append(svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 14, y + 4,
                escape(finding.row() + ": " + finding.label()));
        append(svg, "<line class=\"%s\" stroke-width=\"2\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", style,
                x(score(finding, finding.samples().min())), y, x(score(finding, finding.samples().max())), y);
        append(svg, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%d\" r=\"5\"/>", style, x(middle), y);
        append(svg, "<text x=\"%d\" y=\"%d\">%s (%s)</text>", WIDTH - RIGHT + 14, y + 4,
                Results.number(finding.samples().median()), escape(finding.demand().text().replaceAll(" \\(.*", "")));
    }

    /// The ends of all whiskers.
    private DoubleStream scores() {
        return findings.stream().flatMapToDouble(finding -> DoubleStream.of(finding.samples().min(),
                finding.samples().max()).map(value -> score(finding, value)));
    }

    /// How often the demand is met: 1 is just.
    private static double score(Report.Finding finding, double value) {
        double must = finding.demand().must();
        double score = finding.demand().atMost() ? must / Math.max(value, 1e-9) : value / must;
        return Math.clamp(score, LEAST, MOST);
    }

    private double x(double score) {
        double share = Math.log(score / low) / Math.log(high / low);
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private static void append(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
