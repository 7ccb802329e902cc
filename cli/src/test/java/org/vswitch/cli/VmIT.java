package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// `vswitch --vm DIR`, the newcomer's command: guests start with what it prints, and nothing else.
@Timeout(600)
class VmIT {
    private static final String VSWITCH = Repository.root().resolve("cli/vswitch").toString();
    private static final Pattern ADDRESS = Pattern.compile("inet (10\\.0\\.2\\.\\d+)/24");
    private static final String CONFIGURE = "printf '#!/bin/sh\\n[ \"$1\" != bound ] || { ip addr add $ip/$mask dev "
            + "eth0; ip route add default via $router; }\\n' > /tmp/dhcp; chmod +x /tmp/dhcp; "
            + "udhcpc -q -n -t 20 -i eth0 -s /tmp/dhcp";

    @TempDir
    private Path folder;

    private CommandRun start(String... options) {
        return CommandRun.start(folder, Stream.concat(Stream.of(VSWITCH, "--vm", directory()), Stream.of(options))
                .toList());
    }

    private String directory() {
        return folder.resolve("vm").toString();
    }

    /// QEMU's of the printed arguments.
    private static List<String> pasted(String welcome) {
        return welcome.lines().filter(line -> line.startsWith("  -")).toList();
    }

    @Test
    void shouldJoinGuestsThatStartWithWhatItPrints() {
        List<Guest> guests = new ArrayList<>();
        CommandRun network = start();
        try {
            List<String> forms = pasted(network.ask("showinfo"));
            for (String form : List.of("-netdev vde,", "-netdev stream,", "-netdev dgram,", "-netdev vhost-user,")) {
                assertEquals(1, forms.stream().filter(line -> line.contains(form)).count(), forms.toString());
            }
            forms.forEach(form -> guests.add(Guest.bootPasted(form, guests.size() + 1)));
            guests.add(Guest.bootPasted(forms.getLast().replace(":04,", ":09,"), 9)); // memory of two guests
            List<String> addresses = guests.stream().map(VmIT::configure).toList();
            assertEquals(guests.size(), addresses.stream().distinct().count(), addresses.toString());
            for (Guest guest : guests) {
                Stream.concat(Stream.of("10.0.2.2"), addresses.stream()).forEach(address -> reach(guest, address));
            }
            network.signal("KILL");
            assertEquals(128 + 9, network.outcome().code());
            network = start();
            network.ask("showinfo");
            for (int i = 2; i < guests.size(); i++) { // the first two are QEMU 7.2's that give up
                reach(guests.get(i), "10.0.2.2");
                reach(guests.get(i), addresses.get(2));
            }
            assertEquals(0, network.end().code(), network.describe());
            assertFalse(Files.exists(Path.of(directory())), network.describe());
        } finally {
            guests.forEach(Guest::close);
            network.close();
        }
    }

    @Test
    void shouldJoinUserModeLinuxByWhatIsPrintedForIt() {
        VmDirectory sockets = new VmDirectory(directory());
        try (CommandRun network = start()) {
            network.ask("showinfo");
            try (Guest byRequests = Guest.bootUserMode(AttachHelp.of("uml").in(sockets), folder, 1);
                    Guest byPackets = Guest.bootUserMode(AttachHelp.of("uml-bess").in(sockets), folder, 2)) {
                String one = configure(byRequests);
                String other = configure(byPackets);
                assertNotEquals(one, other);
                reach(byRequests, "10.0.2.2");
                reach(byPackets, "10.0.2.2");
                reach(byRequests, other);
                byRequests.powerOff();
                byPackets.powerOff();
            }
            assertEquals(0, network.end().code(), network.describe());
        }
    }

    private static String configure(Guest guest) {
        guest.run(CONFIGURE);
        Matcher address = ADDRESS.matcher(guest.run("ip -4 -o addr show eth0"));
        assertTrue(address.find());
        return address.group(1);
    }

    /// Pings until there is an answer; the guest's deadline is far below ours.
    private static void reach(Guest from, String address) {
        from.run("for i in $(seq 40); do ping -c 1 -W 1 " + address + " && break; done | grep '1 packets received'");
    }

    @Test
    void shouldMakeADirectoryForItsUserAlone() throws Exception {
        try (CommandRun network = start()) {
            network.ask("showinfo");
            assertEquals("rwx------", permissions(""));
            for (String member : List.of("ctl", "stream", "vhost", "unixgram", "bess")) {
                assertEquals("rw-------", permissions(member), member);
            }
            assertEquals(0, network.end().code());
        }
        assertFalse(Files.exists(Path.of(directory())));
    }

    private String permissions(String member) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(directory(), member)));
    }

    @Test
    void shouldPrintBeforeItGoesToTheBackground() throws Exception {
        Path pid = folder.resolve("pid");
        CommandRun.Outcome outcome = start("-d", "-p", pid.toString()).outcome();
        assertEquals(0, outcome.code(), outcome.errors());
        assertEquals(4, pasted(outcome.output()).size(), outcome.output());
        assertFalse(outcome.output().contains("console"), outcome.output());
        assertTrue(Files.exists(Path.of(directory(), "vhost")));
        Child.run("kill", Files.readString(pid).strip());
        Sandbox.await("the end", 60, () -> !Files.exists(Path.of(directory())));
    }

    @Test
    void shouldNotNeedSomebodyWhoReads() throws Exception {
        try (Child deaf = Child.start("sh", "-c", VSWITCH + " --vm " + directory() + " --nostdin | true")) {
            Sandbox.await("the sockets", 60, () -> Files.exists(Path.of(directory(), "bess")));
            assertTrue(deaf.isAlive(), deaf.describe());
        }
        Sandbox.await("the end", 60, () -> !Files.exists(Path.of(directory())));
    }

    @Test
    void shouldSayWhyADirectoryCannotBeHad() throws Exception {
        try (CommandRun first = start()) {
            first.ask("showinfo");
            CommandRun.Outcome second = start().outcome();
            assertEquals("", second.output());
            assertEquals("vswitch: Could not bind to socket '" + directory()
                    + "/ctl': Address already in use (another switch runs there)\n", second.errors());
            assertEquals(255, second.code());
            first.ask("showinfo");
        }
        CommandRun.Outcome nowhere = CommandRun.start(folder, List.of(VSWITCH, "--vm", "/no/such/vm")).outcome();
        assertEquals("vswitch: Cannot create ctl directory '/no/such/vm': No such file or directory\n",
                nowhere.errors());
        assertEquals(255, nowhere.code());
        for (String impossible : List.of("/etc/passwd", "/tmp/" + "x".repeat(100), "/tmp/a,b")) {
            CommandRun.Outcome refused = CommandRun.start(folder, List.of(VSWITCH, "--vm", impossible)).outcome();
            assertTrue(refused.errors().startsWith("vswitch: --vm "), refused.errors());
            assertEquals(255, refused.code(), refused.errors());
        }
        CommandRun.Outcome taken = start("--link", "stream=null://").outcome();
        assertEquals("vswitch: link stream=null://: link name=stream is in use\n", taken.errors());
        assertEquals(1, taken.code());
    }
}
