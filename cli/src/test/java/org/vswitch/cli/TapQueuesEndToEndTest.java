package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.control.StartException;
import org.vswitch.fixture.HostInterface;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.ToldMeasures;
import org.vswitch.link.Link;

/// Many flows between two namespaces, each on a tap of several queues.
@Timeout(120)
class TapQueuesEndToEndTest {
    private static final int FLOWS = 40;
    private static final int ROUNDS = 50;
    private static final String COMMON = """
            import socket, struct, sys
            flows, rounds = int(sys.argv[1]), int(sys.argv[2])
            """;
    /// Each round is answered, so that no queue overflows, and a greeting, behind which neighbors know each other; what
    /// comes out of order within a flow ends it.
    private static final String RECEIVER = COMMON + """
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.settimeout(30)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            s.bind(('10.0.0.2', 5000))
            print('listening', flush=True)
            s.recv(100)
            s.sendto(b'next', ('10.0.0.1', 6000))
            last = {}
            for round in range(rounds):
                for n in range(flows * 5):
                    data, sender = s.recvfrom(65536)
                    number, = struct.unpack('!I', data[:4])
                    if number != last.get(sender, -1) + 1:
                        sys.exit(f'{sender}: {number} behind {last.get(sender, -1)}')
                    last[sender] = number
                s.sendto(b'next', ('10.0.0.1', 6000))
            print(len(last), 'flows')
            """;
    private static final String SENDER = COMMON + """
            answer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            answer.settimeout(30)
            answer.bind(('10.0.0.1', 6000))
            answer.sendto(b'hello', ('10.0.0.2', 5000))
            answer.recv(100)
            sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(flows)]
            for s in sockets:
                s.connect(('10.0.0.2', 5000))
            for round in range(rounds):
                for n in range(5):
                    for s in sockets:
                        s.send(struct.pack('!I', round * 5 + n) * 100)
                answer.recv(100)
            """;

    @TempDir
    private Path folder;
    private TapPair pair;

    @BeforeEach
    void start() throws Exception {
        pair = new TapPair(folder);
        pair.start("tap://" + pair.tap() + "[queues=4]",
                "tap://eth0[queues=4,netns=" + pair.second().name() + ",addr=10.0.0.2/24,up]");
        take();
    }

    @AfterEach
    void stop() {
        if (pair != null) {
            pair.close();
        }
    }

    private void take() {
        TapPair.take(pair.first(), pair.tap(), 1);
    }

    @Test
    void shouldKeepEachOfManyFlowsInOrder() {
        transfer();
        pair.first().run("ip", "link", "set", pair.tap(), "down");
        pair.first().run("ip", "link", "set", pair.tap(), "up");
        transfer();
    }

    private void transfer() {
        Child.assumeInstalled("python3");
        String[] numbers = {Integer.toString(FLOWS), Integer.toString(ROUNDS)};
        try (Child receiver = Child.start(pair.second().inside("python3", "-c", RECEIVER, numbers[0], numbers[1]))) {
            receiver.await("listening");
            try (Child sender = Child.start(pair.first().inside("python3", "-c", SENDER, numbers[0], numbers[1]))) {
                assertEquals(0, receiver.status(), receiver.output());
                assertEquals(0, sender.status(), sender.output());
            }
            receiver.await("^" + FLOWS + " flows");
        }
    }

    @Test
    void shouldTellTheNumberOfQueues() {
        Link link = pair.network().ask(bridge -> bridge.ports().port(1).endpoints()[0].link());
        assertEquals(Map.of("queues", 4L, "up", 1L, "set-down", 0L, "renamed", 0L), ToldMeasures.of(link));
        Child.run(pair.first().inside("test", "-d", "/sys/class/net/" + pair.tap() + "/queues/tx-3"));
    }

    /// Made again with several queues, as the URL wants it.
    @Test
    void shouldTakeAnInterfaceThatWasDeletedOnceItIsBack() {
        pair.first().run("ip", "link", "del", pair.tap());
        Sandbox.execute("ip", "tuntap", "add", "mode", "tap", "multi_queue", "name", pair.tap());
        Sandbox.await("the switch has it", 30,
                () -> Files.exists(Path.of("/sys/class/net", pair.tap(), "queues/tx-3")));
        take();
        transfer();
    }

