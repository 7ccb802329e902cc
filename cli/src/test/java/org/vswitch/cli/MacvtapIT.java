package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// A network card that a program has to itself, until it ends in whatever way.
@Timeout(180)
class MacvtapIT {
    private static final String VPLUG = Repository.root().resolve("cli/vplug").toString();

    private static final String BARE = "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && "
            + "mknod -m 666 /dev/zero c 1 5 && mknod -m 666 /dev/random c 1 8 && mknod -m 666 /dev/urandom c 1 9 && "
            + "ln -s /proc/self/fd /dev/fd && exec \"$0\" \"$@\"";

    private final String card = Sandbox.unique("vsn");

    @BeforeEach
    void plugIn() {
        Sandbox.assumeTaps();
        Assumptions.assumeTrue(Files.exists(Path.of("/sys/class/macvtap")), "this kernel has no macvtap");
        Sandbox.execute("ip", "link", "add", card, "type", "veth", "peer", "name", Sandbox.unique("vso"));
    }

    @AfterEach
    void unplug() {
        if (Files.exists(Path.of("/sys/class/net", card))) {
            Sandbox.execute("ip", "link", "del", card);
        }
    }

    @Test
    void shouldFreeTheNetworkCardWhenItIsKilled() {
        try (Child cable = Child.start(VPLUG, "null://", "macvtap://lan[on=" + card + "]")) {
            Sandbox.await("it has the card", 60, this::isPromiscuous);
            cable.kill();
            Sandbox.await("it has not", 60, () -> !isPromiscuous());
            assertTrue(isFree());
        }
    }

    /// As in containers, where nobody makes a node for the interface: what was made for it is gone again.
    @Test
    void shouldMakeANodeWhereThereIsNone() {
        Child.assumeInstalled("unshare", "nsenter");
        try (Child cable = Child.start("unshare", "-m", "sh", "-c", BARE, VPLUG, "null://",
                "macvtap://lan[on=" + card + "]")) {
            Sandbox.await("it has the card", 60, this::isPromiscuous);
            assertEquals("fd null random urandom zero",
                    Child.run("nsenter", "-t", Long.toString(cable.pid()), "-m", "sh", "-c", "ls /dev | xargs echo"));
        }
    }

    private boolean isPromiscuous() {
        try {
            return (Integer.decode(Files.readString(Path.of("/sys/class/net", card, "flags")).strip()) & 0x100) != 0;
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    /// Only one interface may be there in this mode: so the test's own says whether another is.
    private boolean isFree() {
        String name = Sandbox.unique("vsm");
        try (Child add = Child.start("ip", "link", "add", "link", card, "name", name, "type", "macvtap", "mode",
                "passthru")) {
            if (add.status() != 0) {
                return false;
            }
        }
        Sandbox.execute("ip", "link", "del", name);
        return true;
    }

    @Test
    void shouldSayThatItIsNotPermitted() {
        Nobody.assumeMayStart();
        try (Child cable = Child.start(Nobody.runs(List.of(VPLUG, "null://", "macvtap://lan[on=" + card + "]"))
                .toArray(String[]::new))) {
            assertEquals(1, cable.status());
            assertTrue(cable.output().contains("macvtap: on=" + card + " (for root): EPERM: Operation not permitted"),
                    cable.output());
        }
        assertTrue(isFree());
    }
}
