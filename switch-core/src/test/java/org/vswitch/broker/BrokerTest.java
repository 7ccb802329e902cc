package org.vswitch.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.grant.GrantAnswer;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;
import org.vswitch.grant.IpPrefix;
import org.vswitch.grant.TapLease;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.TunTap;

/// A broker in a namespace of its own, asked over its socket.
@Timeout(60)
class BrokerTest {
    private static final String POLICY = """
            total 3
            allow user=0 taps=2 name=al* bridge=br0 addr=10.9.0.0/16,fd00:9::/32 mac=any source=any
            allow user=0 taps=9 name=pinned* mac=52:54:00:00:00:01 source=10.9.0.5
            """;

    @TempDir
    private Path folder;
    private final Sandbox sandbox = Sandbox.create();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final CompletableFuture<Broker> started = new CompletableFuture<>();
    private Thread thread;
    private String socket;

    @BeforeEach
    void start() throws IOException {
        sandbox.run("ip", "link", "add", "br0", "type", "bridge");
        Path policy = Files.writeString(folder.resolve("policy"), POLICY);
        socket = folder.resolve("broker").toString();
        thread = Thread.ofPlatform().start(() -> {
            try (NetworkNamespace namespace = NetworkNamespace.open(sandbox.name())) {
                namespace.run(() -> serve(new Broker.Settings(policy.toString(), socket, 0600, -1)));
            } catch (IOException refusal) {
                started.completeExceptionally(refusal);
            }
        });
        started.join();
    }

