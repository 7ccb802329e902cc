package org.vswitch.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Sandbox;

/// The same lines and the same plugs to Debian's vde_switch and to our console: the same bytes come back.
class ConsoleDifferentialTest {
    private static final long SEED = Long.getLong("org.vswitch.seed", 20_050_421);

    @TempDir
    private Path directory;
    private SwitchWithConsole debian;
    private SwitchWithConsole own;
    private ConsoleClient theirs;
    private ConsoleClient ours;

    @BeforeEach
    void start() throws Exception {
        debian = new DebianSwitch(Files.createDirectory(directory.resolve("debian")));
        own = new OwnSwitch(Files.createDirectory(directory.resolve("own")));
        theirs = new ConsoleClient(debian.management());
        ours = new ConsoleClient(own.management());
        assertEquals(theirs.banner(), ours.banner());
    }

    @AfterEach
    void stop() throws Exception {
        if (own != null) {
            ours.close();
            own.close();
        }
        if (debian != null) {
            theirs.close();
            debian.close();
        }
    }

    @Test
    void shouldListTheSameCommandsAndOwnOnesBesides() throws Exception {
        for (String filter : List.of("", " port", " port/", " hash", "  vlan", " nothing", " hash extra", "\r", "x",
                " fstp/print")) {
            assertEquals(theirs.ask("help" + filter), Normal.withoutOwnCommands(ours.ask("help" + filter)), filter);
        }
    }

    @Test
    void shouldAnswerGoodAndBadArgumentsAlike() throws Exception {
        for (Golden.Exchange exchange : Golden.read()) {
            same(exchange.line());
        }
    }

    @Test
    void shouldShowPlugsAlike() throws Exception {
        List<SwitchWithConsole.Plug> plugs = new ArrayList<>();
        plugs.addAll(plug(0, "first \"quoted\""));
        plugs.addAll(plug(0, ""));
        plugs.addAll(plug(5, "third"));
        plugs.addAll(plug(5, "fourth user=root PID=1"));
        plugs.addAll(plug(5, "fifth"));
        for (String line : List.of("port/print", "port/print 5", "port/allprint", "port/print 2", "vlan/print",
                "vlan/allprint", "port/remove 5", "port/create 5", "port/create 9", "vlan/create 7", "vlan/print 0",
                "port/setvlan 5 7", "vlan/addport 7 1", "vlan/addport 7 9", "vlan/print", "vlan/allprint",
                "vlan/print 7", "vlan/remove 7", "fstp/print", "fstp/print 7", "port/createauto", "port/epclose 5 999",
                "port/allocatable 1 0", "port/setuser 1 daemon", "port/print 1", "fstp/bonus 7 1 4", "fstp/print 7",
                "port/sethub 1", "fstp/setfstp 1", "port/showinfo", "port/print", "port/sethub 0")) {
            same(line);
        }
        plugs.get(0).unplug();
        plugs.get(1).unplug();
        for (ConsoleClient client : List.of(theirs, ours)) {
            Sandbox.await("port 1 is empty", () -> asked(client, "port/print 1").contains("1006 "));
        }
        for (String line : List.of("port/print", "port/allprint", "vlan/print", "vlan/allprint", "fstp/print",
                "port/remove 1", "port/allprint 1", "port/createauto", "vlan/allprint")) {
            same(line);
        }
    }

    @Test
    void shouldReportEventsAlike() throws Exception {
        same("debug/add port");
        same("debug/add hash");
        same("debug/list");
        var first = plug(0, "somebody");
        sameEvents(3);
        var second = plug(5, "else \"quoted\"");
        sameEvents(3);
        var third = plug(5, "third");
        sameEvents(2);
        first.forEach(plug -> plug.send(frame(1)));
        sameEvents(1);
        same("hash/print");
        same("hash/find 02:00:00:00:00:01");
        same("port/print");
        third.forEach(SwitchWithConsole.Plug::unplug);
        sameEvents(1);
        first.forEach(SwitchWithConsole.Plug::unplug);
        sameEvents(3);
        second.forEach(SwitchWithConsole.Plug::unplug);
        sameEvents(2);
        same("debug/del port");
        same("port/create 9");
        same("debug/del port");
    }