    /// The LAN is the first namespace, behind a network card that a pair of veth stands for.
    @Test
    void shouldReachTheLanOfABridge() throws StartException {
        endSwitch();
        String bridge = Sandbox.unique("vsbr");
        String card = Sandbox.unique("vsn");
        Sandbox.execute("ip", "link", "add", card, "type", "veth", "peer", "name", "lan", "netns",
                pair.first().name());
        try {
            TapPair.up(pair.first(), "lan", 1);
            connect(bridge, card);
            pair.start("tap://" + pair.secondTap() + "[queues=4,bridge=" + bridge + ",up]",
                    "tap://eth0[queues=2,netns=" + pair.second().name() + ",addr=10.0.0.2/24,up]");
            assertTrue(Files.exists(Path.of("/sys/class/net", pair.secondTap(), "queues/tx-3")));
            transfer();
            Sandbox.execute("ip", "link", "del", bridge);
            connect(bridge, card);
            Sandbox.await("it is a port of the new one",
                    () -> Files.exists(Path.of("/sys/class/net", bridge, "brif", pair.secondTap())));
            transfer();
        } finally {
            pair.network().close();
            Sandbox.succeeds("ip", "link", "del", card);
            Sandbox.succeeds("ip", "link", "del", bridge);
        }
    }

    private static void connect(String bridge, String card) {
        Sandbox.execute("ip", "link", "add", bridge, "type", "bridge");
        Sandbox.execute("ip", "link", "set", card, "master", bridge, "up");
        Sandbox.execute("ip", "link", "set", bridge, "up");
    }

    @Test
    void shouldCarryLongFramesBetweenInterfacesOfThatMtu() throws StartException {
        Child.assumeInstalled("ping");
        endSwitch();
        pair.start("tap://eth0[queues=4,mtu=9000,netns=" + pair.first().name() + ",addr=10.0.0.1/24,up]",
                "tap://eth0[queues=2,mtu=9000,netns=" + pair.second().name() + ",addr=10.0.0.2/24,up]");
        for (Sandbox each : List.of(pair.first(), pair.second())) {
            Child.run(each.inside("grep", "-x", "9000", "/sys/class/net/eth0/mtu"));
        }
        Child.run(pair.first().inside("ping", "-q", "-c", "1", "-W", "10", "-M", "do", "-s", "8972", "10.0.0.2"));
        transfer();
    }

    /// Those that it has are counted by the kernel: the next switch may want fewer.
    @Test
    void shouldKeepAPersistentInterface() throws StartException {
        endSwitch();
        try {
            for (int queues : new int[] {4, 2}) {
                pair.start("tap://" + pair.secondTap() + "[queues=" + queues + ",persist,up]",
                        "tap://eth0[queues=4,netns=" + pair.second().name() + ",addr=10.0.0.2/24,up]");
                String queue = "queues/tx-" + (queues - 1);
                assertTrue(Files.exists(Path.of("/sys/class/net", pair.secondTap(), queue)), queue);
                pair.network().close();
                assertTrue(HostInterface.exists(pair.secondTap()));
            }
            pair.start("tap://" + pair.secondTap() + "[queues=4]",
                    "tap://eth0[queues=4,netns=" + pair.second().name() + ",addr=10.0.0.2/24,up]");
            TapPair.take(pair.first(), pair.secondTap(), 1);
            transfer();
        } finally {
            pair.network().close();
            Sandbox.succeeds("ip", "link", "del", pair.secondTap());
        }
    }

    /// With its interfaces, which a child process of another test may have for a moment longer.
    private void endSwitch() {
        pair.network().close();
        Sandbox.await("the interfaces have gone",
                () -> !Sandbox.succeeds(pair.first().inside("ip", "link", "show", pair.tap()))
                        && !Sandbox.succeeds(pair.second().inside("ip", "link", "show", "eth0")));
    }

    @Test
    void shouldLeaveNoDescriptorAndNoInterface() throws StartException {
        int rounds = 50; // other tests open and close some beside it
        int before = Sandbox.openDescriptors();
        for (int round = 0; round < rounds; round++) {
            pair.network().close();
            assertFalse(HostInterface.exists(pair.tap()));
            pair.start("tap://[queues=4]");
        }
        int after = Sandbox.openDescriptors();
        assertTrue(after < before + 4 * rounds, before + " before, " + after + " after");
    }
}
