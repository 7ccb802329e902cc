package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// Everything that guests do, by programs that people use, through a router that an ordinary user without any
/// capability has started: the guest is told its addresses, resolves names, pings, traces, fetches and sends, over IPv4
/// and IPv6.
@Timeout(240)
class SlirpClientsIT {
    private static final String PLUG = "plug0";
    private static final int LONG = 8 << 20;
    private static final byte[] BYTES = HostServer.bytes(LONG);
    private static final Pattern HOP = Pattern.compile(" *\\d+ +([0-9a-f.:]+) .*ms.*");
    private static final String SCRIPT = """
            #!/bin/sh
            if [ $1 = bound ]; then
                ip addr replace $ip/$mask dev $interface
                ip route replace default via $router
                echo "client: bound ip=$ip/$mask router=$router dns=$dns"
            fi
            """;

    @TempDir
    private static Path folder;
    private static final Deque<AutoCloseable> RUNNING = new ArrayDeque<>();
    private static OutsideWorld world;
    private static Sandbox guest;
    private static CommandRun router;
    private static String lease;

    @BeforeAll
    static void start() throws IOException {
        Child.assumeInstalled("vde_plug2tap", "busybox", "iperf3", "dig", "ping", "curl", "traceroute");
        Nobody.assumeMayStart();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        world = keep(new OutsideWorld());
        guest = keep(Sandbox.create());
        Files.write(folder.resolve("file"), BYTES);
        serve("busybox", "httpd", "-f", "-p", "80", "-h", folder.toString());
        Path resolvConf = folder.resolve("resolv.conf");
        keep(Child.start(world.onHost(System.getProperty("java.home") + "/bin/java", "-cp",
                Repository.root().resolve("cli/target/test-classes").toString(), "org.vswitch.cli.NameServer",
                "127.0.0.1", resolvConf.toString())));
        Sandbox.await("a name server", 60, () -> Files.exists(resolvConf) && resolvConf.toFile().length() > 0);
        String command = Repository.root().resolve("cli/vswitch").toString();
        router = keep(CommandRun.start(folder, List.of(world.onHost(Nobody.runs(List.of(command, "-s",
                folder + "/sw", "--slirp=[resolv-conf='" + resolvConf + "']")).toArray(String[]::new)))));
        router.ask("showinfo");
        plugIn();
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable running : RUNNING) {
            try {
                running.close();
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
        }
    }

    private static <T extends AutoCloseable> T keep(T running) {
        RUNNING.push(running);
        return running;
    }

    private static void serve(String... command) {
        keep(Child.start(world.farAway(command)));
    }

    /// The guest's addresses come from the router alone.
    private static void plugIn() throws IOException {
        Path script = Files.writeString(folder.resolve("script"), SCRIPT);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        keep(Child.start(guest.inside("vde_plug2tap", "-s", folder + "/sw", PLUG)));
        Sandbox.await("a plug", 60, () -> {
            try (Child show = Child.start(guest.inside("ip", "link", "show", PLUG))) {
                return show.status() == 0;
            }
        });
        guest.run("sysctl", "-q", "-w", "net.ipv6.conf." + PLUG + ".disable_ipv6=0",
                "net.ipv6.conf." + PLUG + ".accept_ra=2");
        guest.run("ip", "link", "set", PLUG, "up");
        lease = inGuest("busybox", "udhcpc", "-f", "-n", "-q", "-i", PLUG, "-s", script.toString(), "-t", "10", "-T",
                "1");
        Sandbox.await("an address of the prefix", 30,
                () -> inGuest("ip", "-6", "addr", "show", "dev", PLUG, "scope", "global", "-tentative")
                        .contains("inet6 fd00:"));
    }

    private static String inGuest(String... command) {
        return Child.run(guest.inside(command));
    }

    @Test
    void shouldBeNobody() throws IOException {
        assertEquals("CapEff:\t0000000000000000", Nobody.capabilities(router.pid()));
        assertEquals("65534", Files.getAttribute(Path.of("/proc/" + router.pid()), "unix:uid").toString());
    }

