package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Repository;

/// Guests of QEMU by every kind of socket it has, on one switch, as `attach-help` tells.
@Timeout(600)
class SocketFormsIT {
    @TempDir
    private Path folder;
    private final List<Guest> guests = new ArrayList<>();
    private CommandRun network;

    @AfterEach
    void end() {
        guests.forEach(Guest::close);
        if (network != null) {
            network.close();
        }
    }

    @Test
    void shouldJoinGuestsByAllFormsAndFindThemAgainWhenKilled() {
        start();
        boot("qemu-vde", "sw");
        boot("qemu", "vm");
        guests.forEach(guest -> guest.run("true"));
        boot("qemu-server", "vm3");
        boot("qemu-dgram", "vm4");
        guests.forEach(guest -> guest.run("true"));
        for (Guest from : guests) {
            for (Guest to : guests) {
                if (from.macAddress() < to.macAddress()) {
                    reach(from, to);
                }
            }
        }
        for (String module : List.of("qemu", "dgram", "unix prog")) {
            assertTrue(network.ask("port/allprint").contains("module " + module), network.describe());
        }
        network.signal("KILL");
        assertEquals(128 + 9, network.outcome().code());
        start();
        reach(guests.get(2), guests.get(3));
        reach(guests.get(3), guests.get(2));
        String pings = guests.get(2).run("ping -c 5 -i 0.2 " + guests.get(3).address());
        assertTrue(pings.contains("5 packets received, 0% packet loss"), pings);
        guests.get(3).run("iperf3 -s -D");
        String result = guests.get(2).run("iperf3 -f m -n 5M -c " + guests.get(3).address());
        assertTrue(result.contains("iperf Done"), result);
    }

    private void start() {
        List<String> command = new ArrayList<>(List.of(Repository.root().resolve("cli/vswitch").toString()));
        List.of(help("qemu-vde").ours(at("sw")), help("qemu").ours(at("vm")), help("qemu-server").ours(at("vm3")),
                help("qemu-dgram").ours(at("vm4")))
                .forEach(arguments -> command.addAll(List.of(arguments.replace("'", "").split(" "))));
        network = CommandRun.start(folder, command);
        network.ask("showinfo");
    }

    private void boot(String kind, String name) {
        String arguments = help(kind).theirs(at(name));
        assertTrue(arguments.startsWith("-netdev "), arguments);
        guests.add(Guest.bootOn(arguments.split(" ")[1].replace("id=n0", "id=n"), guests.size() + 1));
    }

    private static AttachHelp help(String kind) {
        return AttachHelp.of(kind);
    }

    /// Pings until there is an answer; the guest's deadline is far below ours.
    private static void reach(Guest from, Guest to) {
        from.run("for i in $(seq 40); do ping -c 1 -W 1 " + to.address() + " && break; done"
                + " | grep '1 packets received'");
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }
}
