package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
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
    private static final int NOBODY = 65534;

    @TempDir
    private Path folder;
    private final List<CommandRun> running = new ArrayList<>();
    private Sandbox host;

    @BeforeEach
    void prepare() throws IOException {
        host = Sandbox.create();
        Nobody.assumeMayStart();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("policy"), "allow user=" + NOBODY
                + " taps=2 name=nb* bridge=br0 addr=10.9.0.0/16 mac=any source=any\n");
        Files.createDirectory(folder.resolve("own"));
        Files.setAttribute(folder.resolve("own"), "unix:uid", NOBODY);
    }

    @AfterEach
    void end() {
        running.forEach(CommandRun::close);
        host.close();
    }

    private CommandRun start(List<String> command) {
        CommandRun run = CommandRun.start(folder, command);
        running.add(run);
        return run;
    }

    private CommandRun startBroker(String... options) {
        List<String> command = new ArrayList<>(List.of(host.inside(CLI + "/vswitch-tapd", "--policy",
                folder + "/policy", "--socket", folder + "/socket")));
        command.addAll(List.of(options));
        CommandRun broker = start(command);
        broker.await("ready", () -> broker.describe().contains("ready on "));
        return broker;
    }

    private CommandRun startCable(String name) {
        CommandRun cable = start(Nobody.runs(List.of(CLI + "/vplug", "null://", tap(name, ""))));
        cable.await("the tap", () -> taps().contains(name));
        return cable;
    }

    private String tap(String name, String options) {
        return "tap://" + name + "[broker=" + folder + "/socket" + options + "]";
    }

    private List<String> taps() {
        return Child.run(host.inside("sh", "-c", "ls /sys/class/net")).lines().filter(name -> name.startsWith("nb"))
                .toList();
    }

    @Test
    void shouldLetASwitchWithoutAnyCapabilityCarryFrames() throws IOException {
        startBroker();
        CommandRun network = start(Nobody.runs(List.of(CLI + "/vswitch", "-s", folder + "/own/sw",
                "--link", tap("nb0", ",addr=10.9.0.1/24"), "--link", tap("nb1", ",mac=52:54:00:00:00:07"))));
        network.ask("showinfo");
        String status = Files.readString(Path.of("/proc/" + network.pid() + "/status"));
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertTrue(status.contains(set + ":\t0000000000000000\n"), status);
        }
        assertTrue(status.contains("NoNewPrivs:\t1\n") && status.contains("Uid:\t65534"), status);
        try (Sandbox guest = Sandbox.create()) {
            host.run("ip", "link", "set", "nb1", "netns", guest.name());
            guest.run("sh", "-c", "ip addr add 10.9.0.7/24 dev nb1 && ip link set nb1 up");
            guest.run("ping", "-c", "3", "-i", "0.2", "-W", "5", "10.9.0.1");
        }
        network.say("shutdown");
        assertEquals(0, network.outcome().code());
        network.await("no tap", () -> taps().isEmpty());
    }

    @Test
    void shouldLeaveNoTapBehindAKilledClientAndGiveItsQuotaBack() {
        CommandRun broker = startBroker();
        for (int round = 0; round < 3; round++) {
            CommandRun first = startCable("nb0");
            CommandRun second = startCable("nb1");
            CommandRun third = start(Nobody.runs(List.of(CLI + "/vplug", "null://", tap("nb2", ""))));
            assertTrue(third.outcome().errors().contains("nb2: this user has no tap left"), third.describe());
            first.signal("KILL");
            second.signal("KILL");
            Sandbox.await("no tap", () -> taps().isEmpty());
            int returned = 2 * round + 2;
            broker.await("the quota", () -> Stream.of(broker.describe().split("\n"))
                    .filter(line -> line.contains("returned uid=" + NOBODY)).count() == returned);
        }
    }

    @Test
    void shouldLeaveATapToItsOwnerWhenTheBrokerIsKilledAndNoneBehindHim() {
        CommandRun broker = startBroker();
        CommandRun cable = startCable("nb0");
        broker.await("the grant", () -> broker.describe().contains("granted"));
        broker.signal("KILL");
        broker.outcome();
        assertEquals(List.of("nb0"), taps());
        assertTrue(cable.isAlive(), cable.describe());
        startBroker();
        cable.signal("KILL");
        Sandbox.await("no tap", () -> taps().isEmpty());
        startCable("nb0");
    }

    @Test
    void shouldCountTapsThatAKilledBrokerHasLeft() {
        CommandRun broker = startBroker();
        CommandRun left = startCable("nb0");
        broker.await("the grant", () -> broker.describe().contains("granted"));
        broker.signal("KILL");
        broker.outcome();
        startBroker();
        startCable("nb1");
        CommandRun third = start(Nobody.runs(List.of(CLI + "/vplug", "null://", tap("nb2", ""))));
        assertTrue(third.outcome().errors().contains("nb2: this user has no tap left"), third.describe());
        left.signal("KILL");
        Sandbox.await("one tap", () -> taps().equals(List.of("nb1")));
        startCable("nb2");
    }

    @Test
    void shouldReadItsPolicyAgainWhenToldTo() throws IOException {
        CommandRun broker = startBroker();
        Files.writeString(folder.resolve("policy"), "allow everybody\n");
        broker.signal("HUP");
        broker.await("the complaint", () -> broker.describe().contains(
                "policy:1: \"allow\": needs taps= (not read again: what it said before holds)"));
        startCable("nb0");
        Files.writeString(folder.resolve("policy"), "");
        broker.signal("HUP");
        broker.await("the word", () -> broker.describe().contains("policy: read again"));
        CommandRun refused = start(Nobody.runs(List.of(CLI + "/vplug", "null://", tap("nb1", ""))));
        assertTrue(refused.outcome().errors().contains("the policy says nothing of this user"), refused.describe());
        assertEquals(List.of("nb0"), taps());
        broker.signal("TERM");
        assertEquals(0, broker.outcome().code());
    }

    /// At whatever moment: the broker is killed while clients come and go.
    @Test
    void shouldLeaveNoTapBehindWheneverTheBrokerIsKilled() {
        for (int round = 0; round < 3; round++) {
            CommandRun broker = startBroker();
            CommandRun cable = start(Nobody.runs(List.of(CLI + "/vplug", "null://", tap("nb0", ""))));
            broker.await("the request or its end", () -> !cable.isAlive() || broker.describe().contains("granted"));
            broker.signal("KILL");
            broker.outcome();
            cable.signal("KILL");
            cable.outcome();
            Sandbox.await("no tap", () -> taps().isEmpty());
        }
    }

    @Test
    void shouldRefuseWhoeverThePolicyDoesNotName() {
        CommandRun broker = startBroker();
        CommandRun root = start(List.of(CLI + "/vplug", "null://", tap("nb0", "")));
        assertTrue(root.outcome().errors().contains("nb0: the policy says nothing of this user"), root.describe());
        broker.await("the line", () -> broker.describe().contains("refused uid=0 pid=" + root.pid()
                + " name=\"nb0\" bridge=\"\" reason=USER"));
    }

    @Test
    void shouldEndWhenToldToAndRefuseWhatItCannotServe() throws IOException {
        CommandRun broker = startBroker("--mode", "660");
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
        CommandRun run = start(Stream.concat(Stream.of(CLI + "/vswitch-tapd", "--socket", folder + "/socket",
                "--policy", folder + "/policy"), Stream.of(options)).toList());
        assertEquals(new CommandRun.Outcome(1, "", "vswitch-tapd: " + complaint + "\n"), run.outcome());
    }
}
