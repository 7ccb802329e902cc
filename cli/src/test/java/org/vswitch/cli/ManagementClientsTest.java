package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.engine.SwitchConfig;

/// Debian's clients of the management socket.
@Timeout(120)
class ManagementClientsTest {
    @TempDir
    private Path folder;
    private RunningSwitch network;

    @BeforeEach
    void start() throws Exception {
        SwitchConfig plain = SwitchConfig.in(folder.resolve("sw").toString());
        var management = new ManagementSettings(folder.resolve("mgmt").toString(),
                new SocketPermissions(0600, SocketPermissions.NO_GROUP));
        network = RunningSwitch.start(new SwitchConfig(plain.bridge(), plain.ctl(), Optional.of(management),
                plain.taps(), plain.links(), plain.limits()));
    }

    @AfterEach
    void stop() {
        network.close();
    }

    /// Debian's vdecmd ends with 255 whatever the reply: what counts is that it ends, and what it shows.
    @Test
    void shouldAnswerVdecmdAsDebiansSwitchDoes() {
        Child.assumeInstalled("unixcmd");
        Path other = folder.resolve("other.mgmt");
        try (DebianSwitch _ = DebianSwitch.start(folder.resolve("other"), "-M", other.toString())) {
            for (String command : List.of("hash/showinfo", "vlan/create 5", "vlan/create 5", "port/createauto",
                    "vlan/allprint", "port/print", "help vlan", "no/such/command")) {
                assertEquals(vdecmd(other, command), vdecmd(folder.resolve("mgmt"), command));
            }
        }
        assertEquals(true, network.ask(bridge -> bridge.vlans().exists(5)));
    }

    private static String vdecmd(Path socket, String command) {
        try (Child vdecmd = Child.start("unixcmd", "-s", socket.toString(), "-f", "/etc/vde2/vdecmd", command)) {
            return command + ": " + vdecmd.status() + "\n" + vdecmd.output();
        }
    }

    @Test
    void shouldTalkToUnixterm() {
        Child.assumeInstalled("unixterm");
        try (Child terminal = Child.start("unixterm", folder.resolve("mgmt").toString())) {
            terminal.await("VDE switch V\\.");
            terminal.say("port/showinfo");
            terminal.await("Numports=32");
            terminal.await("1000 Success");
            terminal.say("logout");
            terminal.status();
        }
    }
}
