package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// A user without any privilege starts commands on a network of his own.
@Timeout(180)
class VnsIT {
    private static final Pattern LEASES = Pattern.compile("\"dhcp-leases\":\\{\"value\":(\\d+)");
    private static final Path CLI = Repository.root().resolve("cli");

    @TempDir
    private Path folder;
    private final List<Child> children = new ArrayList<>();

    @BeforeEach
    void openTheFolder() throws IOException {
        TapFromInsideIT.openFor(folder);
    }

    @AfterEach
    void endAll() {
        children.forEach(Child::close);
    }

    @Test
    void shouldGiveTheCommandAPlaceOnTheNetwork() {
        network("--slirp");
        Child vns = vns("sh", "-c", "ip -o addr; ip route; cat /etc/resolv.conf; ping -q -c 1 -W 10 10.0.2.2; exit 9");
        assertEquals(9, vns.status(), vns.output());
        String output = vns.output();
        for (String wanted : List.of("inet 10.0.2.15/24", "inet 127.0.0.1/8", "default via 10.0.2.2 dev eth0",
                "nameserver 10.0.2.3", " 1 received")) {
            assertTrue(output.contains(wanted), wanted + " in " + output);
        }
        assertFalse(output.contains("vns: "), output);
    }

    @Test
    void shouldSayThatThereIsNoAddress() {
        network();
        Child vns = vns("sh", "-c", "ip -o link show up; ip -4 -o addr show eth0 | wc -l");
        assertEquals(0, vns.status(), vns.output());
        assertTrue(vns.output().contains("vns: waiting for an address by DHCP, 4 s more at most (--no-dhcp does "
                + "without)\nvns: no address by DHCP within 6 s"), vns.output());
        assertTrue(vns.output().matches("(?s).* eth0: .*\n0"), vns.output());
    }

    @Test
    void shouldNotAskForAnAddressIfTold() {
        network("--slirp");
        Child vns = start("vns", "--no-dhcp", folder.resolve("sw").toString(), "--", "sh", "-c",
                "ip -o link show up; ip -4 -o addr show eth0 | wc -l");
        assertEquals(0, vns.status(), vns.output());
        assertTrue(vns.output().matches("(?s).* eth0: .*\n0"), vns.output());
        assertFalse(vns.output().contains("vns: "), vns.output());
    }

    @Test
    void shouldEndTheCommandWhenItIsKilled() {
        network("--slirp");
        Child vns = vns("sh", "-c", "sleep 2718 & echo started; sleep 2719");
        vns.await("started");
        Sandbox.await("both sleep", () -> sleeping() == 2);
        Child.run("kill", "-KILL", "" + vns.pid());
        Sandbox.await("nothing is left", () -> sleeping() == 0);
    }

    /// dash ends with 2 if it cannot give the terminal back to whom it had it from.
    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void shouldLendAShellTheTerminal(String shell) {
        Child.assumeInstalled("script", shell);
        network();
        Child terminal = Child.start(TapFromInsideIT.asUser(folder, TapFromInsideIT.DEVICE, "script", "-qefc",
                "SHELL=$(command -v " + shell + ") " + CLI.resolve("vns") + " --no-dhcp " + folder.resolve("sw")
                        + "; echo status=$?; read word </dev/tty; echo word=$word", "/dev/null"));
        children.add(terminal);
        terminal.say("sleep 0 | cat; echo $((6 * 7)); exit 7");
        terminal.await("42$"); // behind a prompt, or not
        terminal.await("status=7");
        terminal.say("again");
        terminal.await("word=again");
        assertEquals(0, terminal.status(), terminal.output());
        assertFalse(terminal.output().contains("Cannot"), terminal.output());
    }

    @Test
    void shouldSayWhatItCannotStart() {
        network("--slirp");
        assertEquals(128 + 9, vns("sh", "-c", "kill -KILL $$").status());
        assertEquals(127, vns("/no/such").status());
        Child nowhere = start("vns", folder.resolve("nowhere").toString());
        assertEquals(1, nowhere.status());
        assertTrue(nowhere.output().contains("nowhere/ctl: No such file or directory"), nowhere.output());
        Child unknown = start("vns", "no-such://x");
        assertEquals(1, unknown.status());
        assertTrue(unknown.output().startsWith("vns: vde_open no-such://x: "), unknown.output());
    }

