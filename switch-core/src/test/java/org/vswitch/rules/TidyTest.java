package org.vswitch.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Repository;

/// The house rules, held against every source file of every module, and each of them against a sample that breaks it.
class TidyTest {
    private static final List<String> MODULES =
            List.of("switch-core", "switch-plug", "slirp-stack", "cli", "benchmarks");
    private static final Pattern DOCUMENT_LINK = Pattern.compile("\\]\\((?!https?:|#|mailto:)([^)#\\s]+)");

    @Test
    void shouldFindNothingToComplainAbout() throws IOException {
        List<String> complaints = new ArrayList<>();
        for (JavaSource source : sources()) {
            complaints.addAll(TidyRules.check(source));
            complaints.addAll(TidyTree.check(source));
        }
        assertEquals("", String.join("\n", complaints));
    }

    @Test
    void shouldProvideTheSameServicesOnModulePathAndClassPath() throws IOException {
        for (String module : MODULES) {
            Path main = Repository.root().resolve(module).resolve("src/main");
            Path descriptor = main.resolve("java/module-info.java");
            if (Files.exists(descriptor)) {
                assertEquals(ServiceDeclarations.inModule(JavaSource.read(Repository.root(), descriptor)),
                        ServiceDeclarations.onClassPath(main.resolve("resources/META-INF/services")), module);
            }
        }
    }

    @Test
    void shouldLinkOnlyToDocumentsThatExist() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path document : documents()) {
            Matcher link = DOCUMENT_LINK.matcher(Files.readString(document));
            while (link.find()) {
                if (!Files.exists(document.resolveSibling(link.group(1)))) {
                    broken.add(Repository.root().relativize(document) + " -> " + link.group(1));
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void shouldNameOnlyTestsThatExistInTheSpecification() throws IOException {
        List<String> existing = sources().stream().map(JavaSource::name).toList();
        Matcher named = Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|IT))`").matcher(
                Files.readString(Repository.root().resolve("docs/SPECIFICATION.md")));
        List<String> missing = new ArrayList<>();
        int count = 0;
        while (named.find()) {
            count++;
            if (!existing.contains(named.group(1))) {
                missing.add(named.group(1));
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(count > 40, "the specification names " + count + " tests");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a note for later needs a reference | // TODO later",
        "a note for later needs a reference | int x; // FIXME",
        "wait for a condition               | void m() throws Exception { Thread.sleep(1); }",
        "native code lives in               | java.lang.foreign.Arena arena;",
        "big-endian access goes through     | java.nio.ByteOrder order;",
        "only commands print                | void m() { System.out.println(); }",
        "one thread owns the data path      | synchronized void m() { }",
        "an exception is swallowed          | void m() { try { n(); } catch (Exception e) { } }",
        "public m has no doc comment        | public void m() { }",
        "public X has no doc comment        | public static final int X = 1;",
        "public Inner has no doc comment    | public static class Inner { }",
        "m has 5 parameters                 | void m(int a, int b, int c, int d, int e) { }",
        "<init> has 7 parameters            | Planted(int a, int b, int c, int d, int e, int f, int g) { }"})
    void shouldRefuse(String complaint, String member) throws IOException {
        List<String> complaints = complaints("bridge/Planted", "class Planted {\n    " + member + "\n}\n");
        assertEquals(1, complaints.size(), complaints.toString());
        assertTrue(complaints.getFirst().contains(complaint), complaints.toString());
    }

    @ParameterizedTest
    @CsvSource({"bridge/FrameUtil", "bridge/PortManager", "bridge/LinkImpl", "common/Port", "bridge/Info"})
    void shouldRefuseNamesThatSayNothing(String path) throws IOException {
        assertFalse(complaints(path, "class X { }").isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"engine/DataPlane", "bridge/Database", "bridge/InformationElement"})
    void shouldAcceptNamesThatOnlyContainSuchAWord(String path) throws IOException {
        assertEquals(List.of(), complaints(path, "class X { }"));
    }

    @Test
    void shouldRefuseWhatIsTooLong() throws IOException {
        String body = "        n();\n".repeat(TidyTree.MAX_METHOD_LINES - 1);
        String method = "class Planted {\n    void m() {\n" + body + "    }\n}\n";
        assertTrue(complaints("bridge/Planted", method).getFirst().contains("m has 61 lines"));
        String line = "class Planted { // " + "x".repeat(TidyRules.MAX_LINE_LENGTH) + "\n}\n";
        assertTrue(complaints("bridge/Planted", line).getFirst().contains("characters, at most"));
        String file = "class Planted {\n" + "\n".repeat(TidyRules.MAX_FILE_LINES) + "}\n";
        assertTrue(complaints("bridge/Planted", file).getFirst().contains("lines, at most"));
    }

    @Test
    void shouldAcceptReservedWordsWhereTheyBelong() throws IOException {
        assertEquals(List.of(), complaints("linux/Planted", "class Planted { java.lang.foreign.Arena arena; }"));
        assertEquals(List.of(), complaints("bridge/Planted", "class Planted { // TODO #12 age entries\n}"));
    }

    @Test
    void shouldSeeAServiceThatStandsInOnePlaceOnly(@TempDir Path services) throws IOException {
        JavaSource descriptor = JavaSource.of("planted/src/main/java/module-info.java",
                "module m { provides a.Service with b.One, b.Two; }");
        Files.writeString(services.resolve("a.Service"), "# one a line\nb.One\n");
        assertEquals(Map.of("a.Service", Set.of("b.One", "b.Two")), ServiceDeclarations.inModule(descriptor));
        assertEquals(Map.of("a.Service", Set.of("b.One")), ServiceDeclarations.onClassPath(services));
    }

    private static List<String> complaints(String path, String text) throws IOException {
        String packageName = "org.vswitch." + path.substring(0, path.indexOf('/'));
        JavaSource source = JavaSource.of("switch-core/src/main/java/org/vswitch/" + path + ".java",
                "package " + packageName + ";\n" + text);
        List<String> complaints = new ArrayList<>(TidyRules.check(source));
        complaints.addAll(TidyTree.check(source));
        return complaints;
    }

    static List<JavaSource> sources() throws IOException {
        List<JavaSource> sources = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(Repository.root().resolve(module).resolve("src"))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
                    sources.add(JavaSource.read(Repository.root(), file));
                }
            }
        }
        assertTrue(sources.size() > MODULES.size(), "no sources found");
        return sources;
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> top = Files.list(Repository.root());
                Stream<Path> docs = Files.walk(Repository.root().resolve("docs"))) {
            return Stream.concat(top, docs).filter(path -> path.toString().endsWith(".md")).toList();
        }
    }
}
