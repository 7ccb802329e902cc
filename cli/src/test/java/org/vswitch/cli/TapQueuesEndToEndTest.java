package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.control.StartException;
import org.vswitch.fixture.HostInterface;
import org.vswitch.fixture.Sandbox;
import org.vswitch.link.MeasuredLink;

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
        Map<String, Long> told = new HashMap<>();
        MeasuredLink link = (MeasuredLink) pair.network().ask(bridge -> bridge.ports().port(1).endpoints()[0].link());
        link.measure(new MeasuredLink.Measures() {
            @Override
            public void gauge(String name, long value, long limit) {
                told.put(name, value);
            }

            @Override
            public void counter(String name, long count) {
                told.put(name, count);
            }
        }).join();
        assertEquals(Map.of("queues", 4L, "up", 1L, "set-down", 0L, "renamed", 0L), told);
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