    @Test
    void shouldTakeARouterOfItsOwn() {
        Child vns = start("vns", "slirp:///host=10.7.0.2/24", "sh", "-c",
                "ip -o addr; ping -q -c 1 -W 10 10.7.0.2; exit 9");
        assertEquals(9, vns.status(), vns.output());
        assertTrue(vns.output().contains("inet 10.7.0.15/24") && vns.output().contains(" 1 received"), vns.output());
    }

    /// Another network of the same name: the address is not one of its own.
    @Test
    void shouldOutliveItsSwitchAndTakeTheAddressOfTheNext() {
        Child first = network("--slirp");
        Child vns = vns("sh", "-c", "echo started; until ip -o addr | grep 10.7.0.; do sleep 0.1; done;"
                + " ip route; cat /etc/resolv.conf; ping -q -c 1 -W 10 10.7.0.2; exit 9");
        vns.await("started");
        first.kill();
        vns.await("vns: the network has ended; eth0 stays");
        network("--link", "slirp:///host=10.7.0.2/24");
        vns.await("vns: the network is back");
        vns.await("vns: the address of eth0 is 10.7.0.15/24 from now on");
        assertEquals(9, vns.status(), vns.output());
        for (String wanted : List.of("default via 10.7.0.2 dev eth0", "nameserver 10.7.0.3", " 1 received")) {
            assertTrue(vns.output().contains(wanted), wanted + " in " + vns.output());
        }
    }

    @Test
    void shouldTakeAnAddressThatComesLate() {
        Child first = network();
        Child vns = vns("sh", "-c", "until ip -o addr | grep 10.0.2.15; do sleep 0.1; done; exit 9");
        vns.await("vns: no address by DHCP within 6 s");
        first.kill();
        network("--slirp");
        vns.await("vns: the address of eth0 is 10.0.2.15/24 from now on");
        assertEquals(9, vns.status(), vns.output());
    }

    /// Each has another MAC address: what is not given back is gone for a day.
    @ParameterizedTest
    @ValueSource(strings = {"%s", "impair://vde://%s[delay=20ms]"})
    void shouldGiveItsAddressBack(String url) {
        network("--slirp", "-M", folder.resolve("mgmt").toString());
        Sandbox.await("the console is there", this::hasConsole);
        assertEquals(0, leases());
        String network = url.formatted(folder.resolve("sw"));
        Child vns = start("vns", network, "sh", "-c", "echo started; until [ -e " + folder.resolve("go")
                + " ]; do sleep 0.1; done");
        vns.await("started");
        assertEquals(1, leases());
        Child.run("touch", folder.resolve("go").toString());
        assertEquals(0, vns.status(), vns.output());
        Sandbox.await("the lease is given back", () -> leases() == 0);
        Child stopped = start("vns", network, "sh", "-c", "echo started; sleep 3141");
        stopped.await("started");
        assertEquals(1, leases());
        Child.run("kill", "-TERM", "" + stopped.pid());
        Sandbox.await("the lease is given back", () -> leases() == 0);
        assertEquals("started", stopped.output().strip());
    }

    /// The socket is there a moment before anybody listens.
    private boolean hasConsole() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("mgmt")))) {
            return channel.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private int leases() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("mgmt")))) {
            channel.write(ByteBuffer.wrap("port/gauges --json\nlogout\n".getBytes(StandardCharsets.US_ASCII)));
            String reply = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
            Matcher found = LEASES.matcher(reply);
            assertTrue(found.find(), reply);
            return Integer.parseInt(found.group(1));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Child network(String... options) {
        Path socket = folder.resolve("sw");
        Child network = start("vswitch", Stream.concat(Stream.of("--sock", socket.toString()), Stream.of(options))
                .toArray(String[]::new));
        Sandbox.await("the switch is there", 60, () -> Files.exists(socket.resolve("ctl")));
        return network;
    }

    private Child vns(String... command) {
        return start("vns", Stream.concat(Stream.of(folder.resolve("sw").toString()), Stream.of(command))
                .toArray(String[]::new));
    }

    private Child start(String program, String... arguments) {
        Child child = Child.start(TapFromInsideIT.asUser(folder, TapFromInsideIT.DEVICE, Stream.concat(
                Stream.of(CLI.resolve(program).toString()), Stream.of(arguments)).toArray(String[]::new)));
        children.add(child);
        return child;
    }

    private static long sleeping() {
        return ProcessHandle.allProcesses().filter(process -> process.info().commandLine().orElse("")
                .matches("(\\S*/)?sleep 271[89]")).count();
    }
}
