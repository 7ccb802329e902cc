package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Repository;
import picocli.AutoComplete;
import picocli.CommandLine.Model.OptionSpec;

/// What the manual and the shells are told of the commands' options is what the commands know.
class DocumentsTest {
    private static final Path DOCS = Repository.root().resolve("docs");
    private static final Map<String, CommandDeclaration> COMMANDS =
            Map.of("vswitch", VswitchOptions.declaration(), "vplug", VplugCommand.declaration(),
            "vslirp", VslirpOptions.declaration());

    @Test
    void shouldExplainEveryOptionInTheManual() throws IOException {
        for (var command : COMMANDS.entrySet()) {
            TreeSet<String> declared = new TreeSet<>();
            for (OptionSpec option : command.getValue().spec().options()) {
                declared.addAll(List.of(option.names()));
            }
            assertEquals(declared, explained(manual(command.getKey())), "options in the manual of " + command.getKey());
        }
    }

    @Test
    void shouldWriteTheManualWithoutMistakes() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/groff")), "groff is not installed");
        for (String command : COMMANDS.keySet()) {
            Process groff = new ProcessBuilder("groff", "-man", "-Tutf8", "-ww", "-z", manual(command).toString())
                    .redirectErrorStream(true).start();
            String complaints = new String(groff.getInputStream().readAllBytes());
            assertTrue(groff.waitFor(20, TimeUnit.SECONDS));
            assertEquals("", complaints, command);
        }
    }

    @Test
    void shouldCompleteWhatPicocliKnows() throws IOException {
        for (var command : COMMANDS.entrySet()) {
            String generated = AutoComplete.bash(command.getKey(), command.getValue().parser());
            Path written = Path.of("target", command.getKey() + ".bash");
            Files.writeString(written, generated);
            assertEquals(generated, Files.readString(DOCS.resolve("completion").resolve(command.getKey() + ".bash")),
                    "docs/completion is out of date: copy " + written.toAbsolutePath());
        }
    }

    private static Path manual(String command) {
        return DOCS.resolve("man").resolve(command + ".1");
    }

    /// The options that head a paragraph.
    private static TreeSet<String> explained(Path manual) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        List<String> lines = Files.readAllLines(manual);
        Pattern option = Pattern.compile("(?<![\\w-])--?\\w[\\w-]*");
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i - 1).equals(".TP")) {
                Matcher matcher = option.matcher(lines.get(i).replace("\\-", "-").replaceAll("\\\\fI.*", ""));
                while (matcher.find()) {
                    names.add(matcher.group());
                }
            }
        }
        return names;
    }
}
