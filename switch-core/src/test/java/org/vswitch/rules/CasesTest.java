package org.vswitch.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.MethodTree;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.vswitch.fixture.Repository;

/// docs/CASES.md and the tests agree: no case is missing, no test is invented, none that names a case is left out.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CasesTest {
    private static final int CASES = 96;
    private static final int BAD_INPUTS = 38;
    /// A row: case, what is asked, tests.
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (T?\\d+) \\| ([^|]+) \\| ([^|]*) \\|$");
    private static final Pattern TESTS = Pattern.compile("(?:`\\w+\\.\\w+`(?:, |$))+");
    private static final Pattern REASON = Pattern.compile("not yet: \\S.*");
    private static final Pattern TEST = Pattern.compile("`(\\w+\\.\\w+)`");
    private static final Pattern CASE = Pattern.compile("\\bT(\\d{1,2})\\b");
    private static final Pattern BAD_INPUT = Pattern.compile("[Bb]ad inputs? ((?:\\d+|, | and )+)");

    private final Map<String, String> rows = new HashMap<>();
    private final Map<String, Set<String>> casesOfTests = new HashMap<>();

    CasesTest() throws IOException {
        Matcher row = ROW.matcher(Files.readString(Repository.root().resolve("docs/CASES.md")));
        while (row.find()) {
            assertEquals(null, rows.put(row.group(1), row.group(3)), "two rows for " + row.group(1));
        }
        for (JavaSource source : TidyTest.sources()) {
            if (source.path().contains("/src/test/")) {
                new TestsOf(source).scan(source.unit(), null);
            }
        }
    }

    /// Takes down the tests of a file, those of nested classes as well.
    private final class TestsOf extends TreePathScanner<Void, Void> {
        private final JavaSource source;

        TestsOf(JavaSource source) {
            this.source = source;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            if (method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation -> annotation.getAnnotationType().toString().endsWith("Test"))) {
                casesOfTests.put(source.name() + "." + method.getName(), casesIn(source.docComment(getCurrentPath())));
            }
            return null;
        }
    }

    private static Set<String> casesIn(String comment) {
        String line = comment.replaceAll("\\s+", " ");
        Set<String> cases = new HashSet<>();
        CASE.matcher(line).results().forEach(found -> cases.add("T" + found.group(1)));
        BAD_INPUT.matcher(line).results().forEach(found -> cases.addAll(List.of(found.group(1).split(", | and "))));
        return cases;
    }

    private static Set<String> testsIn(String cell) {
        Set<String> tests = new HashSet<>();
        TEST.matcher(cell).results().forEach(found -> tests.add(found.group(1)));
        return tests;
    }

    @Test
    void shouldHaveARowForEveryCase() {
        Set<String> wanted = new TreeSet<>();
        IntStream.rangeClosed(1, CASES).forEach(number -> wanted.add("T" + number));
        IntStream.rangeClosed(1, BAD_INPUTS).forEach(number -> wanted.add(Integer.toString(number)));
        assertEquals(wanted, new TreeSet<>(rows.keySet()));
    }

    @Test
    void shouldNameTestsInEveryRowOrTheReasonWhyThereIsNone() {
        rows.forEach((name, tests) -> assertTrue(
                Stream.of(tests.split("; (?=not yet)")).allMatch(part -> isFilled(part)), name + ": " + tests));
    }

    private static boolean isFilled(String part) {
        return TESTS.matcher(part).matches() || REASON.matcher(part).matches();
    }

    @Test
    void shouldNameOnlyTestsThatExist() {
        assertTrue(casesOfTests.size() > 500, "tests: " + casesOfTests.size());
        Set<String> missing = new TreeSet<>();
        rows.forEach((name, tests) -> testsIn(tests).stream().filter(test -> !casesOfTests.containsKey(test))
                .forEach(test -> missing.add(name + ": " + test)));
        assertEquals(Set.of(), missing);
    }

    @Test
    void shouldNameEveryTestThatNamesACase() {
        Set<String> missing = new TreeSet<>();
        casesOfTests.forEach((test, cases) -> cases.stream()
                .filter(name -> !testsIn(rows.getOrDefault(name, "")).contains(test))
                .forEach(name -> missing.add(name + ": " + test)));
        assertEquals(Set.of(), missing);
    }
}
