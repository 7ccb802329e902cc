package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.link.LinkUrl;

class PlugNameTest {
    @TempDir
    private Path home;

    @Test
    void shouldTakeUrlsAndDirectories() throws IOException {
        assertEquals(new LinkUrl("tap", "t0"), resolve("tap://t0"));
        assertEquals(new LinkUrl("vde", home.toString()), resolve(home.toString()));
    }

    @Test
    void shouldReadAFileThatNamesANetwork() throws IOException {
        Path file = Files.writeString(home.resolve("network"), "udp://1->localhost:2\nmore\n");
        assertEquals(new LinkUrl("udp", "1->localhost:2"), resolve(file.toString()));
        Files.writeString(file, "");
        assertThrows(IOException.class, () -> resolve(file.toString()));
    }

    @Test
    void shouldFindTheDefaultNetwork() throws IOException {
        assertEquals(new LinkUrl("vde", ""), resolve(""));
        Path older = Files.createDirectories(home.resolve(".vde2/default.switch"));
        assertEquals(new LinkUrl("vde", older.toString()), resolve(""));
        Files.createDirectories(home.resolve(".vdeplug"));
        Files.writeString(home.resolve(".vdeplug/default"), "tap://t1\n");
        assertEquals(new LinkUrl("tap", "t1"), resolve(""));
    }

    @Test
    void shouldTellWhichFileNamesANetwork() throws IOException {
        Path file = Files.writeString(home.resolve("network"), "/run/vnet0\n");
        assertEquals(file + " (the file " + file + " names /run/vnet0)", PlugName.shown(file.toString(), null));
        assertEquals("/run/vnet0", PlugName.shown("/run/vnet0", home.toString()));
        assertEquals("default switch", PlugName.shown("", home.toString()));
        Path usual = Files.createDirectories(home.resolve(".vdeplug")).resolve("default");
        Files.writeString(usual, "tap://t1\n");
        assertEquals("default switch (the file " + usual + " names tap://t1)", PlugName.shown("", home.toString()));
        Files.writeString(usual, "");
        assertEquals("default switch", PlugName.shown("", home.toString()));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {"slirp://, true", "slirp:///v4, true", "impair://slirp://[loss=1%], true",
        "impair://'impair://slirp://[delay=1ms]'[loss=1%], true",
        "vde://slirp, false", "slirp, false", "impair://, false",
        "impair://vde:///slirp://, false", "null://, false"})
    void shouldKnowARouter(String url, boolean router) {
        assertEquals(router, PlugName.isRouter(LinkUrl.parse(url)));
    }

    private LinkUrl resolve(String name) throws IOException {
        return PlugName.resolve(name, home.toString());
    }
}