    @Test
    void shouldPrintAddressesInTheSameOrder() throws Exception {
        var plugs = plug(0, "many");
        // one address a chain: within a chain the order depends on who came first
        int[] hosts = {1, 2, 3, 4, 7, 9, 40, 41};
        for (int host : hosts) {
            plugs.forEach(plug -> plug.send(frame(host)));
        }
        for (ConsoleClient client : List.of(theirs, ours)) {
            Sandbox.await("addresses", () -> asked(client, "hash/print").split("Hash:").length == hosts.length + 1);
        }
        for (String line : List.of("hash/print", "hash/find 2:0:0:0:0:1", "hash/find 02.00.00.00.00.02",
                "hash/find 02:00:00:00:00:03 0", "hash/find 02:00:00:00:00:03 1", "hash/find 02:00:00:00:00:03 65536",
                "hash/find 102:0:0:0:0:4x", "hash/find  +2:0:0:0:0:0x7", "hash/find 02:00.00:00.00:01",
                "port/allprint", "hash/setsize 64", "hash/print", "hash/showinfo")) {
            same(line);
        }
        plugs.forEach(plug -> plug.send(frame(9)));
        for (ConsoleClient client : List.of(theirs, ours)) {
            Sandbox.await("address", () -> asked(client, "hash/print").contains("Hash:"));
        }
        same("hash/print");
        same("hash/find 2:0:0:0:0:9");
    }

    @Test
    void shouldRunScriptsAlike() throws Exception {
        Path inner = Files.writeString(directory.resolve("inner"),
                "port/create 20\n\n# comment\n  # comment\nbogus\nport/showinfo\nlogout\nport/create 21");
        Path outer = Files.writeString(directory.resolve("outer"),
                "port/create 22\r\nload " + inner + "\nshutdown\nload nosuch\ndebug/add port\nport/create 23\n");
        for (String line : List.of("load", "load nosuch", "load /", "load /dev/null", "load " + inner,
                "load " + outer, "load " + inner + " ", "port/allprint")) {
            same(line);
        }
    }

    @Test
    void shouldAnswerRandomSequencesAlike() throws Exception {
        Random random = new Random(SEED);
        List<String> said = new ArrayList<>();
        CommandSource source = new CommandSource(random);
        for (int i = 0; i < 1500; i++) {
            String line = source.next();
            said.add(line);
            assertEquals(Normal.of(theirs.ask(line)), Normal.of(ours.ask(line)),
                    () -> "seed=" + SEED + " after " + said);
        }
    }

    private void same(String line) throws Exception {
        assertEquals(Normal.of(theirs.ask(line)), Normal.withoutOwnCommands(Normal.of(ours.ask(line))), line);
    }

    private void sameEvents(int count) throws Exception {
        assertEquals(Normal.of(events(theirs, count)), Normal.of(events(ours, count)));
    }

    private static String events(ConsoleClient client, int count) throws Exception {
        return client.readUntil(text -> text.lines().count() >= count && text.endsWith("\n"));
    }

    private List<SwitchWithConsole.Plug> plug(int port, String description) throws Exception {
        return List.of(debian.plug(port, description), own.plug(port, description));
    }

    private static String asked(ConsoleClient client, String line) {
        try {
            return client.ask(line);
        } catch (java.io.IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    private static byte[] frame(int host) {
        byte[] frame = new byte[60];
        java.util.Arrays.fill(frame, 0, 6, (byte) 0xff);
        frame[6] = 2;
        frame[11] = (byte) host;
        frame[12] = 8;
        return frame;
    }
}
