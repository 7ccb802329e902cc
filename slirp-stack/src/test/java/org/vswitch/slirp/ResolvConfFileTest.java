package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.slirp.service.ResolvConf;

/// T30: the list of name servers follows the file, however it is changed.
class ResolvConfFileTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir
    private Path folder;
    private Path path;
    private ResolvConfFile file;
    private long nowNs = -5 * SECOND_NS;

    @BeforeEach
    void create() throws IOException {
        path = folder.resolve("resolv.conf");
        write(path, 1);
        file = new ResolvConfFile(path);
        assertServer(1);
    }

    private static void write(Path to, int server) throws IOException {
        Files.writeString(to, "nameserver 192.0.2." + server + "\n");
    }

    private void assertServer(int server) {
        assertEquals(0xc000_0200L + server, file.current(nowNs).servers().getFirst().low() & 0xffff_ffffL);
    }

    @Test
    void shouldSeeAnotherFileRenamedOverIt() throws IOException {
        Path other = folder.resolve("new");
        write(other, 2);
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(path)); // as long and as old
        Files.move(other, path, StandardCopyOption.ATOMIC_MOVE);
        nowNs += SECOND_NS;
        assertServer(2);
    }

    @Test
    void shouldSeeASymbolicLinkTurned() throws IOException {
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, path);
        file = new ResolvConfFile(link);
        Path other = folder.resolve("other");
        write(other, 2);
        Path turned = folder.resolve("turned");
        Files.createSymbolicLink(turned, other);
        Files.move(turned, link, StandardCopyOption.ATOMIC_MOVE);
        nowNs += SECOND_NS;
        assertServer(2);
        write(other, 33);
        nowNs += SECOND_NS;
        assertServer(33);
    }

    @Test
    void shouldSeeWhatIsWrittenIntoIt() throws IOException {
        write(path, 2);
        Files.setLastModifiedTime(path, FileTime.fromMillis(1));
        nowNs += SECOND_NS;
        assertServer(2);
    }

    @Test
    void shouldLookOnceASecond() throws IOException {
        assertServer(1);
        write(path, 22);
        nowNs += SECOND_NS - 1;
        assertServer(1);
        nowNs++;
        assertServer(22);
    }

    @Test
    void shouldHandOutTheSameAsLongAsNothingChanges() {
        ResolvConf before = file.current(nowNs);
        nowNs += SECOND_NS;
        assertSame(before, file.current(nowNs));
    }

    @Test
    void shouldKeepTheLastOneWhileThereIsNone() throws IOException {
        Files.delete(path);
        nowNs += SECOND_NS;
        assertServer(1);
        write(path, 2);
        nowNs += SECOND_NS;
        assertServer(2);
    }

    @Test
    void shouldBeginWithoutAFile() throws IOException {
        path = folder.resolve("later");
        file = new ResolvConfFile(path);
        assertEquals(List.of(), file.current(nowNs).servers());
        write(path, 2);
        nowNs += SECOND_NS;
        assertServer(2);
    }

    @Test
    void shouldTakeNothingButAFile() throws IOException {
        assertEquals(List.of(), new ResolvConfFile(folder).current(nowNs).servers());
        assertEquals(List.of(), new ResolvConfFile(Path.of("/dev/zero")).current(nowNs).servers());
    }

    @Test
    void shouldSayWhatIsSkipped() throws IOException {
        Files.writeString(path, "nameserver fe80::1%eth0\n");
        List<String> skipped = new ArrayList<>(new ResolvConfFile(path).conf().skipped());
        assertTrue(skipped.getFirst().startsWith("fe80::1%eth0"), skipped.toString());
    }
}
