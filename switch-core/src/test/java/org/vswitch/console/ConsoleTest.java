package org.vswitch.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.fixture.Sandbox;

/// Our console alone: what Debian's does otherwise, or not at all.
class ConsoleTest {
    private static final long SEED = Long.getLong("org.vswitch.seed", 20_050_422);
    private static final String DONE = "1000 Success\n";

    @TempDir
    private Path directory;
    private OwnSwitch own;
    private ConsoleClient client;

    @BeforeEach
    void start() throws IOException {
        own = new OwnSwitch(directory);
        client = new ConsoleClient(own.management());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        own.close();
        assertEquals(List.of(), own.log.stream().filter(line -> line.contains("Exception")).toList());
    }

    @Test
    void shouldSayWhatDebianSays() throws IOException {
        for (Golden.Exchange exchange : Golden.read()) {
            assertEquals(exchange.reply().stripTrailing(),
                    Normal.withoutOwnCommands(Normal.of(client.ask(exchange.line()))).stripTrailing(),
                    exchange.line());
        }
    }

    @Test
    void shouldRunAllLinesOfOneWrite() throws IOException {
        client.send("port/create 3\nport/create 3\n\nbogus\nport/create 4\n");
        assertEquals("1000 Success\n\nvde$ 1017 File exists\n\nvde$ \nvde$ 1038 Function not implemented\n\nvde$ "
                + "1000 Success\n\nvde$ ", client.readUntil(text -> text.split("vde", -1).length == 6
                        && text.endsWith(Reply.PROMPT)));
    }

    @Test
    void shouldPutALineTogetherThatComesInPieces() throws IOException {
        for (char c : "port/create 3".toCharArray()) {
            client.send(String.valueOf(c));
        }
        assertEquals(DONE, client.ask(""));
        assertTrue(client.ask("port/allprint 3").endsWith(DONE));
    }

    @Test
    void shouldTakeALineWithoutNewlineAfterAPause() throws IOException {
        client.send("port/create 3");
        assertEquals(DONE + Reply.PROMPT, client.readReply());
    }

    @Test
    void shouldAnswerEverythingBeforeTheEndOfInput() throws IOException {
        client.send("port/create 3\nport/create 4\nport/create 5");
        client.endInput();
        assertEquals((DONE + Reply.PROMPT).repeat(3), client.readToEnd());
    }

    @Test
    void shouldRefuseALineThatIsTooLong() throws IOException {
        assertEquals("1090 Message too long\n", client.ask("x".repeat(ConsoleSession.MAX_LINE + 1)));
        assertEquals("1038 Function not implemented\n", client.ask("x".repeat(ConsoleSession.MAX_LINE)));
        assertEquals(DONE, client.ask("port/create 3"));
    }

    @Test
    void shouldEndTheSessionAtLogout() throws IOException {
        client.send("logout\nport/create 3\n");
        assertEquals("9999 END OF SESSION", client.readToEnd());
        assertTrue(client.hasEnded());
        assertFalse(own.shutDown.get());
    }

    @Test
    void shouldEndTheSwitchAtShutdown() throws IOException {
        client.send("shutdown\n");
        assertEquals("9999 END OF SESSION", client.readToEnd());
        Sandbox.await("the switch ends", own.shutDown::get);
    }