    /// T1, T8: and who asks for the router's station is told.
    @Test
    void shouldLeaseAnAddressAndAnswerArp() {
        assertTrue(lease.contains("client: bound ip=10.0.2.15/24 router=10.0.2.2 dns=10.0.2.3"), lease);
        inGuest("ping", "-c", "1", "-w", "20", "10.0.2.2");
        String neighbors = inGuest("ip", "neigh", "show", "10.0.2.2");
        assertTrue(neighbors.contains("lladdr 52:55:0a:00:02:02"), neighbors);
        String routes = inGuest("ip", "-6", "route", "show", "default");
        assertTrue(routes.contains("default via fe80::2 dev " + PLUG), routes);
    }

    /// T24, T28, T32: by a server on the host's loopback.
    @ParameterizedTest
    @CsvSource({"10.0.2.3, +notcp", "10.0.2.3, +tcp", "fd00::3, +notcp", "fd00::3, +tcp"})
    void shouldResolveNames(String server, String protocol) {
        assertEquals("192.0.2.1", inGuest("dig", "@" + server, protocol, "+short", "www.example.org").strip());
    }

    /// T39, T41.
    @ParameterizedTest
    @ValueSource(strings = {"10.0.2.2", "10.0.2.3", "fd00::2", "fe80::2%" + PLUG, OutsideWorld.HOP_V4,
        OutsideWorld.HOP_V6, OutsideWorld.FAR_V4, OutsideWorld.FAR_V6})
    void shouldPing(String address) {
        inGuest("ping", "-n", "-c", "1", "-w", "20", address);
        inGuest("ping", "-n", "-c", "1", "-w", "20", "-s", "20000", address);
    }

    /// T42, T43.
    @ParameterizedTest
    @ValueSource(strings = {"-U", "-I", "-T"})
    void shouldTraceTheWay(String method) {
        assertEquals(List.of("10.0.2.2", OutsideWorld.HOP_V4, OutsideWorld.FAR_V4),
                trace(method, OutsideWorld.FAR_V4));
        assertEquals(List.of("fd00::2", OutsideWorld.HOP_V6, OutsideWorld.FAR_V6),
                trace(method, OutsideWorld.FAR_V6));
    }

    private static List<String> trace(String method, String to) {
        String output = inGuest("traceroute", "-n", "-q", "1", "-m", "6", "-w", "20", method, to);
        return output.lines().map(HOP::matcher).filter(Matcher::matches).map(hop -> hop.group(1))
                .toList();
    }

    /// T58, by HTTP.
    @ParameterizedTest
    @ValueSource(strings = {OutsideWorld.FAR_V4, "[" + OutsideWorld.FAR_V6 + "]"})
    void shouldFetch(String address) throws IOException {
        Path fetched = folder.resolve("fetched");
        inGuest("curl", "-sS", "--max-time", "60", "-o", fetched.toString(), "http://" + address + "/file");
        assertEquals(HostServer.digest(BYTES), HostServer.digest(Files.readAllBytes(fetched)));
    }

    /// T58, T47: up, down, and datagrams at a rate that is carried.
    @ParameterizedTest
    @ValueSource(strings = {OutsideWorld.FAR_V4, OutsideWorld.FAR_V6})
    void shouldMeasure(String address) {
        for (String[] options : new String[][] {{"-n", "10M"}, {"-n", "10M", "-R"}, {"-u", "-b", "20M", "-n", "1M"},
            {"-u", "-b", "20M", "-n", "1M", "-R"}}) {
            String[] command = Arrays.copyOf(new String[] {"iperf3", "-c", address}, 3 + options.length);
            System.arraycopy(options, 0, command, 3, options.length);
            assertTrue(measure(command).contains("iperf Done"));
        }
    }

    /// With a server of its own, since one that still clears up behind a test refuses the next.
    private static String measure(String... command) {
        try (Child server = Child.start(world.farAway("iperf3", "-s", "-1", "--forceflush"))) {
            server.await("Server listening");
            return inGuest(command);
        }
    }
}
