package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// QEMU's guests over shared memory. The first connects to the switch, the second is connected to by it. Both live as
/// long as this class; each test begins by waiting until they reach each other.
@Timeout(300)
class VhostUserIT {
    private static final String VSWITCH = Repository.root().resolve("cli/vswitch").toString();
    private static final int SECONDS = 60;

    @TempDir
    static Path folder;
    private static CommandRun network;
    private static Guest first;
    private static Guest second;

    @BeforeAll
    static void boot() {
        network = startSwitch();
        first = Guest.bootVhostUser(folder.resolve("vm1") + ",reconnect=1", 1, folder.resolve("qmp1"), 1);
        second = Guest.bootVhostUser(folder.resolve("vm2") + ",server=on", 1, folder.resolve("qmp2"), 2);
        second.run("iperf3 -s -D");
    }

    @AfterAll
    static void end() {
        Stream.of(first, second).filter(guest -> guest != null).forEach(Guest::close);
        if (network != null) {
            network.close();
        }
    }

    private static CommandRun startSwitch() {
        CommandRun started = CommandRun.start(folder, List.of(VSWITCH, "-s", folder.resolve("sw").toString(),
                "--link", "one=vhost-user://" + folder.resolve("vm1") + "[sealed]",
                "--link", "two=vhost-user://" + folder.resolve("vm2") + "[client]",
                "--link", "three=vhost-user://" + folder.resolve("vm3") + "[queues=2]"));
        started.ask("port/allprint");
        return started;
    }

    private static void awaitTraffic() {
        Sandbox.await("traffic", SECONDS, () -> reaches(first, second));
    }

    private static boolean reaches(Guest from, Guest to) {
        return from.run("ping -c 1 -W 1 " + to.address() + " || true").contains(" 0% packet loss");
    }

    @Test
    void shouldLetGuestsPingEachOther() {
        awaitTraffic();
        String pings = first.run("ping -c 5 -i 0.2 " + second.address());
        assertTrue(pings.contains("5 packets received, 0% packet loss"), pings);
    }

    @Test
    void shouldCarryTcpBothWays() {
        awaitTraffic();
        for (String direction : new String[] {"", "-R"}) {
            String result = first.run("iperf3 -f m -n 20M " + direction + " -c " + second.address());
            assertTrue(result.contains("iperf Done"), result);
        }
    }

    @Test
    void shouldGoOnWhenAGuestWasReset() throws IOException {
        awaitTraffic();
        try (MachineProtocol control = MachineProtocol.connect(folder.resolve("qmp1"))) {
            control.execute("{\"execute\":\"system_reset\"}");
        }
        first.wasReset();
        awaitTraffic();
    }

    @Test
    void shouldGoOnWhenALinkWasSetDownAndUp() throws IOException {
        awaitTraffic();
        try (MachineProtocol control = MachineProtocol.connect(folder.resolve("qmp1"))) {
            control.execute("{\"execute\":\"set_link\",\"arguments\":{\"name\":\"n\",\"up\":false}}");
            Sandbox.await("no carrier", SECONDS, () -> !reaches(first, second));
            control.execute("{\"execute\":\"set_link\",\"arguments\":{\"name\":\"n\",\"up\":true}}");
        }
        awaitTraffic();
    }

    /// What is plugged in lies above 4 GiB, where the guest's kernel prefers to have what it does not lend to programs,
    /// buffers of frames for example. First it may not, so that the memory can be unplugged again.
    @Test
    void shouldGoOnWhenMemoryComesAndGoes() throws IOException {
        awaitTraffic();
        int mapped = mapped();
        int total = total(first);
        try (MachineProtocol control = MachineProtocol.connect(folder.resolve("qmp1"))) {
            plug(control, "one");
            bringUp("online_movable", total);
            assertEquals(mapped + 1, mapped());
            assertTrue(reaches(first, second));
            control.execute("{\"execute\":\"device_del\",\"arguments\":{\"id\":\"one\"}}");
            Sandbox.await("the memory is unmapped", SECONDS, () -> mapped() == mapped);
            assertTrue(reaches(first, second));
            plug(control, "two");
            bringUp("online_kernel", total);
        }
        assertEquals(mapped + 1, mapped());
        String result = first.run("iperf3 -f m -n 20M -c " + second.address());
        assertTrue(result.contains("iperf Done"), result);
        assertTrue(reaches(first, second));
    }

    private static void plug(MachineProtocol control, String name) throws IOException {
        control.execute("{\"execute\":\"object-add\",\"arguments\":{\"qom-type\":\"memory-backend-memfd\","
                + "\"id\":\"memory-" + name + "\",\"size\":134217728,\"share\":true}}");
        control.execute("{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"pc-dimm\",\"id\":\"" + name
                + "\",\"memdev\":\"memory-" + name + "\"}}");
    }

    /// Has the first guest use the memory that it finds.
    private static void bringUp(String how, int total) {
        Sandbox.await("the guest sees its memory", SECONDS, () -> {
            first.run("for state in /sys/devices/system/memory/memory*/state; do grep -q offline $state && echo " + how
                    + " > $state; done; true");
            return total(first) > total + 100_000;
        });
    }

    /// How much memory a guest uses, in KiB.
    private static int total(Guest guest) {
        return Integer.parseInt(guest.run("grep MemTotal /proc/meminfo").replaceAll("\\D", ""));
    }

    @Test
    void shouldGoOnWhenTheSwitchWasKilled() {
        for (int round = 0; round < 3; round++) {
            awaitTraffic();
            first.run("(ping -i 0.05 -c 100 " + second.address() + " > /dev/null) &");
            network.signal("KILL");
            network.outcome();
            network = startSwitch();
        }
        awaitTraffic();
        String links = network.ask("link/list");
        assertTrue(links.contains("one") && links.contains("two"), links);
    }

    @Test
    void shouldLeaveNothingOfAGuestThatWasKilled() {
        awaitTraffic();
        int mapped = mapped();
        int descriptors = descriptors();
        for (int round = 0; round < 2; round++) {
            try (Guest third = Guest.bootVhostUser(folder.resolve("vm3") + ",reconnect=1", 2,
                    folder.resolve("qmp3-" + round), 3)) {
                third.run("true"); // is up
                Sandbox.await("the third guest's traffic", SECONDS, () -> reaches(third, second));
                assertTrue(mapped() > mapped, "mapped=" + mapped());
                second.run("(ping -i 0.02 -c 100 " + third.address() + " > /dev/null) &");
                third.kill();
            }
            Sandbox.await("its memory is unmapped", SECONDS, () -> mapped() == mapped);
            Sandbox.await("its descriptors are closed", SECONDS, () -> descriptors() == descriptors);
            assertTrue(reaches(first, second), "the others");
        }
    }

    /// How many mappings of guests' memory the switch has.
    private static int mapped() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + network.pid() + "/maps"))) {
            return (int) lines.filter(line -> line.contains("memory-backend-memfd")).count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// How many descriptors the switch has of the kinds that come with a guest: connections, events, memory.
    private static int descriptors() {
        int count = 0;
        for (Path entry : entries()) {
            try {
                String target = Files.readSymbolicLink(entry).toString();
                count += target.matches("socket:.*|.*eventfd.*|.*memfd.*") ? 1 : 0;
            } catch (IOException closedMeanwhile) {
                continue;
            }
        }
        return count;
    }

    private static List<Path> entries() {
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + network.pid() + "/fd"))) {
            return entries.toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
