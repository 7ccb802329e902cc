package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;

class VslirpOptionsTest {
    @Test
    void shouldNeedNoOptionAtAll() throws BadCommandLine {
        assertEquals(new VslirpOptions(new LinkUrl("slirp", ""), "", Optional.empty(), false), read());
        assertEquals("vde:///run/net[5]", read("vde:///run/net[5]").network());
    }

    @Test
    void shouldPassOptionsOnToTheRouter() throws BadCommandLine {
        VslirpOptions options = read("-d", "-p", "file", "--host=10.1.0.1/16", "-mtu", "9000", "--v4", "/run/net");
        assertEquals("slirp://[host=10.1.0.1/16,mtu=9000,v4]", options.router().toString());
        assertEquals("/run/net", options.network());
        assertEquals(Optional.of("file"), options.pidFile());
        assertTrue(options.daemon());
    }

    @Test
    void shouldQuoteWhatHasAMeaningInUrls() throws BadCommandLine {
        assertEquals("slirp://[vdnssearch=a%2cb,hostname=%5bx%5d%27%22%5c%25]",
                read("--vdnssearch=a,b", "--hostname=[x]'\"\\%").router().toString());
    }

    @Test
    void shouldHaveAnOptionForEachOfTheScheme() {
        LinkUrl unknown = LinkUrl.parse("slirp:///nosuch");
        String message = assertThrows(IOException.class, () -> LinkScheme.of(unknown).open(unknown, null)).getMessage();
        String known = message.substring(message.indexOf("known: ") + 7, message.length() - 1);
        List<String> names = new ArrayList<>(VslirpOptions.FLAGS);
        Stream.concat(VslirpOptions.VALUES.stream(), VslirpOptions.LATER.stream()).map(name -> name + "=")
                .forEach(names::add);
        assertEquals(new TreeSet<>(List.of(known.split(", "))), new TreeSet<>(names));
        for (String name : names) {
            assertTrue(VslirpOptions.declaration().spec().findOption("--" + name.replace("=", "")) != null, name);
        }
    }

    @Test
    void shouldNotTakeAnEmptyNameForTheDefaultNetwork() {
        assertEquals("the URL is empty; without any it is the default network",
                assertThrows(BadCommandLine.class, () -> read("")).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "--mtu", "--nosuch", "--v4=1"})
    void shouldRefuse(String line) {
        assertThrows(BadCommandLine.class, () -> read(line.split(" ")));
    }

    /// slirpvde speaks IPv4 only, and leases only with -D.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-s /net                             | v4,dhcp=off",
        "-s /net -D                          | v4",
        "--dhcp --sock=/net                  | v4",
        "-D10.0.2.40 /net                    | v4,dhcp=10.0.2.40",
        "-dhcp=10.0.2.40 -socket /net        | v4,dhcp=10.0.2.40",
        "-H 10.1.2.3/16 -D /net              | v4,host=10.1.2.3/16",
        "--host 10.1.0.0/16 -D /net          | v4,host=10.1.0.2/16",
        "-n 10.1.2.0 -D /net                 | v4,host=10.1.2.2",
        "-n 10.1.0.0 -D /net                 | v4,host=10.1.0.2",
        "-n 10.1.2.0/16 -D /net              | v4,host=10.1.2.0/16",
        "-H nonsense/0 -D /net               | v4,host=nonsense/0",
        "-n 10.1.2.0/24 -H 10.1.2.2 -D /net  | v4,host=10.1.2.2",
        "-N 10.0.2.9 -D -q /net              | v4,vnameserver=10.0.2.9"})
    void shouldReadSlirpvdesOptions(String line, String router) throws BadCommandLine {
        VslirpOptions options = slirpvde(line);
        assertEquals("slirp://[" + router + "]", options.router().toString());
        assertEquals("/net", options.network());
    }

    @Test
    void shouldReadSlirpvdesPlug() throws BadCommandLine {
        assertEquals("vde:///net[port=5/group=x/mode=660]", slirpvde("-P 5 -g x -m 660 -s /net").network());
        assertEquals("", slirpvde("-D").network());
        assertEquals(Optional.of("f"), slirpvde("-p f -d /net").pidFile());
        assertTrue(slirpvde("-qd /net").daemon());
    }

    @ParameterizedTest
    @CsvSource({"-L 1:10.0.2.15:2, option -L is not available yet", "-U1:10.0.2.15:2, option -U is not available yet",
        "-X 10.0.2.15, option -X is not available yet", "-x6000:/tmp/x, option -x is not available yet",
        "--tftp=/srv, option --tftp is not available yet", "-, a plug on standard input is not available yet",
        "-s -, a plug on standard input is not available yet",
        "-n 10.1.0.0/24 -H 10.2.0.0, '-H 10.2.0.0: -n 10.1.0.0/24 is given too, and means the same'",
        "a b, 'needs one directory, got 2'"})
    void shouldSayWhatSlirpvdeHasAndWeHaveNotYet(String line, String complaint) {
        assertEquals(complaint, assertThrows(BadCommandLine.class, () -> slirpvde(line)).getMessage());
    }

    private static VslirpOptions read(String... line) throws BadCommandLine {
        return VslirpOptions.read(line).orElseThrow();
    }

    private static VslirpOptions slirpvde(String line) throws BadCommandLine {
        return SlirpvdeOptions.read(line.split(" ")).orElseThrow();
    }
}