    private void serve(Broker.Settings settings) {
        try (Broker broker = new Broker(settings, log::add)) {
            started.complete(broker);
            broker.run();
        } catch (IOException refusal) {
            started.completeExceptionally(refusal);
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        started.join().stop();
        thread.join();
        assertFalse(Files.exists(Path.of(socket)), "the socket's entry");
        sandbox.close();
    }

    private static GrantRequest named(String name) {
        return new GrantRequest(name, "", 0, 0, Optional.empty(), Optional.empty());
    }

    private TapLease ask(GrantRequest request) throws IOException {
        TapLease lease = TapLease.ask(socket, request);
        open.add(lease);
        return lease;
    }

    private String refusal(GrantRequest request) {
        String message = assertThrows(IOException.class, () -> ask(request)).getMessage();
        String prefix = "broker " + socket + ": " + request.name() + ": ";
        assertTrue(message.startsWith(prefix), message);
        return message.substring(prefix.length());
    }

    private static String denied(GrantStatus status) {
        return status.text() + ": " + (status == GrantStatus.EXISTS ? Errno.EEXIST : Errno.EACCES).text();
    }

    private boolean exists(String name) {
        try {
            sandbox.run("ip", "link", "show", name);
            return true;
        } catch (IllegalStateException missing) {
            return false;
        }
    }

    private Fd connect() throws IOException {
        Fd client = Sockets.open(Sockets.Type.SEQPACKET, false);
        open.add(client);
        Sockets.timeout(client, 20_000);
        Sockets.connect(client, SocketAddress.ofPath(socket));
        return client;
    }

    private void awaitLog(String wanted) {
        Sandbox.await(wanted, () -> log.stream().anyMatch(line -> line.contains(wanted)));
    }

    private long returned() {
        return log.stream().filter(line -> line.startsWith("returned ")).count();
    }

    private static String line(String name, String bridge) {
        return "uid=0 pid=" + ProcessHandle.current().pid() + " name=\"" + name + "\" bridge=\"" + bridge + "\" ";
    }

    @Test
    void shouldHandOverATapThatGoesWithItsLease() throws IOException {
        TapLease lease = ask(new GrantRequest("al0", "", 9000, 0x52_54_00_00_00_07L, IpPrefix.parse("10.9.0.1/24"),
                Optional.empty()));
        sandbox.run("sh", "-c", "ip addr show al0 | grep -q 'mtu 9000' && ip addr show al0 | grep -q 10.9.0.1/24"
                + " && ip link show al0 | grep -q 52:54:00:00:00:07 && ip link show al0 | grep -q '<.*,UP'");
        awaitLog("granted " + line("al0", "") + "taps=1");
        lease.close();
        awaitLog("returned " + line("al0", "") + "taps=0");
        assertFalse(exists("al0"));
    }

    @Test
    void shouldMakeTheHostKeepQuiet() throws IOException {
        ask(named("al0"));
        ask(new GrantRequest("al1", "", 0, 0, IpPrefix.parse("10.9.0.1/24"), IpPrefix.parse("fd00:9::1/64")));
        sandbox.run("sh", "-c", "cd /proc/sys/net && [ $(cat ipv6/conf/al0/disable_ipv6) = 1 ]"
                + " && [ $(cat ipv4/conf/al0/arp_ignore) = 8 ] && [ $(cat ipv4/conf/al0/rp_filter) = 1 ]"
                + " && [ $(cat ipv4/conf/al0/forwarding) = 0 ] && [ $(cat ipv4/conf/al1/arp_ignore) = 2 ]"
                + " && [ $(cat ipv6/conf/al1/disable_ipv6) = 0 ] && [ $(cat ipv6/conf/al1/accept_ra) = 0 ]");
    }

    @Test
    void shouldJoinABridgeAndLeaveItsAddressAlone() throws IOException {
        ask(new GrantRequest("al0", "br0", 0, 0, Optional.empty(), Optional.empty()));
        sandbox.run("sh", "-c", "ip link show al0 | grep -q 'master br0' && ip link show al0 | grep -q 'ether fe:'");
        Process cat = Processes.start(new ProcessBuilder(sandbox.inside("cat", "/sys/class/net/br0/address")));
        String before = new String(cat.getInputStream().readAllBytes());
        sandbox.run("ip", "link", "set", "al0", "address", "00:00:00:00:00:01");
        sandbox.run("sh", "-c", "[ $(cat /sys/class/net/br0/address) = " + before.strip() + " ]");
    }

    @Test
    void shouldSayWhyItRefuses() throws IOException {
        ask(named("al0"));
        GrantRequest address = new GrantRequest("al1", "", 0, 0, IpPrefix.parse("10.8.0.1/24"), Optional.empty());
        assertEquals(denied(GrantStatus.NAME), refusal(named("eth7")));
        assertEquals(denied(GrantStatus.NAME), refusal(named("")));
        assertEquals(denied(GrantStatus.BRIDGE),
                refusal(new GrantRequest("al1", "br1", 0, 0, Optional.empty(), Optional.empty())));
        assertEquals(denied(GrantStatus.ADDRESS), refusal(address));
        assertEquals(denied(GrantStatus.MAC),
                refusal(new GrantRequest("al1", "", 0, 0x01_00_00_00_00_01L, Optional.empty(), Optional.empty())));
        assertEquals(denied(GrantStatus.MTU),
                refusal(new GrantRequest("al1", "", 67, 0, Optional.empty(), Optional.empty())));
        assertEquals(denied(GrantStatus.EXISTS), refusal(named("al0")));
        sandbox.run("ip", "link", "del", "br0");
        assertEquals("the kernel refuses: No such device",
                refusal(new GrantRequest("al1", "br0", 0, 0, Optional.empty(), Optional.empty())));
        assertFalse(exists("al1"), "what fails leaves nothing");
        ask(named("al1"));
        assertEquals(denied(GrantStatus.USER_QUOTA), refusal(named("al2")));
        ask(named("pinned0"));
        assertEquals(denied(GrantStatus.TOTAL_QUOTA), refusal(named("pinned1")));
        awaitLog("refused " + line("al2", "") + "reason=USER_QUOTA");
        awaitLog("refused " + line("al1", "br1") + "reason=BRIDGE");
    }

    @Test
    void shouldGiveTheQuotaBackWhenATapHasGone() throws IOException {
        for (int i = 0; i < 20; i++) {
            TapLease lease = ask(named("al" + i));
            lease.close();
            int round = i;
            Sandbox.await("it is back", () -> returned() > round);
        }
        assertEquals(20, log.stream().filter(line -> line.startsWith("granted ")).count());
    }

    /// The owner of a descriptor may make its interface persistent, or give it away.
    @Test
    void shouldRemoveAnInterfaceWhoseDescriptorIsHeldBack() throws IOException {
        TapLease lease = ask(named("al0"));
        TunTap tap = TunTap.of(lease.tap(), 12, lease.tap());
        tap.persist();
        lease.connection().close();
        Sandbox.await("it has gone", () -> !exists("al0"));
        assertEquals(Optional.empty(), tap.currentName());
    }

    @Test
    void shouldCloseTheConnectionOfWhoeverTalksNonsense() throws IOException {
        byte[] whole = named("al0").bytes();
        byte[] version = whole.clone();
        version[5] = 9;
        long seed = System.nanoTime();
        byte[] random = new byte[GrantRequest.LENGTH];
        new Random(seed).nextBytes(random);
        List<byte[]> packets = List.of(new byte[1], random, version, Arrays.copyOf(whole, 79), Arrays.copyOf(whole, 81),
                Arrays.copyOf(whole, 100_000));
        for (byte[] packet : packets) {
            Fd client = connect();
            assertEquals(packet.length, Sockets.send(client, packet));
            byte[] answer = new byte[GrantAnswer.LENGTH];
            assertEquals(answer.length, Sockets.receive(client, answer), "seed=" + seed);
            assertEquals(packet == version ? GrantStatus.VERSION : GrantStatus.MALFORMED,
                    GrantAnswer.parse(answer).orElseThrow().status());
            assertEquals(0, Sockets.receive(client, answer), "the end");
            client.close();
        }
        assertEquals(0, log.stream().filter(line -> line.startsWith("granted")).count());
    }

    @Test
    void shouldTakeNoDescriptors() throws IOException {
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 100; i++) {
            Fd client = connect();
            FdPassing.send(client, named("al0").bytes(), List.of(client, client, client));
            byte[] answer = new byte[GrantAnswer.LENGTH];
            List<Fd> descriptors = new ArrayList<>();
            assertEquals(answer.length, FdPassing.receive(client, answer, descriptors));
            assertEquals(1, descriptors.size());
            descriptors.getFirst().close();
            client.close();
            awaitLog("returned ");
            log.clear();
        }
        Sandbox.awaitDescriptors(before, 200);
    }

