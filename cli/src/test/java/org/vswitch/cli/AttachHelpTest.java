package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.control.SwitchLinks;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.link.LinkUrl;

/// What `vswitch attach-help` prints. [SocketFormsIT] boots guests with it.
class AttachHelpTest {
    private static final Pattern LINK = Pattern.compile("--link '?([^' \n]+)'?");

    @TempDir
    private Path folder;

    @Test
    void shouldListEveryKind() throws Exception {
        String list = AttachHelp.of(List.of());
        for (AttachHelp each : AttachHelp.ALL) {
            assertTrue(list.contains("  " + each.kind() + " "), each.kind());
            String text = AttachHelp.of(List.of(each.kind()));
            assertFalse(text.contains("{path}"), text);
            assertEquals(each.tried(), !text.contains("(not tried here)"));
        }
        assertEquals(AttachHelp.ALL.size(), AttachHelp.ALL.stream().map(AttachHelp::kind).distinct().count());
    }

    @Test
    void shouldNameBothSidesOfASocket() throws Exception {
        assertEquals("""
                # QEMU 7.2 or later that listens, and outlives the switch

                # vswitch:
                --link 'qemu:///run/a[client]'

                # the other side:
                -netdev stream,id=n0,server=on,addr.type=unix,addr.path=/run/a -device virtio-net-pci,netdev=n0,\
                mac=52:54:00:00:00:01
                """, AttachHelp.of(List.of("qemu-server", "/run/a")));
    }

    @Test
    void shouldGiveTheSwitchLinksThatItTakes() throws Exception {
        List<String> links = AttachHelp.ALL.stream().map(each -> each.ours(folder.resolve(each.kind()).toString()))
                .map(LINK::matcher).filter(Matcher::find).map(found -> found.group(1))
                .filter(url -> url.contains(folder.toString())).toList();
        assertTrue(links.size() >= 8, links.toString());
        try (RunningSwitch network = RunningSwitch.start(
                SwitchConfig.in(folder.resolve("sw").toString()).withLinks(links))) {
            assertEquals(links.size(), network.running().links().list().get().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"libvirt", "libvirt-udp", "libvirt-vhost"})
    void shouldPrintXmlThatLibvirtTakes(String kind) throws Exception {
        Child.assumeInstalled("virt-xml-validate", "xmllint");
        Path file = Files.writeString(folder.resolve("domain.xml"), """
                <domain type='kvm'><name>n</name><memory>131072</memory><os><type>hvm</type></os><devices>
                %s
                </devices></domain>
                """.formatted(AttachHelp.of(kind).theirs("/run/a")));
        assertTrue(Child.run("virt-xml-validate", file.toString(), "domain").contains("validates"));
    }

    @Test
    void shouldPrintXmlOfQemusArgumentsThatLibvirtTakes() throws Exception {
        Child.assumeInstalled("virt-xml-validate", "xmllint");
        Path file = Files.writeString(folder.resolve("domain.xml"), """
                <domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
                <name>n</name><memory>131072</memory><os><type>hvm</type></os><devices/>
                %s
                </domain>
                """.formatted(AttachHelp.of("libvirt-stream").theirs("/run/a")));
        assertTrue(Child.run("virt-xml-validate", file.toString(), "domain").contains("validates"));
    }

    @Test
    void shouldTellOfTheSocketsInADirectory() throws Exception {
        String usual = AttachHelp.of(List.of("libkrun"));
        assertTrue(usual.contains("# vswitch:\n--vm /tmp/vm\n") && usual.contains("\"/tmp/vm/stream\""), usual);
        assertEquals(AttachHelp.of(List.of("qemu-vhost")).replace("/tmp/vm", "/run/v"),
                AttachHelp.of(List.of("qemu-vhost", "/run/v/vhost")));
        String socket = AttachHelp.of(List.of("qemu-vhost", "/run/v/other"));
        assertTrue(socket.contains("--link vhost-user:///run/v/other\n"), socket);
        String directory = AttachHelp.of(List.of("vfkit", folder.toString()));
        assertTrue(directory.contains("--vm " + folder + "\n")
                && directory.contains("unixSocketPath=" + folder + "/unixgram,"), directory);
        String bridge = AttachHelp.of(List.of("firecracker"));
        assertTrue(bridge.contains("--vm /tmp/vm --link 'tap://uplink[bridge=br0,up]'\n"), bridge);
        String router = AttachHelp.of(List.of("passt"));
        assertTrue(router.contains("--sock /tmp/vm --link 'qemu:///tmp/vm.guest[client]'\n"), router);
    }

    @Test
    void shouldNotSendGuestsToSocketsThatARunningSwitchLacks() throws Exception {
        String path = Files.createDirectory(folder.toRealPath().resolve("sw")).toString();
        assertTrue(AttachHelp.of(List.of("qemu", path)).contains("--vm " + path + "\n"), "nobody there yet");
        try (RunningSwitch network = RunningSwitch.start(SwitchConfig.in(path))) {
            for (AttachHelp each : AttachHelp.ALL) {
                String text = AttachHelp.of(List.of(each.kind(), path));
                assertTrue(text.contains("--sock " + path) && !text.contains("--vm"), text);
            }
            String text = AttachHelp.of(List.of("qemu", path + "/stream"));
            String url = "qemu://" + path + "/stream";
            assertTrue(text.contains("--sock " + path + " --link stream=" + url + "\n# as the switch that is there "
                    + "has no " + path + "/stream; its console makes it: link/add stream=" + url + "\n"), text);
            network.running().links().add("stream", LinkUrl.parse(url), SwitchLinks.ANY_PORT).get();
            assertTrue(AttachHelp.of(List.of("qemu", path)).contains("--vm " + path + "\n"), "it is there");
            assertTrue(AttachHelp.of(List.of("qemu-vhost", path)).contains("its console makes it: link/add vhost="));
        }
    }

    @Test
    void shouldRefuseWhatThereIsNot() {
        String refusal = assertThrows(BadCommandLine.class, () -> AttachHelp.of(List.of("xen"))).getMessage();
        assertTrue(refusal.startsWith("attach-help xen: kinds are qemu, qemu-server, "), refusal);
        assertEquals("attach-help takes a kind and a path",
                assertThrows(BadCommandLine.class, () -> AttachHelp.of(List.of("qemu", "a", "b"))).getMessage());
        assertThrows(BadCommandLine.class, () -> AttachHelp.of(List.of("qemu", "")));
    }

    /// What has to be quoted here and doubled there would not be ready to paste.
    @ParameterizedTest
    @ValueSource(strings = {"/tmp/with space", "/tmp/a,b", "/tmp/a[b", "/tmp/a'b", "relative", "/tmp/$HOME", "/a%20b"})
    void shouldRefuseAPathThatCannotBePastedEverywhere(String path) {
        assertEquals("attach-help: '" + path
                + "' is not an absolute path of up to 100 letters, digits and . _ / @ + -",
                assertThrows(BadCommandLine.class, () -> AttachHelp.of(List.of("qemu", path))).getMessage());
        assertThrows(BadCommandLine.class, () -> AttachHelp.of(List.of("qemu", "/" + "x".repeat(100))));
    }
}