    @Test
    void shouldPrintJsonInTheDataBlock() throws IOException {
        own.plug(5, "a \"quoted\" \\ plug");
        assertEquals("""
                0000 DATA END WITH '.'
                [{"port":5,"untaggedVlan":0,"active":true,"allocatable":true,"currentUser":"USER",\
                "allowedUser":"NONE","allowedGroup":"NONE","framesIn":0,"bytesIn":0,"framesOut":0,"bytesOut":0,\
                "trunk":false,"mirror":null,"endpoints":[{"id":N,"module":"unix prog",\
                "description":"a \\"quoted\\" \\\\ plug"}]}]
                .
                1000 Success
                """.replace("USER", System.getProperty("user.name")), client.ask("port/print --json")
                        .replaceFirst("\"id\":\\d+", "\"id\":N"));
        assertEquals("0000 DATA END WITH '.'\n{\"ports\":32,\"hub\":false}\n.\n1000 Success\n",
                client.ask("port/showinfo --json  "));
        assertEquals("0000 DATA END WITH '.'\n[]\n.\n1006 No such device or address\n",
                client.ask("port/print 7 --json"));
        assertEquals("0000 DATA END WITH '.'\n[]\n.\n1002 No such file or directory\n",
                client.ask("plugin/list --json"));
        assertEquals("0000 DATA END WITH '.'\n[{\"vlan\":0,\"ports\":[{\"port\":5,\"tagged\":false,\"active\":true,"
                + "\"status\":\"Forwarding\"}]}]\n.\n1000 Success\n", client.ask("vlan/print 0 --json"));
    }

    @Test
    void shouldHaveAJsonFormOfEachCommandThatPrints() throws IOException {
        own.plug(0, "x");
        for (String line : client.ask("help --json").split("\"path\":\"")) {
            String path = line.substring(0, Math.max(0, line.indexOf('"')));
            if (path.matches("(\\w+/)?(showinfo|list|print|allprint|drops|ledger|guard|limit)")) {
                String reply = client.ask(path + " --json");
                assertEquals(4, reply.lines().count(), reply);
                String document = reply.lines().toList().get(1);
                assertTrue(document.matches("\\{.*}|\\[.*]"), document);
            }
        }
    }

    @Test
    void shouldPrintTheLedgerOfAPort() throws IOException {
        var first = own.plug(1, "first");
        own.plug(2, "second");
        byte[] frame = new byte[60];
        java.util.Arrays.fill(frame, 0, 6, (byte) 0xff);
        first.send(frame);
        first.send(new byte[7]);
        Sandbox.await("two frames", () -> asked("port/ledger 1").contains("received 2 "));
        assertEquals("""
                0000 DATA END WITH '.'
                Port 0001 received 2 = consumed 0 + discarded 1 + passed 1
                  -- endpoint ID NNNN offered 0 = sent 0 + queued 0 + dropped 0
                Port 0002 received 0 = consumed 0 + discarded 0 + passed 0
                  -- endpoint ID NNNN offered 1 = sent 1 + queued 0 + dropped 0
                .
                1000 Success
                """, Normal.of(client.ask("port/ledger")));
        assertEquals("""
                0000 DATA END WITH '.'
                Port 0001 discarded 1
                      too-short        1
                  -- endpoint ID NNNN dropped 0
                .
                1000 Success
                """, Normal.of(client.ask("port/drops 1")));
        assertTrue(client.ask("port/drops 1 --json").contains("{\"port\":1,\"discarded\":{\"too-short\":1}"));
        String ledger = client.ask("port/ledger");
        assertEquals(DONE, client.ask("port/resetcounter"));
        assertEquals(ledger, client.ask("port/ledger"));
        assertTrue(client.ask("port/print 1").contains("IN:  pkts          0 "), client.ask("port/print 1"));
    }

