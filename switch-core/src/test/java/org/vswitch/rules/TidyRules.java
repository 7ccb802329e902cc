package org.vswitch.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// What can be said of a source file line by line. Each rule returns its complaints as `path:line: what is wrong`.
final class TidyRules {
    static final int MAX_LINE_LENGTH = 120;
    static final int MAX_FILE_LINES = 600;

    /// Words that name no concept, and what to do instead. A type must not end with one, a package must not be one.
    private static final Map<String, String> BANNED_NAMES = Map.ofEntries(
            Map.entry("util", "find the concept that the functions belong to"),
            Map.entry("utils", "find the concept that the functions belong to"),
            Map.entry("helper", "name what it does for whom"),
            Map.entry("manager", "name its role: Table, Pool, Host"),
            Map.entry("impl", "name what distinguishes it from the others"),
            Map.entry("common", "move it to the layer that owns it"),
            Map.entry("misc", "find the concept that the functions belong to"),
            Map.entry("base", "name the role that the subtypes share"),
            Map.entry("data", "name what it holds"),
            Map.entry("info", "name what it tells"));

    private static final Pattern UNREFERENCED_TODO = Pattern.compile("\\b(TODO|FIXME|XXX)\\b(?! (#\\d+|https?://))");
    private static final Pattern CODE_ONLY_RULES = Pattern.compile("^\\s*(//|\\*|/\\*)");
    private static final Pattern LAST_WORD = Pattern.compile("[A-Z]?[a-z0-9]+$");

    /// Words that only some places may use: the word, where it is allowed, and why.
    private static final List<Reserved> RESERVED = List.of(
            new Reserved(Pattern.compile("\\bByteOrder\\b"),
                    Pattern.compile("org/vswitch/(wire/NetworkOrder\\.java|linux/)|/src/test/"),
                    "big-endian access goes through wire.NetworkOrder"),
            new Reserved(Pattern.compile("\\bjava\\.lang\\.foreign\\b"),
                    Pattern.compile("org/vswitch/(linux|benchmark)/|/src/test/"),
                    "native code lives in org.vswitch.linux"),
            new Reserved(Pattern.compile("\\bThread\\.sleep\\b"),
                    Pattern.compile("$^"),
                    "wait for a condition with a deadline"),
            new Reserved(Pattern.compile("\\bparkNanos\\b"),
                    Pattern.compile("org/vswitch/(fixture|benchmark)/"),
                    "the fixture waits for conditions"),
            new Reserved(Pattern.compile("\\bSystem\\.(out|err)\\b|\\bprintStackTrace\\b"),
                    Pattern.compile("org/vswitch/(cli|benchmark)/|/src/test/"),
                    "only commands print"),
            new Reserved(Pattern.compile("\\bsynchronized\\b|\\bConcurrent[A-Z]|\\bReentrant\\w*Lock\\b"),
                    Pattern.compile("org/vswitch/(engine|control|cli|benchmark)/|/FrameRing\\.java|/src/test/"
                            + "|linux/RegionTable\\.java"), // which any thread's checked load or store reads
                    "one thread owns the data path"));

    private TidyRules() {
    }

    private record Reserved(Pattern word, Pattern allowedIn, String reason) {
    }

    static List<String> check(JavaSource source) {
        List<String> complaints = new ArrayList<>();
        List<String> lines = source.lines();
        if (lines.size() > MAX_FILE_LINES) {
            complaints.add(source.path() + ": " + lines.size() + " lines, at most " + MAX_FILE_LINES);
        }
        for (int index = 0; index < lines.size(); index++) {
            for (String complaint : checkLine(source, lines.get(index))) {
                complaints.add(source.path() + ":" + (index + 1) + ": " + complaint);
            }
        }
        for (String segment : source.packageName().split("\\.")) {
            checkName(source, segment, complaints);
        }
        checkName(source, source.name(), complaints);
        return complaints;
    }

    private static List<String> checkLine(JavaSource source, String line) {
        List<String> complaints = new ArrayList<>();
        if (line.length() > MAX_LINE_LENGTH) {
            complaints.add(line.length() + " characters, at most " + MAX_LINE_LENGTH);
        }
        if (line.indexOf('\t') >= 0 || !line.equals(line.stripTrailing())) {
            complaints.add("tab or trailing blank");
        }
        if (UNREFERENCED_TODO.matcher(withoutRulesOwn(source, line)).find()) {
            complaints.add("a note for later needs a reference: #number or a URL");
        }
        if (!CODE_ONLY_RULES.matcher(line).find()) {
            for (Reserved reserved : RESERVED) {
                if (reserved.word().matcher(withoutRulesOwn(source, line)).find()
                        && !reserved.allowedIn().matcher(source.path()).find()) {
                    complaints.add(reserved.reason() + ": " + line.strip());
                }
            }
        }
        return complaints;
    }

    /// This package alone must be able to write down what it forbids.
    private static String withoutRulesOwn(JavaSource source, String line) {
        return source.packageName().equals("org.vswitch.rules") ? "" : line;
    }

    private static void checkName(JavaSource source, String name, List<String> complaints) {
        var word = LAST_WORD.matcher(name);
        String advice = word.find() ? BANNED_NAMES.get(word.group().toLowerCase()) : null;
        if (advice != null && !name.endsWith("-info")) {
            complaints.add(source.path() + ": " + name + " says nothing: " + advice);
        }
    }
}
