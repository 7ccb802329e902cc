package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkUrlTest {
    @TempDir
    private Path home;

    @Test
    void shouldTakeWhatHasNoSchemeAsAVdeNetwork() {
        assertEquals(new LinkUrl("vde", "/run/vnet0[5]"), LinkUrl.parse("/run/vnet0[5]"));
        assertEquals(new LinkUrl("tap", "t0"), LinkUrl.parse("tap://t0"));
        assertEquals("tap://t0", LinkUrl.parse("tap://t0").toString());
    }

    @Test
    void shouldReadTheFirstLineOfAFile() throws IOException {
        Path file = Files.writeString(home.resolve("net"), "udp://1->2:3 \nsecond line\n");
        assertEquals(new LinkUrl("udp", "1->2:3"), LinkUrl.resolve(file.toString(), home));
    }

    @Test
    void shouldRefuseAnEmptyFile() throws IOException {
        Path file = Files.createFile(home.resolve("net"));
        IOException failure = assertThrows(IOException.class, () -> LinkUrl.resolve(file.toString(), home));
        assertEquals("no network in " + file, failure.getMessage());
    }

    @Test
    void shouldLeaveDirectoriesAndUrlsAlone() throws IOException {
        assertEquals(new LinkUrl("vde", home.toString()), LinkUrl.resolve(home.toString(), home));
        assertEquals(new LinkUrl("vde", home + "[5]"), LinkUrl.resolve(home + "[5]", home));
        assertEquals(new LinkUrl("vde", "/nowhere"), LinkUrl.resolve("/nowhere", home));
        assertEquals(new LinkUrl("null", ""), LinkUrl.resolve("null://", home));
    }

    @Test
    void shouldLookForTheUsersDefaultNetwork() throws IOException {
        assertEquals(new LinkUrl("vde", ""), LinkUrl.resolve("", home));
        Path old = Files.createDirectories(home.resolve(".vde2/default.switch"));
        assertEquals(new LinkUrl("vde", old.toString()), LinkUrl.resolve("", home));
        Path file = Files.createDirectory(home.resolve(".vdeplug")).resolve("default");
        Files.writeString(file, "tap://t1\n");
        assertEquals(new LinkUrl("tap", "t1"), LinkUrl.resolve("", home));
    }

    @Test
    void shouldRefuseAnythingBehindNull() {
        assertEquals("null: x (nothing stands behind null://)",
                assertThrows(IOException.class, () -> LinkScheme.of(LinkUrl.parse("null://x"))
                        .open(LinkUrl.parse("null://x"), new TestHost())).getMessage());
    }
}
