package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// The broker as root starts it, and clients that may do nothing: as nobody, without any capability.
@Timeout(180)
class TapdIT {
    private static final String CLI = Repository.root().resolve("cli").toString();

    @TempDir
    private Path folder;
    private TapdHost host;

    @BeforeEach
    void prepare() {
        host = TapdHost.create(folder, "allow user=" + TapdHost.NOBODY
                + " taps=2 name=nb* bridge=br0 addr=10.9.0.0/16 mac=any source=any");
    }

    @AfterEach
    void end() {
        host.close();
    }

    @Test
    void shouldLetASwitchWithoutAnyCapabilityCarryFrames() throws IOException {
        host.startBroker();
        host.namespace().run("sh", "-c", "ip link add other type bridge && ip addr add 198.51.100.1/32 dev other"
                + " && ip link set other up");
        CommandRun network = host.start(Nobody.runs(List.of(CLI + "/vswitch", "-s", folder + "/own/sw",
                "--link", host.tap("nb0", ",addr=10.9.0.1/24"), "--link", host.tap("nb1", ",mac=52:54:00:00:00:07"))));
        network.ask("showinfo");
        String status = Files.readString(Path.of("/proc/" + network.pid() + "/status"));
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertTrue(status.contains(set + ":\t0000000000000000\n"), status);
        }
        assertTrue(status.contains("NoNewPrivs:\t1\n") && status.contains("Uid:\t65534"), status);
        try (Sandbox guest = Sandbox.create()) {
            host.namespace().run("ip", "link", "set", "nb1", "netns", guest.name());
            guest.run("sh", "-c", "ip addr add 10.9.0.7/24 dev nb1 && ip link set nb1 up");
            guest.run("ping", "-c", "3", "-i", "0.2", "-W", "5", "10.9.0.1");
            guest.run("sh", "-c", "ip route add default via 10.9.0.1 && ! ping -c 1 -W 1 198.51.100.1");
        }
        network.say("shutdown");
        assertEquals(0, network.outcome().code());
        network.await("no tap", () -> host.taps().isEmpty());
    }

    @Test
    void shouldLeaveNoTapBehindAKilledClientAndGiveItsQuotaBack() {
        CommandRun broker = host.startBroker();
        for (int round = 0; round < 3; round++) {
            CommandRun first = host.startCable("nb0");
            CommandRun second = host.startCable("nb1");
            CommandRun third = host.start(Nobody.runs(List.of(CLI + "/vplug", "null://", host.tap("nb2", ""))));
            assertTrue(third.outcome().errors().contains("nb2: this user has no tap left"), third.describe());
            first.signal("KILL");
            second.signal("KILL");
            Sandbox.await("no tap", () -> host.taps().isEmpty());
            int returned = 2 * round + 2;
            broker.await("the quota", () -> Stream.of(broker.describe().split("\n"))
                    .filter(line -> line.contains("returned uid=" + TapdHost.NOBODY)).count() == returned);
        }
    }

    @Test
    void shouldLeaveATapToItsOwnerWhenTheBrokerIsKilledAndNoneBehindHim() {
        CommandRun broker = host.startBroker();
        CommandRun cable = host.startCable("nb0");
        broker.await("the grant", () -> broker.describe().contains("granted"));
        broker.signal("KILL");
        broker.outcome();
        assertEquals(List.of("nb0"), host.taps());
        assertTrue(cable.isAlive(), cable.describe());
        host.startBroker();
        cable.signal("KILL");
        Sandbox.await("no tap", () -> host.taps().isEmpty());
        host.startCable("nb0");
    }

    @Test
    void shouldCountTapsThatAKilledBrokerHasLeft() {
        CommandRun broker = host.startBroker();
        CommandRun left = host.startCable("nb0");
        broker.await("the grant", () -> broker.describe().contains("granted"));
        broker.signal("KILL");
        broker.outcome();
        host.startBroker();
        host.startCable("nb1");
        CommandRun third = host.start(Nobody.runs(List.of(CLI + "/vplug", "null://", host.tap("nb2", ""))));
        assertTrue(third.outcome().errors().contains("nb2: this user has no tap left"), third.describe());
        left.signal("KILL");
        Sandbox.await("one tap", () -> host.taps().equals(List.of("nb1")));
        host.startCable("nb2");
    }

    @Test
    void shouldReadItsPolicyAgainWhenToldTo() throws IOException {
        CommandRun broker = host.startBroker();
        Files.writeString(folder.resolve("policy"), "allow everybody\n");
        broker.signal("HUP");
        broker.await("the complaint", () -> broker.describe().contains(
                "policy:1: \"allow\": needs taps= (not read again: what it said before holds)"));
        host.startCable("nb0");
        Files.writeString(folder.resolve("policy"), "");
        broker.signal("HUP");
        broker.await("the word", () -> broker.describe().contains("policy: read again"));
        CommandRun refused = host.start(Nobody.runs(List.of(CLI + "/vplug", "null://", host.tap("nb1", ""))));
        assertTrue(refused.outcome().errors().contains("the policy says nothing of this user"), refused.describe());
        assertEquals(List.of("nb0"), host.taps());
        broker.signal("TERM");
        assertEquals(0, broker.outcome().code());
    }

    @Test
    void shouldRefuseWhoeverThePolicyDoesNotName() {
        CommandRun broker = host.startBroker();
        CommandRun root = host.start(List.of(CLI + "/vplug", "null://", host.tap("nb0", "")));
        assertTrue(root.outcome().errors().contains("nb0: the policy says nothing of this user"), root.describe());
        broker.await("the line", () -> broker.describe().contains("refused uid=0 pid=" + root.pid()
                + " name=\"nb0\" bridge=\"\" reason=USER"));
    }

    @Test
    void shouldEndWhenToldToAndRefuseWhatItCannotServe() throws IOException {
        CommandRun broker = host.startBroker("--mode", "660");
        assertEquals(Map.of("mode", 0140660), Files.readAttributes(folder.resolve("socket"), "unix:mode"));
        broker.signal("TERM");
        assertEquals(0, broker.outcome().code());
        assertTrue(Files.notExists(folder.resolve("socket")));
        Files.writeString(folder.resolve("policy"), "allow nobody\n");
        assertRefused(folder + "/policy:1: \"nobody\": not a word that may follow allow");
        Files.setPosixFilePermissions(folder.resolve("policy"), PosixFilePermissions.fromString("rw-rw-rw-"));
        assertRefused(folder + "/policy: others than root may write to it (mode 666)");
        assertRefused("--mode=9: three octal digits, as 660", "--mode", "9");
        assertRefused("--group=no-such: there is none of that name", "--group", "no-such");
    }

    private void assertRefused(String complaint, String... options) {
        CommandRun run = host.start(Stream.concat(Stream.of(CLI + "/vswitch-tapd", "--socket", folder + "/socket",
                "--policy", folder + "/policy"), Stream.of(options)).toList());
        assertEquals(new CommandRun.Outcome(1, "", "vswitch-tapd: " + complaint + "\n"), run.outcome());
    }
}
