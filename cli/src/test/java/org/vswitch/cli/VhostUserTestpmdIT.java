package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// DPDK's testpmd as front-end of two ports, between which it sends frames round and round. It connects to one of them,
/// and is connected to by the other.
@Timeout(180)
class VhostUserTestpmdIT {
    private static final String VSWITCH = Repository.root().resolve("cli/vswitch").toString();
    private static final Pattern RECEIVED = Pattern.compile("RX-packets: (\\d+)");
    private static final int SECONDS = 60;

    @TempDir
    private Path folder;

    @BeforeAll
    static void look() {
        Child.assumeInstalled("dpdk-testpmd", "stdbuf");
    }

    @Test
    void shouldCarryFramesBothWays() {
        try (CommandRun network = startSwitch(); Child testpmd = startTestpmd()) {
            testpmd.await("Checking link statuses");
            testpmd.say("start tx_first 4");
            assertCarries(testpmd);
            String drops = network.ask("port/drops");
            assertTrue(drops.endsWith("1000 Success"), drops);
            testpmd.say("quit");
            assertEquals(0, testpmd.status(), testpmd.describe());
        }
    }

    private static void assertCarries(Child testpmd) {
        Sandbox.await("frames at both ports", SECONDS, () -> {
            long[] least = {Long.MAX_VALUE};
            for (int port = 0; port < 2; port++) {
                testpmd.say("show port stats " + port);
                Matcher received = RECEIVED.matcher(String.join("\n", testpmd.await("RX-packets")));
                assertTrue(received.find());
                least[0] = Math.min(least[0], Long.parseLong(received.group(1)));
            }
            return least[0] > 10_000;
        });
    }

    private CommandRun startSwitch() {
        CommandRun started = CommandRun.start(folder, List.of(VSWITCH, "-s", folder.resolve("sw").toString(),
                "--link", "one=vhost-user://" + folder.resolve("vm1"),
                "--link", "two=vhost-user://" + folder.resolve("vm2") + "[client]"));
        started.ask("link/list");
        return started;
    }

    private Child startTestpmd() {
        String prefix = "vswitch" + ProcessHandle.current().pid();
        return Child.start("stdbuf", "-oL", "dpdk-testpmd", "--no-huge", "-m", "256", "--no-pci", "-l", "0,1",
                "--no-telemetry", "--file-prefix=" + prefix,
                "--vdev=net_virtio_user0,path=" + folder.resolve("vm1") + ",mac=52:54:00:00:01:00",
                "--vdev=net_virtio_user1,path=" + folder.resolve("vm2") + ",mac=52:54:00:00:01:01,server=1",
                "--", "-i", "--nb-cores=1", "--forward-mode=mac", "--total-num-mbufs=4096",
                "--eth-peer=0,52:54:00:00:01:01", "--eth-peer=1,52:54:00:00:01:00");
    }
}
