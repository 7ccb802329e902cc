package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.BridgePort;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;

/// QEMU's guests, plugged in through libvdeplug. Two of them live as long as this class.
@Timeout(240)
class GuestsTest {
    @TempDir
    static Path folder;
    private static RunningSwitch network;
    private static Guest first;
    private static Guest second;

    @BeforeAll
    static void boot() throws Exception {
        network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString()));
        first = Guest.boot(network.directory(), 1);
        second = Guest.boot(network.directory(), 2);
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable running : new AutoCloseable[] {first, second, network}) {
            try {
                if (running != null) {
                    running.close();
                }
            } catch (Exception failure) {
                throw new AssertionError(failure);
            }
        }
    }

    @Test
    void shouldLetGuestsPingEachOther() {
        second.run("true"); // is up
        String pings = first.run("ping -c 5 -i 0.2 " + second.address());
        assertTrue(pings.contains("5 packets received, 0% packet loss"), pings);
        assertTrue(network.portOf(first.macAddress()) > 0);
        assertTrue(network.portOf(second.macAddress()) > 0);
    }

    @Test
    void shouldCarryTcpBothWays() {
        second.run("iperf3 -s -D");
        for (String direction : new String[] {"", "-R"}) {
            String result = first.run("iperf3 -f m -n 20M " + direction + " -c " + second.address());
            assertTrue(result.contains("iperf Done"), result);
        }
    }

    /// As long as QEMU lets pass: its buffer for frames from the network holds 4,096 bytes.
    @Test
    void shouldCarryJumboFramesWhole() {
        first.run("ip link set eth0 mtu 4082");
        second.run("ip link set eth0 mtu 4082");
        int port = network.portOf(first.macAddress());
        long bytes = port < 0 ? 0 : network.count(port, BridgePort::receivedBytes);
        long frames = port < 0 ? 0 : network.count(port, BridgePort::received);
        String pings = first.run("ping -c 3 -i 0.2 -s 4054 " + second.address());
        assertTrue(pings.contains("3 packets received, 0% packet loss"), pings);
        int now = network.portOf(first.macAddress());
        bytes = network.count(now, BridgePort::receivedBytes) - bytes;
        frames = network.count(now, BridgePort::received) - frames;
        assertTrue(bytes >= 3 * 4096, bytes + " bytes");
        assertTrue(frames < 3 * 2, "fragmented: " + frames + " frames of " + bytes + " bytes");
    }

    @Test
    void shouldNotLetOthersNoticeThatAGuestIsKilled() {
        try (Guest third = Guest.boot(network.directory(), 3)) {
            third.run("ping -c 1 " + second.address());
            int port = network.portOf(third.macAddress());
            int others = network.portOf(second.macAddress());
            first.run("(ping -i 0.1 -c 50 " + second.address() + " > /tmp/pings) &");
            // traffic that still flows towards the guest when it dies
            second.run("(ping -i 0.05 -c 60 " + third.address() + " > /dev/null) &");
            long before = network.count(others, BridgePort::received);
            Sandbox.await("pings", 60, () -> network.count(others, BridgePort::received) > before + 5);
            third.kill();
            Sandbox.await("the port is empty", 60, () -> network.endpoints(port) == 0);
            assertEquals(-1, network.portOf(third.macAddress()));
            long after = network.count(others, BridgePort::received);
            Sandbox.await("more pings", 60, () -> network.count(others, BridgePort::received) > after + 5);
        }
        String pings = first.run("while ! grep -q loss /tmp/pings; do sleep 0.2; done; cat /tmp/pings");
        assertTrue(pings.contains("50 packets received, 0% packet loss"), pings);
    }

    @Test
    void shouldForgetAddressesOfAGuestThatDetaches() {
        try (Guest third = Guest.boot(network.directory(), 4)) {
            third.run("ping -c 1 " + first.address());
            int port = network.portOf(third.macAddress());
            assertEquals(1, network.endpoints(port));
            third.powerOff();
            Sandbox.await("the port is empty", 60, () -> network.endpoints(port) == 0);
            assertEquals(-1, network.portOf(third.macAddress()));
            assertTrue(network.portOf(first.macAddress()) > 0);
        }
    }
}