    @Test
    void shouldGuardPorts() throws IOException {
        client.ask("port/create 3");
        assertEquals(DONE, client.ask("port/setguard 3 clean-traffic+ip=10.0.0.1+ip=10.0.0.2 isolated"));
        assertEquals("""
                0000 DATA END WITH '.'
                Port 0003 guard macs=1+arp+dhcp+ra+bpdu+types+isolated+ip=10.0.0.1+ip=10.0.0.2
                .
                1000 Success
                """, client.ask("port/guard"));
        assertEquals("""
                0000 DATA END WITH '.'
                [{"port":3,"guard":"macs=1+arp+dhcp+ra+bpdu+types+isolated+ip=10.0.0.1+ip=10.0.0.2",\
                "pending":false,"stations":[],"addresses":[]}]
                .
                1000 Success
                """, client.ask("port/guard 3 --json"));
        assertEquals(DONE, client.ask("port/setguard 3 off"));
        assertEquals("0000 DATA END WITH '.'\n.\n1000 Success\n", client.ask("port/guard"));
        assertEquals(failed("port 32: must be 0 to 31, or clients", "1022 Invalid argument"),
                client.ask("port/setguard 32 ra"));
        for (String few : List.of("", " 3", " clients ")) {
            String refusal = client.ask("port/setguard" + few);
            assertTrue(refusal.contains("needs a port or clients, and a guard: off, trusted, clean-traffic, mac=MAC, "),
                    refusal);
            assertTrue(refusal.endsWith("1022 Invalid argument\n"), refusal);
        }
        for (String bad : List.of("3", "3 clean", "clients", "clients trusted ra")) {
            String refusal = client.ask("port/setguard " + bad);
            assertTrue(refusal.contains("guard: ") && refusal.endsWith("1022 Invalid argument\n"), refusal);
        }
    }

    @Test
    void shouldShowGuardsOfPortsThatAreNotInUse() throws IOException {
        assertEquals(DONE, client.ask("port/setguard 7 isolated"));
        assertEquals(DONE, client.ask("port/setguard 8 off"));
        String waiting = "0000 DATA END WITH '.'\nPort 0007 guard isolated (once in use)\n.\n1000 Success\n";
        assertEquals(waiting, client.ask("port/guard"));
        assertEquals(waiting, client.ask("port/guard 7"));
        assertTrue(client.ask("port/guard --json").contains("{\"port\":7,\"guard\":\"isolated\",\"pending\":true,"));
        assertEquals(failed("port 8: there is none", "1006 No such device or address"), client.ask("port/guard 8"));
        assertEquals(failed("port 999999: must be 0 to 31", "1022 Invalid argument"), client.ask("port/guard 999999"));
        client.ask("port/create 7");
        client.ask("port/remove 7");
        assertEquals(waiting, client.ask("port/guard"));
        own.plug(7, "guest");
        assertEquals(waiting.replace(" (once in use)", ""), client.ask("port/guard"));
    }

    @Test
    void shouldGuardAllClientsButThoseWithAGuardByNumber() throws IOException {
        var first = own.plug(1, "first");
        own.plug(2, "second");
        assertEquals(DONE, client.ask("port/setguard 2 trusted"));
        assertEquals(DONE, client.ask("port/setguard clients mac=02:00:00:00:00:0a"));
        own.plug(4, "later");
        client.ask("link/add null:// 5");
        String guards = client.ask("port/guard");
        assertTrue(guards.contains("Port 0001 guard mac=02:00:00:00:00:0a\nPort 0002 guard trusted\n"
                + "Port 0004 guard mac=02:00:00:00:00:0a\n."), guards);
        first.send(new byte[60]);
        Sandbox.await("a refusal", () -> asked("port/drops 1").contains("guard-mac        1"));
    }

    @Test
    void shouldGuardLinksAsTheirUrlsSay() throws IOException {
        client.ask("link/add null://[guard=isolated+ra] 5");
        client.ask("link/add udp://17654->127.0.0.1:17655 6");
        String guards = client.ask("port/guard");
        assertTrue(guards.contains("Port 0005 guard ra+isolated\nPort 0006 guard trusted\n."), guards);
        assertTrue(client.ask("link/list").contains("null://[guard=isolated+ra]"));
        assertTrue(client.ask("link/add null://[guard=x]").contains("guard: unknown word 'x'"));
    }

