package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// The router as people start it, with Linux as the guest and as the host.
@Timeout(180)
class SlirpIT {
    private static final String CLI = Repository.root().resolve("cli").toString();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"--slirp=host-loopback=allow", "--link=slirp:///host-loopback=allow/mtu=9000",
        "--slirp=[v4,v6,host-loopback=allow]"})
    void shouldBringGuestsOfTheSwitchToTheHost(String option) {
        String tap = Sandbox.unique("vsr");
        try (RouterGuest guest = new RouterGuest(); Greeter v4 = new Greeter("127.0.0.1");
                Greeter v6 = new Greeter("::1"); CommandRun running = vswitch(option, "--tap", tap)) {
            running.ask("showinfo");
            guest.take(tap);
            assertEquals(Greeter.HELLO, guest.connect("10.0.2.2", v4.port()));
            assertEquals(Greeter.HELLO, guest.connect("fd00::2", v6.port()));
            running.signal("TERM");
            assertEquals(0, running.outcome().code());
        }
    }

    /// T81.
    @Test
    void shouldKeepGuestsFromTheHostUnlessTold() throws IOException {
        String tap = Sandbox.unique("vsr");
        try (RouterGuest guest = new RouterGuest(); Greeter v4 = new Greeter("0.0.0.0"); Greeter v6 = new Greeter("::");
                CommandRun running = vswitch("--slirp", "--tap", tap)) {
            running.ask("showinfo");
            guest.take(tap);
            for (String address : hostsNames()) {
                int port = address.contains(":") ? v6.port() : v4.port();
                String result = guest.connect(address, port);
                assertTrue(result.matches("(?s)status [12]:.*(refused|No route|unreachable|Permission).*"),
                        address + ": " + result);
            }
            assertEquals(0, v4.visitors() + v6.visitors());
        }
    }

    /// By which a guest might think to reach the host.
    private static List<String> hostsNames() throws IOException {
        List<String> names = new ArrayList<>(List.of("10.0.2.2", "10.0.2.3", "fd00::2", "fd00::3"));
        Optional<InetAddress> own = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress()).findFirst();
        own.ifPresent(address -> names.add(address.getHostAddress()));
        return names;
    }

    @Test
    void shouldServeANetworkOfDebiansSwitch() {
        Child.assumeInstalled("vde_plug2tap");
        try (RouterGuest guest = new RouterGuest(); Greeter host = new Greeter("127.0.0.1");
                DebianSwitch theirs = DebianSwitch.start(folder.resolve("net"));
                CommandRun router = CommandRun.start(folder, List.of(CLI + "/vslirp", "--host-loopback=allow",
                        "-p", "router.pid", theirs.directory()));
                Child _ = plugIn(theirs, guest, 2)) {
            assertEquals(Greeter.HELLO, guest.connect("10.0.2.2", host.port()));
            assertTrue(Files.exists(folder.resolve("router.pid")));
            router.signal("TERM");
            assertEquals(new CommandRun.Outcome(0, "", ""), router.outcome());
            assertFalse(Files.exists(folder.resolve("router.pid")));
        }
    }

    @Test
    void shouldEndWithTheNetwork() {
        DebianSwitch theirs = DebianSwitch.start(folder.resolve("net"));
        try (CommandRun router = CommandRun.start(folder, List.of(CLI + "/vslirp", theirs.directory()))) {
            theirs.awaitFrame(1);
            theirs.close();
            assertEquals(new CommandRun.Outcome(0, "", "vslirp: " + theirs.directory()
                    + " has ended: its switch has gone, or has unplugged us\n"), router.outcome());
        } finally {
            theirs.close();
        }
    }

    /// T59: with 1,500 descriptors a guest has 600 connections at a time, and those that find no room get in as soon as
    /// there is some.
    @Test
    void shouldServeMoreThanAThousandConnectionsWithFewDescriptors() {
        Child.assumeInstalled("prlimit");
        String tap = Sandbox.unique("vsr");
        try (RouterGuest guest = new RouterGuest();
                HostServer server = HostServer.at("127.0.0.1", (in, out) -> in.transferTo(out));
                CommandRun running = CommandRun.start(folder, List.of("prlimit", "--nofile=1500:1500", CLI + "/vswitch",
                        "-s", folder + "/sw", "--slirp=host-loopback=allow", "--tap", tap))) {
            running.ask("showinfo");
            guest.take(tap);
            try (Child client = Child.start(guest.inside(System.getProperty("java.home") + "/bin/java", "-cp",
                    CLI + "/target/test-classes", "org.vswitch.cli.ManyConnections", "10.0.2.2",
                    Integer.toString(server.port()), "1026", "600"))) {
                client.await("open: 600");
                assertEquals(0, client.status(), client::describe);
            }
            running.signal("TERM");
            assertEquals(0, running.outcome().code());
        }
    }

    /// As a user who may do nothing: no capability, no group, no home.
    @ParameterizedTest
    @ValueSource(strings = {"vslirp", "vswitch"})
    void shouldNeedNoPrivileges(String command) throws IOException {
        Child.assumeInstalled("vde_plug2tap");
        Nobody.assumeMayStart();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (RouterGuest guest = new RouterGuest(); Greeter host = new Greeter("127.0.0.1");
                DebianSwitch theirs = DebianSwitch.start(folder.resolve("net"), "-m", "666", "--dirmode", "777");
                CommandRun router = CommandRun.start(folder, unprivileged(command, theirs.directory()));
                Child _ = plugIn(theirs, guest, 2)) {
            assertEquals("CapEff:\t0000000000000000", Nobody.capabilities(router.pid()));
            assertEquals(Greeter.HELLO, guest.connect("10.0.2.2", host.port()));
        }
    }

    private List<String> unprivileged(String command, String network) {
        List<String> line = new ArrayList<>(List.of(CLI + "/" + command));
        line.addAll(command.equals("vslirp") ? List.of("--host-loopback=allow", network)
                : List.of("-s", folder + "/ours", "--slirp=host-loopback=allow", "--link=vde://" + network));
        return Nobody.runs(line);
    }

    /// Plugs the guest in, once the router is.
    private static Child plugIn(DebianSwitch network, RouterGuest guest, int port) {
        network.awaitPort(port - 1);
        Child plug = Child.start(guest.inside("vde_plug2tap", "-s", network.directory(), "plug0"));
        network.awaitPort(port);
        guest.up("plug0");
        return plug;
    }

    @Test
    void shouldBeSlirpvdeUnderThatName() throws IOException {
        Child.assumeInstalled("vde_plug2tap");
        Path slirpvde = Files.createSymbolicLink(folder.resolve("slirpvde"), Path.of(CLI, "vslirp"));
        try (RouterGuest guest = new RouterGuest();
                DebianSwitch theirs = DebianSwitch.start(folder.resolve("net"))) {
            Child.run(slirpvde.toString(), "-d", "-q", "-H", "10.0.2.0/24", "-D10.0.2.20", "-p", folder + "/pid",
                    "-s", theirs.directory());
            long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
            try (Child _ = plugIn(theirs, guest, 2)) {
                Child.run(guest.inside("ping", "-c", "1", "-w", "20", "10.0.2.2"));
            }
            Child.run("kill", Long.toString(pid));
            Sandbox.await("the end of the daemon", 60, () -> !Files.exists(folder.resolve("pid")));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "vswitch  | --slirp=mtu=67               | mtu=67: must be 68 to 65521",
        "vswitch  | --slirp=tcpfwd=80:10.0.2.15:80 | tcpfwd is not available yet",
        "vslirp   | --host=10.0.2.255/24         | host=10.0.2.255/24: is the address of",
        "vslirp   | --vnameserver=fd00::3        | vnameserver=fd00::3: not an IPv4 address",
        "vslirp   | --udpfwd=80:10.0.2.15:80     | udpfwd is not available yet",
        "vslirp   | --nosuch                     | unrecognized option '--nosuch'",
        "vslirp   | slirp:///v4                 | vde_open slirp:///v4: that is a router itself",
        "vslirp   | --resolv-conf=/tmp          | resolv-conf=/tmp: cannot be read: it is no file",
        "vslirp   | ''                          | the URL is empty",
        "vslirp   | /nosuch/network              | vde_open /nosuch/network: ",
        "slirpvde | --dhcp=10.0.3.1              | dhcp=10.0.3.1: is not the address of a station",
        "slirpvde | -D=10.0.2.7                 | -D=10.0.2.7: the address follows -D without =",
        "slirpvde | -n10.0.2.2/33                | host=10.0.2.2/33: prefix length must be",
        "slirpvde | -N10.0.2.2                   | vnameserver=10.0.2.2: is the router's address",
        "slirpvde | -L80:10.0.2.15:80            | -L is not available yet",
        "slirpvde | -t/srv/tftp                  | --tftp is not available yet",
        "slirpvde | -                            | a plug on standard input is not available yet"})
    void shouldNameWhatItRefuses(String command, String argument, String complaint) throws IOException {
        Path launcher = command.equals("slirpvde")
                ? Files.createSymbolicLink(folder.resolve(command), Path.of(CLI, "vslirp")) : Path.of(CLI, command);
        List<String> line = command.equals("vswitch") ? List.of(launcher.toString(), "-s", folder + "/sw", argument)
                : List.of(launcher.toString(), argument);
        try (CommandRun run = CommandRun.start(folder, line)) {
            CommandRun.Outcome outcome = run.outcome();
            assertEquals(1, outcome.code(), outcome.errors());
            assertTrue(outcome.errors().startsWith(command + ": "), outcome.errors());
            assertTrue(outcome.errors().contains(complaint), outcome.errors());
            assertEquals(1, outcome.errors().lines().count(), outcome.errors());
        }
    }

    @Test
    void shouldTellWithVerboseThatThereIsNoNameServer() throws IOException {
        Path none = Files.writeString(folder.resolve("none"), "search example.org\n");
        Path one = Files.writeString(folder.resolve("one"), "nameserver 192.0.2.1\n");
        String complaint = "slirp: guests can look up no names: " + none + " lists no name server";
        assertTrue(verbose(none).contains(complaint));
        assertFalse(verbose(one).contains("no name server"));
    }

    /// What a router says from its start to its end.
    private String verbose(Path resolvConf) {
        try (CommandRun running = vswitch("--slirp=[verbose,resolv-conf=" + resolvConf + "]")) {
            return running.end().errors();
        }
    }

    @Test
    void shouldShowItsOwnNameToTheSwitch() {
        try (CommandRun running = vswitch(); CommandRun router = router(running)) {
            router.await("the router's plug", () -> running.ask("port/print 1").contains(" vslirp: user="));
        }
    }

    private CommandRun router(CommandRun running) {
        running.ask("showinfo");
        return CommandRun.start(folder, List.of(CLI + "/vslirp", folder + "/sw"));
    }

    private CommandRun vswitch(String... options) {
        List<String> line = new ArrayList<>(List.of(CLI + "/vswitch", "-s", folder + "/sw"));
        line.addAll(List.of(options));
        return CommandRun.start(folder, line);
    }
}
