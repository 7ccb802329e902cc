package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;

/// A real client in a namespace behind a tap asks the router's name server, which passes it on to name servers of the
/// test on the host's loopback.
@Timeout(180)
class SlirpDnsTest {
    private static final String V4 = "10.0.2.3";
    private static final String V6 = "fd00::3";

    @TempDir
    private Path folder;
    private final String tap = Sandbox.unique("vsn");
    private Path resolvConf;
    private Sandbox guest;
    private NameServer first;
    private NameServer second;
    private RunningSwitch network;

    @BeforeEach
    void start() throws Exception {
        Child.assumeInstalled("dig");
        guest = Sandbox.create();
        first = NameServer.start(1, "127.0.0.1");
        second = NameServer.start(2, "::1");
        resolvConf = folder.resolve("resolv.conf");
        Files.writeString(resolvConf, first.line() + second.line());
        network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString())
                .withLinks(List.of("tap://" + tap, "slirp:///resolv-conf='" + resolvConf + "'")));
        guest.take(tap);
        guest.run("sysctl", "-q", "-w", "net.ipv6.conf." + tap + ".disable_ipv6=0");
        guest.run("ip", "addr", "add", "10.0.2.100/24", "dev", tap);
        guest.run("ip", "addr", "add", "fd00::100/64", "dev", tap, "nodad");
        guest.run("ip", "link", "set", tap, "up");
    }

    @AfterEach
    void stop() {
        Stream.of(network, first, second, guest).forEach(SlirpDnsTest::close);
    }

    private static void close(AutoCloseable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private String dig(String... arguments) {
        String[] command = {"dig", "+tries=2", "+time=8"};
        String[] whole = Arrays.copyOf(command, command.length + arguments.length);
        System.arraycopy(arguments, 0, whole, command.length, arguments.length);
        return Child.run(guest.inside(whole));
    }

    private static void assertContains(String output, String... parts) {
        for (String part : parts) {
            assertTrue(output.contains(part), part + " in\n" + output);
        }
    }

    /// T24, T25, T26, T35.
    @Test
    void shouldPassOnWhatIsAskedAndAnswered() {
        assertEquals("192.0.2.1", dig("@" + V4, "www.example.org", "+short").strip());
        assertEquals("192.0.2.1", dig("@" + V6, "www.example.org", "+short").strip());
        assertContains(dig("@" + V4, "wWw.eXample.org", "+dnssec"), "wWw.eXample.org.", "192.0.2.1", "SERVER: " + V4);
        assertEquals("\\# 4 C0000201", dig("@" + V4, "www.example.org", "TYPE65280", "+short").strip());
        assertContains(dig("@" + V4, "nx.example.org"), "status: NXDOMAIN");
        assertContains(dig("@" + V4, "www.example.org", "+edns=1", "+noednsnegotiation"), "status: BADVERS");
    }

    /// T27, T28.
    @Test
    void shouldSpliceTcp() {
        assertEquals("192.0.2.1", dig("@" + V4, "www.example.org", "+tcp", "+short").strip());
        assertEquals("192.0.2.1", dig("@" + V6, "www.example.org", "+tcp", "+short").strip());
        String large = dig("@" + V4, "large.example.org", "TXT");
        assertContains(large, "retrying in TCP mode", "SERVER: " + V4);
        assertEquals(20, large.split("x{200}", -1).length - 1, large);
        String several = dig("+tcp", "+keepopen", "@" + V4, "a.example.org", "b.example.org", "c.example.org",
                "+short");
        assertEquals("192.0.2.1\n192.0.2.1\n192.0.2.1", several.strip());
    }

    /// T29: at once where nobody listens, after 1.5 s where nobody answers.
    @Test
    void shouldGoToTheSecondServer() {
        first.close();
        assertEquals("192.0.2.2", dig("@" + V4, "www.example.org", "+short").strip());
        assertEquals("192.0.2.2", dig("@" + V6, "www.example.org", "+tcp", "+short").strip());
        second.close();
        assertContains(dig("@" + V4, "www.example.org", "+tries=1"), "status: SERVFAIL");
    }

    @Test
    void shouldSayThatNobodyAnswers() {
        assertContains(dig("@" + V4, "silent.example.org", "+tries=1"), "status: SERVFAIL");
    }

    /// T30: replaced by renaming, then by a symbolic link; T31: only an IPv6 server is left.
    @Test
    void shouldFollowResolvConf() throws IOException {
        assertEquals("192.0.2.1", dig("@" + V4, "www.example.org", "+short").strip());
        replace(Files.writeString(folder.resolve("new"), second.line()));
        awaitAnswer("192.0.2.2");
        Path target = Files.writeString(folder.resolve("target"), first.line());
        replace(Files.createSymbolicLink(folder.resolve("link"), target));
        awaitAnswer("192.0.2.1");
        Files.writeString(target, "");
        Sandbox.await("no server", 10, () -> dig("@" + V4, "www.example.org").contains("SERVFAIL"));
        assertEquals(9, Child.start(guest.inside("dig", "@" + V4, "+tcp", "+tries=1", "a.example.org")).status());
    }

    private void replace(Path by) throws IOException {
        Files.move(by, resolvConf, StandardCopyOption.ATOMIC_MOVE);
    }

    private void awaitAnswer(String address) {
        Sandbox.await(address, 10, () -> dig("@" + V4, "www.example.org", "+short").strip().equals(address));
    }

    /// Bad input 34: the servers on the loopback are not to be reached through the name server's address otherwise.
    @Test
    void shouldHaveNothingBehindOtherPorts() {
        String port = first.line().replaceAll(".*]:(\\d+)\\s*", "$1");
        for (String address : List.of(V4, V6)) {
            for (String protocol : List.of("+tcp", "+notcp")) {
                assertEquals(9, Child.start(guest.inside("dig", "@" + address, "-p", port, protocol, "+tries=1",
                        "+time=2", "www.example.org")).status(), address + " " + protocol);
            }
        }
    }
}