    @Test
    void shouldEndALeaseBehindWhichMoreIsSaid() throws IOException {
        TapLease lease = ask(named("al0"));
        Sockets.send(lease.connection(), named("al1").bytes());
        awaitLog("something behind the request");
        assertEquals(0, Sockets.receive(lease.connection(), new byte[1]));
        assertFalse(exists("al0"));
    }

    @Test
    void shouldServeOthersWhileSomebodySaysNothing() throws IOException {
        List<Fd> silent = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            silent.add(connect());
        }
        ask(named("al0"));
        silent.add(connect());
        silent.add(connect());
        Fd oneTooMany = connect();
        assertTrue(Sockets.receive(oneTooMany, new byte[1]) <= 0);
        awaitLog("too many connections without a request");
        for (Fd client : silent.subList(0, 3)) {
            assertEquals(0, Sockets.receive(client, new byte[1]), "closed after 5 s, before the client gives up");
        }
        awaitLog("no request within 5 s");
        ask(named("al1"));
    }

    @Test
    void shouldReadThePolicyAgain() throws IOException {
        TapLease before = ask(named("al0"));
        Path policy = folder.resolve("policy");
        Files.writeString(policy, "allow user=0 taps=2 name=be* mac=any source=any\n");
        started.join().reload();
        awaitLog(policy + ": read again");
        assertEquals(denied(GrantStatus.NAME), refusal(named("al1")));
        ask(named("be0"));
        assertEquals(denied(GrantStatus.USER_QUOTA), refusal(named("be1")), "those by the old policy count");
        assertTrue(exists("al0"), "what is given stays");
        Files.writeString(policy, "allow user=0 taps=2 name=al* mac=any source=any\nallow nobody\n");
        started.join().reload();
        awaitLog(policy + ":2: \"nobody\": not a word that may follow allow (not read again");
        before.close();
        Sandbox.await("returned", () -> returned() == 1);
        assertEquals(denied(GrantStatus.NAME), refusal(named("al1")), "the file with a mistake changes nothing");
        ask(named("be1"));
    }

    @Test
    void shouldCountTapsOfAnEarlierBroker() throws Exception {
        TunTap earlier = made("al7");
        ask(named("al0"));
        assertEquals(denied(GrantStatus.USER_QUOTA), refusal(named("al1")));
        sandbox.run("ip", "link", "set", "al7", "alias", "vswitch-tapd uid=1001");
        ask(named("al1"));
        assertEquals(denied(GrantStatus.TOTAL_QUOTA), refusal(named("pinned0")));
        earlier.close();
        ask(named("pinned0"));
        awaitLog("returned uid=1001 name=\"al7\" of another broker");
    }

    /// As its user may leave it behind when the broker is killed before he goes.
    @Test
    void shouldRemoveATapOfAnEarlierBrokerThatWasMadePersistent() throws Exception {
        made("al7").persist();
        sandbox.run("sh", "-c", "ip tuntap add al8 mode tap && ip link set al8 alias 'vswitch-tapd uid=x'"
                + " && ip link set lo alias 'vswitch-tapd uid=0'");
        ask(named("al0"));
        awaitLog("removed name=\"al7\": \"vswitch-tapd uid=0\" of an earlier broker");
        assertFalse(exists("al7"));
        assertTrue(exists("al8"), "not one of a broker's");
    }

    private TunTap made(String name) throws Exception {
        CompletableFuture<TunTap> made = new CompletableFuture<>();
        try (NetworkNamespace namespace = NetworkNamespace.open(sandbox.name())) {
            namespace.run(() -> made.complete(TunTap.make(name, 12)));
        }
        open.add(made.join());
        sandbox.run("ip", "link", "set", name, "alias", "vswitch-tapd uid=0");
        return made.join();
    }

    @Test
    void shouldNotLetItsLogBeFilled() {
        int refused = 3 * RefusalLimit.LINES;
        for (int i = 0; i < refused; i++) {
            refusal(named("eth" + i));
        }
        started.join().stop();
        awaitLog("left out uid=0 refusals=" + 2 * RefusalLimit.LINES + " NAME=" + 2 * RefusalLimit.LINES);
        assertEquals(RefusalLimit.LINES, log.stream().filter(line -> line.startsWith("refused ")).count());
    }

    @Test
    void shouldNotListenWhereAnotherDoes() {
        String refusal = assertThrows(IOException.class, () -> {
            try (Broker broker = new Broker(new Broker.Settings(folder + "/policy", socket, 0600, -1), log::add)) {
                broker.stop();
            }
        }).getMessage();
        assertTrue(refusal.endsWith(Errno.EADDRINUSE.text()) && refusal.contains(socket), refusal);
    }

    @Test
    void shouldLeaveNoDescriptorBehind() throws IOException {
        ask(named("al0")).close();
        Sandbox.await("returned", () -> returned() == 1);
        int rounds = 100;
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < rounds; i++) {
            ask(named("al0")).close();
            int round = i;
            Sandbox.await("returned", () -> returned() > round + 1);
            refusal(named("eth7"));
        }
        Sandbox.await("all are closed, but for some that other tests open",
                () -> Sandbox.openDescriptors() < before + rounds / 2);
    }
}