    @Test
    void shouldSetTrunksAndMirrors() throws IOException {
        client.ask("port/create 3");
        client.ask("port/create 4");
        assertEquals(DONE, client.ask("port/trunk 3 1"));
        assertEquals(DONE, client.ask("port/mirror 3 4"));
        assertTrue(client.ask("port/allprint 3 --json").contains("\"trunk\":true,\"mirror\":4"));
        assertEquals(DONE, client.ask("port/trunk 3 0"));
        assertEquals(DONE, client.ask("port/mirror 3 off"));
        assertTrue(client.ask("port/allprint 3 --json").contains("\"trunk\":false,\"mirror\":null"));
        assertEquals("1022 Invalid argument\n", client.ask("port/mirror 3 3"));
        assertEquals("1006 No such device or address\n", client.ask("port/mirror 3 5"));
        assertEquals("1022 Invalid argument\n", client.ask("port/mirror 3"));
        assertEquals("1022 Invalid argument\n", client.ask("port/trunk 3"));
        assertEquals("1006 No such device or address\n", client.ask("port/trunk 9 1"));
    }

    @Test
    void shouldLimitAddresses() throws IOException {
        assertTrue(client.ask("hash/limit 100").contains("Limit 100 of 131072\nAddresses 0\n"));
        assertTrue(client.ask("hash/limit").contains("Limit 100 of 131072\n"));
        assertTrue(client.ask("hash/limit 500000").endsWith("1022 Invalid argument\n"));
    }

    @Test
    void shouldAddAndRemoveLinks() throws IOException {
        assertEquals("0000 DATA END WITH '.'\nhome             Port 0007 null://\n.\n1000 Success\n",
                client.ask("link/add home=null:// 7"));
        assertTrue(client.ask("link/list --json").contains("[{\"name\":\"home\",\"port\":7,\"url\":\"null://\","
                + "\"ended\":false}]"));
        assertEquals(DONE, client.ask("link/del home"));
        assertEquals(failed("link home: there is none", "1006 No such device or address"),
                client.ask("link/del home"));
        assertEquals(failed("needs the NAME of a link, as link/list has it", "1022 Invalid argument"),
                client.ask("link/del"));
        assertTrue(client.ask("link/add x://y").contains("unknown scheme x in x://y"));
        assertEquals(failed("needs a URL", "1022 Invalid argument"), client.ask("link/add"));
    }

    @Test
    void shouldShowThatALinkHasEndedAndGiveItsNameAway() throws IOException {
        assertTrue(client.ask("link/add far=null://").contains("far              Port 0001 null://"));
        own.end(1);
        Sandbox.await("its end", () -> lists("far              ended     null://"));
        String json = client.ask("link/list --json");
        assertTrue(json.contains("\"port\":null,") && json.contains("\"ended\":true"), json);
        assertTrue(client.ask("link/add far=null://").contains("far              Port 0001 null://"));
    }

