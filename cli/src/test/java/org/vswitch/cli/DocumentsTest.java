package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Repository;
import picocli.AutoComplete;
import picocli.CommandLine.Model.OptionSpec;

/// What the manual and the shells are told of the commands' options is what the commands know.
class DocumentsTest {
    private static final Path DOCS = Repository.root().resolve("docs");
    private static final Map<String, CommandDeclaration> COMMANDS =
            Map.of("vswitch", VswitchOptions.declaration(), "vplug", VplugCommand.declaration(),
            "vslirp", VslirpOptions.declaration(), "vswitch-tapd", TapdCommand.declaration(),
            "vns", VnsCommand.declaration());

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
            Process groff = Processes.start(new ProcessBuilder(
                    "groff", "-man", "-Tutf8", "-ww", "-z", manual(command).toString()).redirectErrorStream(true));
            String complaints = new String(groff.getInputStream().readAllBytes());
            assertTrue(groff.waitFor(20, TimeUnit.SECONDS));
            assertEquals("", complaints, command);
        }
    }

    /// One file for all: what picocli generates for each is the same but for the part of the command itself.
    @Test
    void shouldCompleteWhatPicocliKnows() throws IOException {
        StringBuilder generated = new StringBuilder("""
                # Completion of vswitch, vplug, vns, vslirp and vswitch-tapd for bash and zsh: source this file.
                # DocumentsTest makes it from what picocli generates.

                """);
        for (String command : COMMANDS.keySet().stream().sorted().toList()) {
            String whole = AutoComplete.bash(command, COMMANDS.get(command).parser())
                    .replaceAll(" \\(see \\[\\d+]\\)", "");
            int shells = whole.indexOf("if [ -n \"$BASH_VERSION\" ]");
            int functions = whole.indexOf("# CompWordsContainsArray takes");
            String own = withHelp(command, whole.substring(whole.indexOf("# Bash completion entry point function.")));
            Pattern function = Pattern.compile("(?m)^function (\\w+)");
            function.matcher(whole.substring(functions, whole.length() - own.length())).results()
                    .forEach(unused -> assertFalse(own.contains(unused.group(1)), unused.group(1)));
            boolean first = generated.indexOf("BASH_VERSION") < 0;
            generated.append(first ? whole.substring(shells, functions) : "\n").append(own);
        }
        Path written = Path.of("target", "vswitch.bash");
        Files.writeString(written, generated);
        assertEquals(generated.toString(), Files.readString(DOCS.resolve("completion/vswitch.bash")),
                "docs/completion is out of date: copy " + written.toAbsolutePath());
    }

    /// `vswitch attach-help KIND [PATH]` is no option, and no subcommand that picocli knew.
    private static String withHelp(String command, String completion) {
        if (!command.equals("vswitch")) {
            return completion;
        }
        String first = "  if [[ \"${curr_word}\" == -* ]]; then\n";
        assertEquals(completion.indexOf(first), completion.lastIndexOf(first));
        return completion.replace(first, """
                  if [[ ${COMP_CWORD} == 1 ]]; then
                    commands="attach-help"
                  elif [[ "${COMP_WORDS[1]}" == attach-help ]]; then
                    if [[ ${COMP_CWORD} == 2 ]]; then
                      COMPREPLY=( $(compgen -W "KINDS" -- "${curr_word}") )
                    else
                      COMPREPLY=( $(compgen -f -- "${curr_word}") )
                    fi
                    return
                  fi

                """.replace("KINDS", AttachHelp.ALL.stream().map(AttachHelp::kind).collect(Collectors.joining(" ")))
                + first);
    }

    @Test
    void shouldCompleteTheKindsOfGuests() throws IOException, InterruptedException {
        Child.assumeInstalled("bash");
        assertEquals("attach-help", completed("att"));
        assertEquals("libvirt libvirt-udp libvirt-stream libvirt-vhost", completed("attach-help", "libv"));
        assertEquals("/proc/version", completed("attach-help", "qemu", "/proc/vers"));
        assertEquals("", completed("--hub", "att"));
    }

    private static String completed(String... words) {
        return Child.run("bash", "-c", "compopt() { :; }; source " + DOCS + "/completion/vswitch.bash; "
                + "COMP_WORDS=(vswitch " + String.join(" ", words) + "); COMP_CWORD=" + words.length + "; "
                + "_complete_vswitch; echo ${COMPREPLY[*]}").strip();
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
