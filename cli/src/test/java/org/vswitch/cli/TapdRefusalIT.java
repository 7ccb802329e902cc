package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;
import org.vswitch.grant.GrantAnswer;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;
import org.vswitch.grant.TapLease;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// Each way in which the broker refuses, once, from the client's URL to the broker's log.
@Timeout(180)
class TapdRefusalIT {
    private static final String VPLUG = Repository.root().resolve("cli/vplug").toString();
    private static final String TAPD = Repository.root().resolve("cli/vswitch-tapd").toString();
    private static final int GROUP = 4242;
    private static final int PATIENCE_MS = 30_000;

    @TempDir
    private Path folder;
    private TapdHost host;

    @AfterEach
    void end() {
        host.close();
    }

    private void assertRefused(CommandRun network, CommandRun broker, GrantStatus status, String url) {
        String answer = network.ask("link/add " + url);
        String name = url.substring("tap://".length(), url.indexOf('['));
        assertTrue(answer.contains(name + ": " + status.text()), url + ": " + answer);
        broker.await(status + " in the log", () -> broker.describe().lines().anyMatch(line ->
                line.contains("refused uid=" + TapdHost.NOBODY + " pid=" + network.pid() + " name=\"" + name + "\"")
                        && line.contains("reason=" + status)));
    }

    @Test
    void shouldSayWhatThePolicyDoesNotAllow() {
        host = TapdHost.create(folder, "total 2", "allow user=" + TapdHost.NOBODY
                + " taps=1 name=nb* bridge=br0 addr=10.9.0.0/16,fd00:9::/32 mac=any source=any",
                "allow user=" + TapdHost.NOBODY + " taps=9 name=many* mac=any source=any");
        host.namespace().run("sh", "-c", "for each in br0 br1 many7; do ip link add $each type bridge; done");
        CommandRun broker = host.startBroker();
        CommandRun network = host.startSwitch();
        assertRefused(network, broker, GrantStatus.NAME, host.tap("eth7", ""));
        assertRefused(network, broker, GrantStatus.BRIDGE, host.tap("nb0", ",bridge=br1"));
        assertRefused(network, broker, GrantStatus.ADDRESS, host.tap("nb0", ",addr=10.8.0.1/24"));
        assertRefused(network, broker, GrantStatus.MAC, host.tap("nb0", ",bridge=br0,mac=02:00:00:00:00:01"));
        assertRefused(network, broker, GrantStatus.MTU, host.tap("nb0", ",addr6=fd00:9::1/64,mtu=1000"));
        assertEquals(List.of(), host.taps());
        assertTrue(network.ask("link/add " + host.tap("nb0", ",bridge=br0")).contains("1000"), network.describe());
        assertRefused(network, broker, GrantStatus.EXISTS, host.tap("many7", ""));
        assertRefused(network, broker, GrantStatus.USER_QUOTA, host.tap("nb1", ""));
        assertTrue(network.ask("link/add " + host.tap("many0", "")).contains("1000"), network.describe());
        assertRefused(network, broker, GrantStatus.TOTAL_QUOTA, host.tap("many1", ""));
    }

    /// The groups of a process are what the kernel says, the supplementary ones among them.
    @Test
    void shouldKnowTheGroupsOfAUser() {
        host = TapdHost.create(folder, "allow group=" + GROUP + " taps=1 name=nb* mac=any source=any");
        CommandRun broker = host.startBroker();
        CommandRun outsider = host.launchCable("nb0");
        assertTrue(outsider.outcome().errors().contains("nb0: " + GrantStatus.USER.text()), outsider.describe());
        broker.await("the refusal", () -> broker.describe().contains("reason=USER"));
        for (List<String> groups : List.of(List.of("--regid=65534", "--groups=4241," + GROUP + ",4243"),
                List.of("--regid=" + GROUP, "--clear-groups"))) {
            CommandRun member = host.start(Stream.of(List.of("setpriv", "--reuid=" + TapdHost.NOBODY), groups,
                    List.of("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", VPLUG, "null://",
                            host.tap("nb0", ""))).flatMap(List::stream).toList());
            member.await("the tap", () -> host.taps().contains("nb0"));
            member.signal("KILL");
            Sandbox.await("no tap", () -> host.taps().isEmpty());
        }
    }

    /// Otherwise every request would fail, and nobody would know before.
    @Test
    void shouldNotStartWithoutTheRightToMakeInterfaces() {
        host = TapdHost.create(folder, "allow user=0 taps=1 name=nb* mac=any source=any");
        CommandRun broker = host.start(Nobody.runs(List.of(TAPD, "--socket", host.socket())));
        assertEquals(1, broker.outcome().code());
        assertTrue(broker.outcome().errors().contains("needs the right to make interfaces"), broker.describe());
    }

    @Test
    void shouldRefuseWhatIsNoRequest() throws IOException {
        host = TapdHost.create(folder, "allow user=0 taps=1 name=nb* mac=any source=any");
        CommandRun broker = host.startBroker();
        byte[] request = named("nb0").bytes();
        byte[] version = request.clone();
        version[5]++;
        List<Fd> open = new ArrayList<>();
        try {
            open.add(connect());
            assertEquals(GrantStatus.MALFORMED, answer(open, Arrays.copyOf(request, 79)));
            assertEquals(GrantStatus.MALFORMED, answer(open, Arrays.copyOf(request, 81)));
            assertEquals(GrantStatus.VERSION, answer(open, version));
            broker.await("lines", () -> broker.describe().contains("reason=VERSION \"80 bytes\""));
            assertEquals(0, Sockets.receive(open.getFirst(), new byte[1]), "the end for who says nothing");
            broker.await("a line", () -> broker.describe().contains("\"no request within 5 s\""));
        } finally {
            open.forEach(Fd::close);
        }
        try (TapLease lease = TapLease.ask(host.socket(), named("nb0"))) {
            assertEquals(List.of("nb0"), host.taps());
            Sockets.send(lease.connection(), request);
            broker.await("a line", () -> broker.describe().contains("\"something behind the request\""));
            Sandbox.await("no tap", () -> host.taps().isEmpty());
        }
    }

    private static GrantRequest named(String name) {
        return new GrantRequest(name, "", 0, 0, Optional.empty(), Optional.empty());
    }

    private Fd connect() throws IOException {
        Fd client = Sockets.open(Sockets.Type.SEQPACKET, false);
        Sockets.timeout(client, PATIENCE_MS);
        Sockets.connect(client, SocketAddress.ofPath(host.socket()));
        return client;
    }

    private GrantStatus answer(List<Fd> open, byte[] packet) throws IOException {
        Fd client = connect();
        open.add(client);
        Sockets.send(client, packet);
        byte[] answer = new byte[GrantAnswer.LENGTH];
        assertEquals(answer.length, Sockets.receive(client, answer));
        return GrantAnswer.parse(answer).orElseThrow().status();
    }
}