    private boolean lists(String link) {
        try {
            return client.ask("link/list").contains("\n" + link);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void shouldSayWhyALinkIsRefusedAndAnswerTheKernelsCode() throws IOException {
        assertEquals(failed("vde: connect /nosuch/ctl: No such file or directory", "1002 No such file or directory"),
                client.ask("link/add vde:///nosuch"));
        assertEquals(failed("null: x (nothing stands behind null://)", "1022 Invalid argument"),
                client.ask("link/add null://x"));
        assertTrue(client.ask("link/add null:// x").endsWith("1022 Invalid argument\n"));
        assertEquals(failed("no port 32 for null://", "1022 Invalid argument"), client.ask("link/add null:// 32"));
        client.ask("link/add a=null://");
        assertEquals(failed("link name=a is in use", "1017 File exists"), client.ask("link/add a=null://"));
        for (int port = 2; port < 32; port++) {
            client.ask("link/add null://");
        }
        assertEquals(failed("no free port for null://", "1028 No space left on device"),
                client.ask("link/add null://"));
    }

    @Test
    void shouldTakeJsonBeforeAnArgumentToo() throws IOException {
        client.ask("link/add null:// 3");
        for (String command : List.of("port/allprint", "port/drops", "port/ledger")) {
            String behind = client.ask(command + " 3 --json");
            assertTrue(behind.contains("\"port\":3"), behind);
            assertEquals(behind, client.ask(command + " --json 3"));
            assertEquals(behind, client.ask(command + "  --json  3 "));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"link/list --jsn", "link/list--jsn", "port/drops --jsn 3", "port/print --jsn",
        "showinfo --jsn", "port/gauges --json --jsn", "help --jsn"})
    void shouldNotOverlookAnOptionThatIsMisspelt(String line) throws IOException {
        assertEquals(failed("unknown option --jsn (known: --json)", "1022 Invalid argument"), client.ask(line));
    }

    @Test
    void shouldNotOverlookWhatOurOwnCommandsDoNotTake() throws IOException {
        assertEquals(failed("link/list takes no argument but --json", "1022 Invalid argument"),
                client.ask("link/list 3"));
        assertEquals(failed("null: x --inetd (nothing stands behind null://)", "1022 Invalid argument"),
                client.ask("link/add null://x --inetd"));
        assertTrue(client.ask("hash/limit 100x").endsWith("1022 Invalid argument\n"));
        assertTrue(client.ask("hash/limit 100 200").endsWith("1022 Invalid argument\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"port/gauges", "port/drops", "port/ledger", "port/guard"})
    void shouldSayWhatIsWrongWithAPort(String command) throws IOException {
        client.ask("port/create 3");
        for (String noPort : List.of("32", "99", "-1", "x", "3x", "0x3", "99999999999")) {
            assertEquals(failed("port " + noPort + ": must be 0 to 31", "1022 Invalid argument"),
                    client.ask(command + " " + noPort));
        }
        assertEquals(failed("port 4: there is none", "1006 No such device or address"), client.ask(command + " 4"));
        assertTrue(client.ask(command).endsWith(DONE));
        assertEquals(failed("port 3: nothing to show", "1006 No such device or address"),
                client.ask("port/gauges 3"));
    }

    private static String failed(String why, String status) {
        return "0000 DATA END WITH '.'\n" + why + "\n.\n" + status + "\n";
    }

    @Test
    void shouldServeSessionsSideBySideUpToALimit() throws IOException {
        List<ConsoleClient> others = new ArrayList<>();
        for (int i = 1; i < ConsoleServer.MAX_SESSIONS; i++) {
            others.add(new ConsoleClient(own.management()));
        }
        try (ConsoleClient tooMany = new ConsoleClient(own.management())) {
            assertEquals("", tooMany.banner());
            assertTrue(tooMany.hasEnded());
        }
        for (ConsoleClient other : others) {
            assertTrue(other.ask("port/showinfo").endsWith(DONE));
            other.close();
        }
        assertTrue(client.ask("port/showinfo").endsWith(DONE));
    }

    @Test
    void shouldStopReadingFromAReaderWhoDoesNotRead() throws IOException {
        try (ConsoleClient slow = new ConsoleClient(own.management())) {
            String lines = "help\n".repeat(100_000);
            IOException stuck = assertThrows(IOException.class, () -> slow.sendWithoutWaiting(lines));
            assertEquals("the far side does not read", stuck.getMessage());
            assertTrue(client.ask("port/showinfo").endsWith(DONE));
        }
    }

    @Test
    void shouldTakeOverTheSocketOfADeadSwitchOnly() throws IOException {
        ManagementSettings settings = new ManagementSettings(own.management().toString(),
                new SocketPermissions(0640, SocketPermissions.NO_GROUP));
        IOException inUse = assertThrows(IOException.class, () -> ConsoleServer.open(settings, own.host, own.loop()));
        assertEquals("bind " + own.management() + ": Address already in use", inUse.getMessage());
        ManagementSettings nowhere = new ManagementSettings("/nosuch/mgmt", settings.permissions());
        IOException missing = assertThrows(IOException.class, () -> ConsoleServer.open(nowhere, own.host, own.loop()));
        assertEquals("bind /nosuch/mgmt: No such file or directory", missing.getMessage());
        Path left = directory.resolve("left");
        try (var dead = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            dead.bind(java.net.UnixDomainSocketAddress.of(left));
        }
        assertTrue(Files.exists(left));
        ManagementSettings again = new ManagementSettings(left.toString(), settings.permissions());
        try (ConsoleServer server = ConsoleServer.open(again, own.host, own.loop());
                ConsoleClient other = new ConsoleClient(left)) {
            assertTrue(other.banner().startsWith("VDE switch V.2.3.2\n"));
            assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(left)));
            assertTrue(server != null);
        }
        Sandbox.await("the socket is removed", () -> !Files.exists(left));
    }

    @Test
    void shouldRunTheStartupScriptWithoutSession() throws IOException {
        Path script = Files.writeString(directory.resolve("rc"),
                "# ports\nport/create 3\nload nosuch\ndebug/add\nlogout\nshutdown\nport/create 4\n");
        assertTrue(StartupScript.run(script.toString(), own.host.menus(), own.loop()).join());
        assertFalse(StartupScript.run("/nonexistent", own.host.menus(), own.loop()).join());
        assertTrue(client.ask("port/allprint 3").endsWith(DONE));
        assertTrue(client.ask("port/allprint 4").endsWith(DONE));
        assertFalse(own.shutDown.get());
    }

    @Test
    void shouldNotLoadForEver() throws IOException {
        Path script = directory.resolve("loop");
        Files.writeString(script, "load " + script + "\n");
        String reply = client.ask("load " + script);
        assertEquals(ConsoleSession.MAX_SCRIPTS, reply.lines().filter(DONE.strip()::equals).count());
        assertTrue(reply.contains("1024 Too many open files\n"), reply);
    }

    @Test
    void shouldSpeakOnStandardInput() {
        var output = new ByteArrayOutputStream();
        var prompts = new ByteArrayOutputStream();
        var input = new ByteArrayInputStream("port/create 3\nlogout\n\nport/create 3\nbogus".getBytes(
                StandardCharsets.UTF_8));
        try (var executor = Executors.newSingleThreadExecutor()) {
            new StdinConsole(new StdinConsole.Streams(input, output, prompts), own.host, executor).run();
        }
        assertEquals(DONE + "1017 File exists\n1038 Function not implemented\n", output.toString());
        assertEquals(Reply.PROMPT.repeat(4), prompts.toString());
        assertFalse(own.shutDown.get());
    }

    @Test
    void shouldEndAtShutdownOnStandardInput() {
        var output = new ByteArrayOutputStream();
        var input = new ByteArrayInputStream("shutdown\nport/create 3\n".getBytes(StandardCharsets.UTF_8));
        try (var executor = Executors.newSingleThreadExecutor()) {
            new StdinConsole(new StdinConsole.Streams(input, output, output), own.host, executor).run();
        }
        assertEquals("", output.toString());
        assertTrue(own.shutDown.get());
    }

    @Test
    void shouldSurviveAnyBytes() throws IOException {
        Random random = new Random(SEED);
        CommandSource source = new CommandSource(random);
        for (int i = 0; i < 300; i++) {
            byte[] noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            String line = source.next();
            int cut = random.nextInt(line.length() + 1);
            client.send(line.substring(0, cut));
            client.send(noise);
            client.send(line.substring(cut) + (random.nextBoolean() ? " --json\n" : "\n"));
            if (random.nextInt(20) == 0) {
                client.send("y".repeat(random.nextInt(10_000)));
            }
        }
        String mark = "help still-here";
        client.send("\n" + mark + "\nload " + directory.resolve("end-mark") + "\n");
        String all = client.readUntil(text -> text.endsWith("1002 No such file or directory\n" + Reply.PROMPT));
        assertFalse(all.isEmpty(), "seed=" + SEED);
        try (ConsoleClient other = new ConsoleClient(own.management())) {
            assertTrue(other.ask("port/showinfo").endsWith(DONE), "seed=" + SEED);
        }
    }

    private String asked(String line) {
        try {
            return client.ask(line);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }
}
