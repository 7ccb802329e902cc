package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.link.LinkUrl;

class VhostUserOptionsTest {
    private static final String KNOWN =
            "(known: server, client, queues=, offload=, mtu=, sealed, guests=, mode=, group=)";

    @Test
    void shouldListenUnlessItSaysOtherwise() throws IOException {
        VhostUserOptions options = parse("/run/vm0");
        assertEquals("/run/vm0", options.path());
        assertFalse(options.isClient());
        assertEquals(0600, options.file().mode());
        assertEquals("", options.file().group());
        assertEquals(1, options.offer().pairs());
        assertFalse(options.offer().sealed());
        assertEquals(options, parse("/run/vm0[server]"));
        assertTrue(parse("/run/vm0[client]").isClient());
    }

    @Test
    void shouldReadEveryOption() throws IOException {
        VhostUserOptions options = parse("'/run/a b'[queues=4,mtu=9000,sealed,mode=0660,group=kvm,server]");
        assertEquals("/run/a b", options.path());
        assertEquals(4, options.offer().pairs());
        assertEquals(8, options.offer().rings());
        assertEquals(9000, options.offer().mtu());
        assertTrue(options.offer().sealed());
        assertEquals(0660, options.file().mode());
        assertEquals("kvm", options.file().group());
        assertEquals(0, options.guests());
        assertEquals(256, parse("/run/vm0[guests=256]").guests());
    }

    /// What is offered follows from the URL: the same whenever the switch is started.
    @ParameterizedTest
    @CsvSource({"all, 17060BB8B", "tso, 17060BB8B", "checksum, 17060800B", "none, 170608008"})
    void shouldOfferWhatMayBeLeftUndone(String offload, String features) throws IOException {
        assertEquals(Long.parseLong(features, 16), parse("/p[offload=" + offload + "]").offer().features());
        assertEquals(parse("/p").offer(), parse("/p[offload=all,client]").offer());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                     | the path of a socket is missing",
        "[client]               | the path of a socket is missing",
        "/p%00                  | a NUL in /p%00",
        "/p[client,server]      | client (not with server)",
        "/p[client,mode=600]    | mode=600 (not with client: the socket belongs to the front-end)",
        "/p[client,group=kvm]   | group=kvm (not with client: the socket belongs to the front-end)",
        "/p[queues=0]           | queues=0 (1 to 8)",
        "/p[queues=9]           | queues=9 (1 to 8)",
        "/p[queues=2/client]    | queues=2/client (1 to 8) (options are separated by , here)",
        "/p[mtu=67]             | mtu=67 (68 to 65521)",
        "/p[mtu=65522]          | mtu=65522 (68 to 65521)",
        "/p[offload=some]       | offload=some (none, checksum, tso or all)",
        "/p[mode=9]             | mode=9 (octal, at most 777)",
        "/p[mode=1777]          | mode=1777 (octal, at most 777)",
        "/p[group=]             | group= (the name of a group)",
        "/p[guests=0]           | guests=0 (1 to 256)",
        "/p[guests=257]         | guests=257 (1 to 256)",
        "/p[guests=x]           | guests=x (1 to 256)",
        "/p[guests=2,client]    | guests=2 (not with client: a front-end that listens is one)",
        "/p[queues]             | option queues needs a value",
        "/p[client=1]           | option client takes no value",
        "/p[sealed=1]           | option sealed takes no value",
        "/p[mtu=1500,mtu=9000]  | mtu=9000: mtu=1500 is given too",
        "/p[client              | no ] at the end of /p[client"})
    void shouldNameWhatMakesNoSense(String rest, String why) {
        assertEquals("vhost-user: " + why, assertThrows(IOException.class, () -> parse(rest)).getMessage());
    }

    @Test
    void shouldNameUnknownOptionsWithThoseItKnows() {
        assertEquals("vhost-user: unknown option queue " + KNOWN,
                assertThrows(IOException.class, () -> parse("/p[queue=2]")).getMessage());
    }

    @Test
    void shouldRefuseAPathThatNoAddressHolds() {
        String path = "/" + "x".repeat(107);
        assertEquals("vhost-user: socket path " + path + " (108 bytes, at most 107): File name too long",
                assertThrows(IOException.class, () -> parse(path)).getMessage());
    }

    private static VhostUserOptions parse(String rest) throws IOException {
        return VhostUserOptions.parse(LinkUrl.parse("vhost-user://" + rest));
    }
}
