package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.fixture.Seeds;

class GetoptLongOnlyTest {
    /// What we say behind glibc's words where help may help.
    private static final String SEE = " (see vswitch --help)";

    @ParameterizedTest
    @ValueSource(strings = {"-s D", "-sD", "--sock D", "--sock=D", "-sock D", "-sock=D", "-so D", "--so=D", "--s D",
        "-vdesock D", "--vdes=D", "-unix D", "-u D", "--u=D"})
    void shouldReadEverySpellingOfAnOption(String line) throws BadCommandLine {
        assertEquals(new Line(List.of("--sock=D"), List.of()), read(line.split(" ")));
    }

    @Test
    void shouldReadClusters() throws BadCommandLine {
        assertEquals(List.of("--hub", "--fstp", "--daemon", "--numports=4"), read("-xFdn", "4").options());
        assertEquals(List.of("--hub", "--sock=Fd"), read("-xsFd").options());
    }

    @Test
    void shouldPreferALongNameToACluster() throws BadCommandLine {
        assertEquals(List.of("--hub"), read("-hu").options());
        assertEquals(List.of("--daemon"), read("-da").options());
        assertEquals(List.of("--help"), read("-h").options());
    }

    @Test
    void shouldTakeValuesThatLookLikeOptions() throws BadCommandLine {
        assertEquals(List.of("--sock=-x", "--hub"), read("-s", "-x", "-x").options());
        assertEquals(List.of("--sock=--"), read("--sock", "--").options());
        assertEquals(List.of("--sock="), read("--sock=").options());
        assertEquals(List.of("--sock==a=b"), read("--sock==a=b").options());
    }

    @Test
    void shouldFindOperandsAnywhere() throws BadCommandLine {
        assertEquals(new Line(List.of("--hub", "--fstp"), List.of("a", "-", "", "b", "-x")),
                read("a", "-x", "-", "", "-F", "--", "b", "-x"));
    }

    @Test
    void shouldStopAtTheFirstOperandIfPosixAsksForIt() throws BadCommandLine {
        GetoptLongOnly strict = new GetoptLongOnly(VswitchOptions.declaration().spec(), VswitchOptions.ADDED, false);
        assertEquals(new Line(List.of("--hub"), List.of("a", "-F")), strict.read("-x", "a", "-F"));
    }

    @Test
    void shouldStopWhereHelpOrVersionIsAskedFor() throws BadCommandLine {
        assertEquals(List.of("--hub", "--version"), read("-xv", "--unknown").options());
        assertEquals(List.of("--hub", "--help"), read("-xhQ").options());
    }

    @Test
    void shouldLetAddedNamesYieldToOthers() throws BadCommandLine {
        assertEquals(List.of("--numports=4"), read("--n=4").options());
        assertEquals(List.of("--nostdin"), read("--no").options());
        assertEquals(List.of("--link=a=tap://t"), read("-l=a=tap://t").options());
        assertEquals(List.of("--sock=lirpy"), read("-slirpy").options());
        assertEquals(List.of("--sock=li"), read("-sli").options());
        assertEquals(List.of("--numports=o"), read("-no").options());
    }

    @Test
    void shouldTakeAValueThatMayBeLeftOutFromItsOwnArgumentOnly() throws BadCommandLine {
        assertEquals(new Line(List.of("--slirp", "--hub"), List.of("mtu=9000")), read("-slirp", "mtu=9000", "-x"));
        assertEquals(List.of("--slirp=mtu=9000"), read("--slirp=mtu=9000").options());
        assertEquals(List.of("--slirp="), read("--slirp=").options());
    }

    @Test
    void shouldComplainInTheWordsOfGlibc() {
        assertEquals("unrecognized option '--foo=1'" + SEE, mistake("--foo=1"));
        assertEquals("unrecognized option '-Q'" + SEE, mistake("-Q"));
        assertEquals("invalid option -- 'Q'" + SEE, mistake("-xQ"));
        assertEquals("option '--mo' is ambiguous; possibilities: '--mod' '--mode'" + SEE, mistake("--mo"));
        assertEquals("option '--hub' doesn't allow an argument", mistake("--hub=1"));
        assertEquals("option '-sock' requires an argument", mistake("-so"));
        assertEquals("option requires an argument -- 's'", mistake("-xs"));
    }

