package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The directory of `--vm`. [VmIT] starts guests with what it prints.
class VmDirectoryTest {
    @TempDir
    private Path folder;

    private static String refusal(String text) {
        return assertThrows(UnusableDirectory.class, () -> VmDirectory.of(text)).getMessage();
    }

    @Test
    void shouldBeTheSameDirectoryWhereverItIsPasted() throws Exception {
        Path real = Files.createDirectories(folder.resolve("real")).toRealPath();
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        assertEquals(real.toString(), VmDirectory.of(link + "/").path());
        assertEquals(real.resolve("new").toString(), VmDirectory.of(link + "/./new").path());
        assertEquals(Path.of("new").toAbsolutePath().toString(), VmDirectory.of("new").path());
    }

    @Test
    void shouldRefuseWhatCannotHoldSockets() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals("--vm " + file + ": this is a file, not a directory", refusal(file.toString()));
        String longest = "/" + "x".repeat(92);
        assertEquals(longest, VmDirectory.of(longest).path());
        assertEquals("--vm " + longest + "x: too long for sockets in it: 94 bytes, at most 93", refusal(longest + "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no/with space", "/no/a,b", "/no/a[b", "/no/a'b", "/no/$HOME", "/no/ä"})
    void shouldRefuseWhatCannotBePastedEverywhere(String path) {
        assertEquals("--vm '" + path + "': is to be pasted into command lines, so it must be of letters, digits and "
                + ". _ / @ + -", refusal(path));
    }

    @Test
    void shouldGiveEachGuestAnAddressOfItsOwn() {
        String text = new VmDirectory("/run/v").welcome(true);
        List<String> addresses = text.lines().filter(line -> line.contains("52:54:00"))
                .map(line -> line.replaceAll(".*(52:54:00:00:00:\\d\\d).*", "$1")).toList();
        assertEquals(6, addresses.size(), text);
        assertEquals(6, addresses.stream().distinct().count(), text);
        assertFalse(text.contains("{") && !text.contains("{\"iface_id\""), text);
        assertTrue(text.endsWith("This is the switch's console: help lists its commands, shutdown ends it.\n"), text);
        assertTrue(text.indexOf("User Mode Linux") < text.indexOf("(not tried here)"), text);
        assertTrue(text.indexOf("(not tried here)") < text.indexOf("# libvirt"), text);
        assertFalse(new VmDirectory("/run/v").welcome(false).contains("console"));
        assertTrue(text.contains("\nWhen this switch is started anew, guests of datagrams and of shared memory go on "
                + "by themselves.\nThose of VDE do not, "), text);
    }

    @Test
    void shouldPrintXmlThatLibvirtTakes() throws Exception {
        Child.assumeInstalled("virt-xml-validate", "xmllint");
        String text = new VmDirectory("/run/v").welcome(true);
        String backing = text.substring(text.indexOf("<memoryBacking>"), text.indexOf(" -->"));
        Path domain = Files.writeString(folder.resolve("domain.xml"), """
                <domain type='kvm'><name>n</name><memory>131072</memory>%s<os><type>hvm</type></os><devices>
                %s
                </devices></domain>
                """.formatted(backing, text.substring(text.indexOf("<interface"), text.indexOf("<!--"))));
        assertTrue(Child.run("virt-xml-validate", domain.toString(), "domain").contains("validates"));
    }
}
