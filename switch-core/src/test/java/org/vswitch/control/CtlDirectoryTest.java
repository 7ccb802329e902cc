package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.linux.Fd;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

class CtlDirectoryTest {
    @TempDir
    Path folder;
    private final List<String> log = new ArrayList<>();

    @ParameterizedTest(name = "mode {0} dirmode {1}: sockets {2}, directory {3}")
    @CsvSource({"-, -, 600, 2700", "0660, -, 660, 2770", "0666, -, 666, 2777", "0640, -, 640, 2750",
        "-, 0770, 660, 770", "-, 0700, 600, 700", "0600, 0755, 600, 755"})
    void shouldGiveModesAsVdeDerivesThem(String mode, String directoryMode, String sockets, String directory)
            throws IOException {
        CtlDirectory claimed = CtlDirectory.claim(CtlSettings.of(path("sw"), octal(mode), octal(directoryMode),
                SocketPermissions.NO_GROUP));
        assertEquals(sockets, mode(Path.of(path("sw"), "ctl")));
        assertEquals(directory, mode(Path.of(path("sw"))));
        claimed.remove(log::add);
        assertEquals(List.of(), log);
        assertEquals(List.of(), left());
    }

    @Test
    void shouldUseADirectoryThatExists() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("sw"));
        claim("sw").remove(log::add);
        assertFalse(Files.exists(directory));
    }

    @Test
    void shouldResolveTheDirectory() throws IOException {
        Files.createDirectory(folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("alias"), folder.resolve("real"));
        CtlDirectory claimed = claim("alias");
        assertEquals(folder.toRealPath().resolve("real").toString(), claimed.settings().directory());
        claimed.remove(log::add);
    }

    @Test
    void shouldReplaceASocketThatASwitchLeft() throws IOException {
        Files.createDirectory(folder.resolve("sw"));
        try (Fd socket = Sockets.open(Sockets.Type.STREAM, true)) {
            Sockets.bind(socket, SocketAddress.ofPath(path("sw") + "/ctl"));
        }
        claim("sw").remove(log::add);
        assertEquals(List.of(), left());
    }

    @Test
    void shouldRemoveTheDataSocketsThatASwitchLeft() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("sw"));
        bind("002.46");
        bind("1023.1234567");
        bind("other");
        Files.createFile(directory.resolve("004.8"));
        Files.createSymbolicLink(directory.resolve("005.9"), directory.resolve("other"));
        try (Fd alive = Sockets.open(Sockets.Type.DATAGRAM, true)) {
            Sockets.bind(alive, SocketAddress.ofPath(path("sw") + "/003.7"));
            claim("sw").remove(log::add);
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of("003.7", "004.8", "005.9", "other"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    /// Leaves a socket of nobody.
    private void bind(String name) throws IOException {
        try (Fd socket = Sockets.open(Sockets.Type.DATAGRAM, true)) {
            Sockets.bind(socket, SocketAddress.ofPath(path("sw") + "/" + name));
        }
    }

    @Test
    void shouldLeaveASwitchAloneThatRuns() throws IOException {
        CtlDirectory first = claim("sw");
        StartException refused = assertThrows(StartException.class, () -> claim("sw"));
        assertEquals(StartException.Kind.ADDRESS_IN_USE, refused.kind());
        assertEquals("Could not bind to socket '" + path("sw") + "/ctl': Address already in use",
                refused.getMessage());
        assertTrue(Files.exists(folder.resolve("sw/ctl")));
        first.remove(log::add);
    }

    @Test
    void shouldNotReplaceWhatIsNoSocket() throws IOException {
        Files.createDirectory(folder.resolve("sw"));
        Files.createDirectory(folder.resolve("sw/ctl"));
        assertThrows(StartException.class, () -> claim("sw"));
        assertTrue(Files.isDirectory(folder.resolve("sw/ctl")));
    }

    @Test
    void shouldNameADirectoryThatCannotBeCreated() throws IOException {
        assertEquals("Cannot create ctl directory '" + path("no/sw") + "': No such file or directory",
                refusal("no/sw"));
    }

    @Test
    void shouldNameAFileThatIsNoDirectory() throws IOException {
        Files.createFile(folder.resolve("file"));
        assertEquals("Could not bind to socket '" + path("file") + "/ctl': Not a directory", refusal("file"));
        assertTrue(Files.exists(folder.resolve("file")));
    }

    @Test
    void shouldNameADirectoryWhoseNameIsTooLong() throws IOException {
        String name = "x".repeat(94 - folder.toRealPath().toString().length());
        assertTrue(refusal(name).startsWith("ctl directory name too long: '" + path(name) + "' (95 bytes, at most 94"));
        assertEquals(List.of(), left());
        claim(name.substring(1)).remove(log::add);
        assertEquals(List.of(), log);
    }

    @Test
    void shouldNoticeThatTheResolvedNameIsTooLong() throws IOException {
        Path far = folder.resolve("y".repeat(60)).resolve("z".repeat(60));
        Files.createDirectories(far);
        Files.createSymbolicLink(folder.resolve("near"), far);
        assertTrue(refusal("near/sw").contains("too long"));
        assertFalse(Files.exists(far.resolve("sw")));
    }

    @Test
    void shouldNotTakeADirectoryThatOthersShare() throws IOException {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setAttribute(shared, "unix:mode", 01777);
        assertEquals("Cannot use ctl directory '" + path("shared") + "': it is shared (mode 1777)",
                refusal("shared"));
        assertEquals("1777", mode(shared));
    }

    @Test
    void shouldTakeTheDirectoryOfAUserIfRoot() throws IOException {
        assumeTrue(OwnProcess.userId() == 0, "only root can make a directory of another user");
        Files.setAttribute(Files.createDirectory(folder.resolve("sw")), "unix:uid", 65534);
        claim("sw").remove(log::add);
        assertEquals(List.of(), left());
    }

    @Test
    void shouldReportWhatOthersLeft() throws IOException {
        CtlDirectory claimed = claim("sw");
        Files.createFile(folder.resolve("sw/left"));
        claimed.remove(log::add);
        assertEquals(List.of("Could not remove ctl dir '" + path("sw") + "': Directory not empty"), log);
        assertFalse(Files.exists(folder.resolve("sw/ctl")));
    }

    private CtlDirectory claim(String name) throws IOException {
        return CtlDirectory.claim(CtlSettings.of(path(name), OptionalInt.empty(), OptionalInt.empty(),
                SocketPermissions.NO_GROUP));
    }

    private String refusal(String name) throws IOException {
        StartException refused = assertThrows(StartException.class, () -> claim(name));
        assertEquals(StartException.Kind.DIRECTORY, refused.kind());
        return refused.getMessage();
    }

    private String path(String name) throws IOException {
        return folder.toRealPath().resolve(name).toString();
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Path::toString).toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return Integer.toOctalString((int) Files.getAttribute(path, "unix:mode") & 07777);
    }

    private static OptionalInt octal(String text) {
        return "-".equals(text) ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text, 8));
    }
}