    private static Line read(String... arguments) throws BadCommandLine {
        return new GetoptLongOnly(VswitchOptions.declaration().spec(), VswitchOptions.ADDED, true).read(arguments);
    }

    private static String mistake(String... arguments) {
        return assertThrows(BadCommandLine.class, () -> read(arguments)).getMessage();
    }

    /// The same lines to both. `-v -v` at the end has vde_switch exit before it does anything, whatever the line says.
    @Nested
    class BesideVdeSwitch {
        private static final Pattern NAMED =
                Pattern.compile("(?:vde_switch: Invalid MAC Addr |No such group ')(.*?)'?");
        private static final List<String> LONG = List.of("help", "hub", "fstp", "version", "numports", "hashsize",
                "macaddr", "priority", "sock", "vdesock", "unix", "mod", "mode", "dirmode", "group", "daemon",
                "pidfile", "rcfile", "mgmt", "mgmtmode", "mgmtgroup", "debugclients", "tap", "foo");
        private static final List<String> VALUES = List.of("5", "-x", "--", "-", "", "a=b", "--hub", "daemon", "-g",
                "--group", "-macaddr", "=", ":");
        private static final String LETTERS = "xFnsmgdpfMDtxFgxFgQW?:=-hv";

        @TempDir
        private Path folder;

        @Test
        void shouldUnderstandTheSameLines() {
            VdeSwitch.assumeInstalled();
            Seeds.check(250, random -> {
                List<String> line = new ArrayList<>(List.of("-s", folder + "/s"));
                for (int i = random.nextInt(4) + 1; i > 0; i--) {
                    addArgument(line, random);
                }
                line.addAll(List.of("-v", "-v"));
                compare(line);
            });
        }

        private static void addArgument(List<String> line, Random random) {
            switch (random.nextInt(5)) {
                case 0 -> line.add(pick(VALUES, random));
                case 1, 2 -> line.add(cluster(random));
                default -> {
                    String name = pick(LONG, random);
                    int length = random.nextInt(3) == 0 ? random.nextInt(name.length() + 1) : name.length();
                    String value = random.nextInt(3) == 0 ? "=" + pick(VALUES, random) : "";
                    line.add((random.nextBoolean() ? "-" : "--") + name.substring(0, length) + value);
                }
            }
        }

        private static String cluster(Random random) {
            StringBuilder letters = new StringBuilder("-");
            for (int i = random.nextInt(3) + 1; i > 0; i--) {
                letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            return letters.toString();
        }

        private static String pick(List<String> list, Random random) {
            return list.get(random.nextInt(list.size()));
        }

        private void compare(List<String> line) throws Exception {
            VdeSwitch.Outcome theirs = VdeSwitch.run(folder, line);
            List<String> errors = theirs.errors().stream().filter(each -> !each.contains("Hash size")).toList();
            String first = errors.isEmpty() ? "" : errors.getFirst();
            Matcher named = NAMED.matcher(first);
            try {
                Line ours = read(line.toArray(String[]::new));
                if (named.matches()) {
                    assertTrue(ours.options().stream()
                            .anyMatch(option -> option.matches("--(macaddr|group|mgmtgroup)=.*")
                            && option.endsWith("=" + named.group(1))), line + " is " + ours + " here, there: " + first);
                    return;
                }
                assertEquals("", first, line + " is " + ours + " here");
                String last = ours.options().getLast();
                boolean version = last.equals("--version");
                assertTrue(version || last.equals("--help") || !ours.operands().isEmpty(), line + " is " + ours);
                assertEquals(version ? 0 : 1, theirs.code(), line + " is " + ours + " here");
                assertEquals(version ? "VDE " : "Usag", theirs.output().substring(0, 4), line.toString());
            } catch (BadCommandLine mistake) {
                if (!named.matches()) {
                    assertEquals(first, "vde_switch: " + mistake.getMessage().replace(SEE, ""), line.toString());
                }
            }
        }
    }
}
