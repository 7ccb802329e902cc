package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;

/// Linux's own TCP in a namespace behind a tap, through the router, to servers on the host: every byte is compared.
@Timeout(180)
class SlirpTransferTest {
    private static final int LONG = 8 << 20;
    private static final String ROUTER = "10.0.2.2";
    private static final String ROUTER_V6 = "[fd00::2]";

    @TempDir
    private Path folder;
    private final String tap = Sandbox.unique("vst");
    private Sandbox sandbox;
    private RunningSwitch network;

    @BeforeEach
    void makeNamespace() {
        Child.assumeInstalled("socat", "sha256sum");
        sandbox = Sandbox.create();
    }

    @AfterEach
    void stop() {
        if (network != null) {
            network.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    private void start(String slirp, int mtu) throws Exception {
        SwitchConfig plain = SwitchConfig.in(folder.resolve("sw").toString());
        ManagementSettings management = new ManagementSettings(folder.resolve("mgmt").toString(),
                new SocketPermissions(0600, SocketPermissions.NO_GROUP));
        network = RunningSwitch.start(new SwitchConfig(plain.bridge(), plain.ctl(), Optional.of(management),
                plain.taps(), List.of("tap://" + tap, slirp), plain.limits()));
        sandbox.take(tap);
        sandbox.run("ip", "link", "set", tap, "mtu", Integer.toString(mtu), "up");
        sandbox.run("ip", "addr", "add", "10.0.2.15/24", "dev", tap);
        if (mtu >= 1280) {
            sandbox.run("sysctl", "-q", "-w", "net.ipv6.conf." + tap + ".disable_ipv6=0");
            sandbox.run("ip", "addr", "add", "fd00::15/64", "dev", tap, "nodad");
        }
    }

    /// T58, and T60 towards the host: the server answers when the guest has ended, over what is half closed then.
    @ParameterizedTest
    @ValueSource(ints = {576, 1280, 1500, 9000, 65_520})
    void shouldCarryEveryByteBothWays(int mtu) throws Exception {
        start("slirp:///host-loopback=allow/mtu=" + mtu, mtu);
        exchange("127.0.0.1", ROUTER);
        if (mtu >= 1280) {
            exchange("::1", ROUTER_V6);
        }
    }

    /// The same through a router on a thread of its own, which ends with its link.
    @Test
    void shouldCarryEveryByteByWayOfAThreadOfItsOwn() throws Exception {
        start("router=slirp:///host-loopback=allow/thread=own", 1500);
        assertTrue(isRouterThreadAlive());
        exchange("127.0.0.1", ROUTER);
        exchange("::1", ROUTER_V6);
        assertTrue(gauges().matches("(?s).*\"ring-in\":\\{\"value\":\\d+,\"limit\":1048576.*"), gauges());
        assertTrue(gauges().contains("\"tcp-flows\":{\"value\":"), gauges());
        assertTrue(network.running().links().remove("router").join());
        assertFalse(isRouterThreadAlive());
    }

    private static boolean isRouterThreadAlive() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals("router"));
    }

    /// T67: what is lost, doubled, late or out of order on the way to the guest and back.
    @Test
    void shouldCarryEveryByteOverABadLine() throws Exception {
        start("impair://slirp:///host-loopback=allow[loss=2%,duplicate=1%,reorder=1%,delay=1ms,jitter=1ms,seed=11]",
                1500);
        exchange("127.0.0.1", ROUTER);
        exchange("::1", ROUTER_V6);
    }

    /// T59: many connections side by side.
    @Test
    void shouldCarryManyConnectionsSideBySide() throws Exception {
        start("slirp:///host-loopback=allow", 1500);
        byte[] bytes = HostServer.bytes(300_000);
        Path file = Files.write(folder.resolve("bytes"), bytes);
        try (HostServer server = HostServer.digesting("127.0.0.1")) {
            String one = "socat -t 60 - TCP:" + ROUTER + ":" + server.port() + " <" + file;
            String all = Child.run(sandbox.inside("sh", "-c",
                    "for i in $(seq 32); do " + one + " & done; wait"));
            assertEquals(32, all.lines().filter(HostServer.digest(bytes)::equals).count(), all);
        }
    }

    /// T61, T62: a port where nobody listens, as the guest's programs see it.
    @Test
    void shouldRefuseWhatTheHostRefuses() throws Exception {
        start("slirp:///host-loopback=allow", 1500);
        int closedPort;
        try (HostServer server = HostServer.digesting("127.0.0.1")) {
            closedPort = server.port();
        }
        try (Child client = Child.start(sandbox.inside("socat", "-u", "TCP:" + ROUTER + ":" + closedPort, "-"))) {
            assertEquals(1, client.status());
            assertTrue(client.output().contains("Connection refused"), client.output());
        }
    }

    /// What the router and the line in front of it hold and have lost is shown, each under its name.
    @Test
    void shouldShowWhatIsInside() throws Exception {
        start("impair://slirp:///host-loopback=allow[loss=20%,seed=3]", 1500);
        try (HostServer server = HostServer.at("127.0.0.1", (in, out) -> in.transferTo(out));
                Child _ = Child.start(sandbox.inside("sh", "-c", "for i in $(seq 600); do echo; sleep 0.1; done"
                        + " | socat - TCP:" + ROUTER + ":" + server.port()))) {
            Sandbox.await("a connection", 60, () -> gauges().contains("\"tcp-flows\":{\"value\":1,\"limit\":"));
            Sandbox.await("a loss", 60, () -> gauges().matches("(?s).*\"out-lost-impaired\":[1-9].*"));
        }
        assertTrue(gauges().contains("\"module\":\"impair slirp\",\"description\":\"impair://slirp:///"), gauges());
    }

    private String gauges() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(folder.resolve("mgmt")));
            channel.write(ByteBuffer.wrap("port/gauges --json\nlogout\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer replies = ByteBuffer.allocate(1 << 16);
            while (channel.read(replies) >= 0) {
                assertTrue(replies.hasRemaining(), "a long reply");
            }
            return new String(replies.array(), 0, replies.position(), StandardCharsets.US_ASCII);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void exchange(String host, String router) throws IOException {
        byte[] bytes = HostServer.bytes(LONG);
        Path file = Files.write(folder.resolve("bytes"), bytes);
        try (HostServer sink = HostServer.digesting(host); HostServer source = HostServer.sending(host, bytes)) {
            assertEquals(HostServer.digest(bytes), Child.run(sandbox.inside("sh", "-c",
                    "socat -t 60 - TCP:" + router + ":" + sink.port() + " <" + file)).strip(), "to the host");
            assertEquals(HostServer.digest(bytes), Child.run(sandbox.inside("sh", "-c",
                    "socat -u TCP:" + router + ":" + source.port() + " - | sha256sum")).split(" ")[0], "to the guest");
        }
    }
}
