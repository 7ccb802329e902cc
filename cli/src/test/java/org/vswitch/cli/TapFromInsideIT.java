package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// A user without any privilege plugs namespaces of his own, in which he is root. He sees a `/dev/net/tun` that is for
/// everybody, as is usual.
@Timeout(180)
class TapFromInsideIT {
    private static final String VPLUG = Repository.root().resolve("cli/vplug").toString();
    static final String DEVICE = "[ -e \"$0/tun\" ] || { mknod \"$0/tun\" c 10 200 && chmod 666 \"$0/tun\"; }; "
            + "mount --bind \"$0/tun\" /dev/net/tun && exec \"$@\"";

    private static final String CLOSED_DEVICE =
            "mount -t tmpfs none /dev/net && mknod -m 600 /dev/net/tun c 10 200 && exec \"$@\"";
    private static final String NO_DEVICE = "mount -t tmpfs none /dev/net && exec \"$@\"";

    @TempDir
    private Path folder;
    private final List<Child> children = new ArrayList<>();

    @BeforeEach
    void openTheFolder() throws IOException {
        openFor(folder);
    }

    /// Lets the user write to a folder; skips the test where he may not make namespaces.
    static void openFor(Path folder) throws IOException {
        Sandbox.assumeTaps();
        Child.assumeInstalled("nsenter", "unshare", "ping");
        Nobody.assumeMayStart();
        try (Child test = Child.start(Nobody.runs(List.of("unshare", "-Urn", "true")).toArray(String[]::new))) {
            Assumptions.assumeTrue(test.status() == 0, "user namespaces are for root only");
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @AfterEach
    void endAll() {
        children.forEach(Child::close);
    }

    @Test
    void shouldPlugNamespacesOfTheUser() {
        Child first = namespace();
        Child second = namespace();
        Child cable = plug("tap://eth0[netns=" + first.pid() + ",addr=192.0.2.1/24,mtu=9000,up]",
                "tap://eth0[netns=/proc/" + second.pid() + "/ns/net,addr=192.0.2.2/24,queues=3,up]");
        awaitInterface(second, 1);
        Child.run(inside(first, "ping", "-q", "-c", "1", "-W", "10", "192.0.2.2"));
        assertTrue(Child.run(inside(first, "ip", "link", "show", "eth0")).contains("mtu 9000"));
        assertEquals("", leftBehind());
        Child.run("kill", "-KILL", "" + first.pid());
        assertEquals(2, cable.status(), "the cable ends with the namespace: " + cable.output());
        awaitInterface(second, 0);
    }

    /// As rootless containers are made that keep the user's id.
    @Test
    void shouldPlugANamespaceInWhichTheUserIsNotRoot() {
        Child namespace = namespace("unshare", "-Ur", "unshare", "-Un", "--map-user=1000", "--map-group=1000");
        plug("null://", "tap://eth0[netns=" + namespace.pid() + ",addr=192.0.2.1/24,up]");
        awaitInterface(namespace, 1);
        assertEquals("", leftBehind());
        Child alone = namespace("unshare", "-Un", "--map-user=1000", "--map-group=1000");
        assertRefused("netns=" + alone.pid() + ": unshare: unshare failed: Operation not permitted",
                plug("null://", "tap://eth0[netns=" + alone.pid() + "]"));
    }

    @Test
    void shouldLeaveNothingWhenItIsKilled() {
        Child namespace = namespace();
        Child cable = plug("null://", "tap://eth0[netns=" + namespace.pid() + ",up]");
        awaitInterface(namespace, 1);
        Child.run("kill", "-KILL", "" + cable.pid());
        awaitInterface(namespace, 0);
        assertEquals("", leftBehind());
    }

    @Test
    void shouldSayWhyItCannot() throws IOException {
        Child namespace = namespace();
        String own = "tap://eth0[netns=" + namespace.pid() + "]";
        String where = "tap: netns=";
        assertRefused(where + "1 (a process of another user: for root): EACCES: Permission denied",
                plug("null://", "tap://eth0[netns=1]"));
        assertRefused(where + "999999999 (there is no such process, or it has ended): ENOENT: No such file",
                plug("null://", "tap://eth0[netns=999999999]"));
        assertRefused(where + "/etc/passwd: ENOTTY", plug("null://", "tap://eth0[netns=/etc/passwd]"));
        assertRefused("lo in netns=" + namespace.pid() + ": EEXIST", plug("null://", own.replace("eth0", "lo")));
        assertRefused(where + "/proc/self/ns/net (for root; others ",
                plug("null://", "tap://eth0[netns=/proc/self/ns/net]"));
        Path programs = Files.createDirectory(folder.resolve("bin"));
        Path find = Files.writeString(programs.resolve("find"), "#!/bin/sh\nexec /usr/bin/find \"$@\"\n");
        Files.setPosixFilePermissions(find, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertRefused(where + namespace.pid() + ": cannot start nsenter, of util-linux: ",
                start(DEVICE, "env", "PATH=" + programs, VPLUG, "null://", own));
        assertRefused("tap: open /dev/net/tun (as root: modprobe tun; for a container: --device /dev/net/tun): "
                + "ENOENT: No such file", start(NO_DEVICE, VPLUG, "null://", own));
        assertRefused("tap: open /dev/net/tun (as root: chmod 666 /dev/net/tun, as is usual): EACCES: Permission "
                + "denied", start(CLOSED_DEVICE, VPLUG, "null://", own));
        assertRefused("tap: TUNSETIFF t0 (for root; others take tap://t0[broker], tap://t0[netns=..], or what root "
                + "made for them: ip tuntap add t0 mode tap user USER): Operation not permitted",
                plug("null://", "tap://t0"));
        assertEquals("", leftBehind());
    }

    private static void assertRefused(String complaint, Child cable) {
        assertEquals(1, cable.status());
        assertTrue(cable.output().contains(complaint), cable.output());
    }

    private Child plug(String... urls) {
        return start(DEVICE, Stream.concat(Stream.of(VPLUG), Stream.of(urls)).toArray(String[]::new));
    }

    private Child start(String prelude, String... command) {
        return keep(Child.start(asUser(folder, prelude, command)));
    }

    /// The command line that runs a command as that user, where a shell has prepared his mounts.
    static String[] asUser(Path folder, String prelude, String... command) {
        List<String> whole = new ArrayList<>(List.of("unshare", "-m", "env",
                "VSWITCH_JAVA_OPTIONS=-Djava.io.tmpdir=" + folder, "sh", "-c", prelude, folder.toString()));
        whole.addAll(Nobody.runs(List.of(command)));
        return whole.toArray(String[]::new);
    }

    /// A process in namespaces of its own.
    private Child namespace() {
        return namespace("unshare", "-Urn");
    }

    private Child namespace(String... made) {
        Child sleep = keep(Child.start(Nobody.runs(Stream.concat(Stream.of(made), Stream.of("sleep", "100")).toList())
                .toArray(String[]::new)));
        Path name = Path.of("/proc/" + sleep.pid() + "/comm");
        Sandbox.await("it is inside", () -> "sleep".equals(read(name)));
        return sleep;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException gone) {
            return "";
        }
    }

    private Child keep(Child child) {
        children.add(child);
        return child;
    }

    private static void awaitInterface(Child namespace, int count) {
        Sandbox.await("interfaces=" + count, 60, () -> {
            try (Child list = Child.start(inside(namespace, "ip", "-o", "link", "show", "up", "type", "tun"))) {
                return list.status() == 0 && list.output().lines().count() == count;
            }
        });
    }

    private static String[] inside(Child namespace, String... command) {
        return Stream.concat(Stream.of("nsenter", "-t", "" + namespace.pid(), "-n"), Stream.of(command))
                .toArray(String[]::new);
    }

    private String leftBehind() {
        String[] names = folder.toFile().list((_, name) -> !List.of("tun", "bin").contains(name));
        return String.join(" ", names);
    }
}
