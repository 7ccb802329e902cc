package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkOptionsTest {
    private static final String[] VDE = {"", "port=", "portgroup=", "group=", "mode="};

    @Test
    void shouldReadVdesBrackets() throws IOException {
        LinkOptions options = brackets("/tmp/s[port=5/mode=660]", VDE);
        assertEquals("/tmp/s", options.address());
        assertEquals(Optional.of("5"), options.value("port"));
        assertEquals(Optional.of("660"), options.value("mode"));
        assertEquals(Optional.empty(), options.value("group"));
        assertEquals(Optional.empty(), options.bare());
    }

    @Test
    void shouldReadABareToken() throws IOException {
        assertEquals(Optional.of("5"), brackets("/tmp/s[5]", VDE).bare());
        assertEquals(Optional.of("5"), brackets("[group=x/5]", VDE).bare());
        assertEquals(Optional.of("port"), brackets("/tmp/s[port]", VDE).bare(), "no value, so no option");
        assertEquals("", brackets("[5]", VDE).address());
    }

    @Test
    void shouldReadVdesSlashes() throws IOException {
        LinkOptions options = parse(LinkOptions.Style.VDE_SLASHES, "[ff05::1]/v6/vni=3/", "v4", "v6", "vni=");
        assertEquals("[ff05::1]", options.address());
        assertTrue(options.has("v6"));
        assertFalse(options.has("v4"));
        assertEquals(Optional.of("3"), options.value("vni"));
        assertEquals("", parse(LinkOptions.Style.VDE_SLASHES, "/v6", "v6").address());
        assertEquals("239.0.0.1", parse(LinkOptions.Style.VDE_SLASHES, "239.0.0.1", "v6").address());
    }

    @Test
    void shouldReadOurOwnStyle() throws IOException {
        LinkOptions options = parse(LinkOptions.Style.BRACKETS, "t0[mtu=9000,addr=10.0.0.1/24]", "mtu=", "addr=");
        assertEquals("t0", options.address());
        assertEquals(Optional.of("10.0.0.1/24"), options.value("addr"));
    }

    @Test
    void shouldIgnoreEmptyOptions() throws IOException {
        assertEquals("/tmp/s", brackets("/tmp/s[]", VDE).address());
        assertEquals(Optional.of("x"), brackets("/tmp/s[//group=x/]", VDE).value("group"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'/tmp/a[1]'[5]     | /tmp/a[1] | 5",
        "/tmp/a\\[1\\][5]   | /tmp/a[1] | 5",
        "/tmp/a%5b1%5D[5]   | /tmp/a[1] | 5",
        "/tmp/'it''s'[\"5\"] | /tmp/its | 5",
        "/tmp/\"it's\"[5]   | /tmp/it's | 5",
        "/tmp/%C3%A4[5]     | /tmp/ä    | 5",
        "/tmp/100%[5]       | /tmp/100% | 5",
        "/tmp/a['x/y']      | /tmp/a    | x/y",
        "/tmp/a[x\\/y]      | /tmp/a    | x/y",
        "/tmp/a['g=x']      | /tmp/a    | g=x"})
    void shouldTakeQuotedCharactersAsTheyAre(String rest, String address, String bare) throws IOException {
        LinkOptions options = brackets(rest, VDE);
        assertEquals(address, options.address());
        assertEquals(Optional.of(bare), options.bare());
    }

    @Test
    void shouldPreferTheExactNameToAPrefix() throws IOException {
        LinkOptions exact = brackets("[port=5]", "portgroup=", "port=");
        assertEquals(Optional.of("5"), exact.value("port"));
        assertEquals(Optional.empty(), exact.value("portgroup"));
        assertEquals(Optional.of("x"), brackets("[g=x]", VDE).value("group"));
        assertEquals(Optional.of("p"), brackets("[p]", VDE).bare(), "no value, so no option");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/ho=1        | option ho is ambiguous: host=, hostname=",
        "/h=1         | option h is ambiguous: host=, hostname=",
        "/v           | option v is ambiguous: v4, v6, verbose",
        "/host-=x     | unknown option host-",
        "/host-lo=x   | unknown option host-lo",
        "/ma=1        | unknown option ma"})
    void shouldRefuseAbbreviationsOfSeveralOptionsAndOfOurOwn(String rest, String complaint) {
        IOException failure = assertThrows(IOException.class, () -> tunnel(LinkOptions.Style.VDE_SLASHES, rest));
        assertTrue(failure.getMessage().startsWith("test: " + complaint), failure.getMessage());
    }

    @Test
    void shouldTakeAbbreviationsInVdesStylesOnly() throws IOException {
        assertEquals(Optional.of("1"), tunnel(LinkOptions.Style.VDE_SLASHES, "/hostn=1").value("hostname"));
        assertTrue(tunnel(LinkOptions.Style.VDE_SLASHES, "/verb").has("verbose"));
        assertEquals(Optional.of("1"), tunnel(LinkOptions.Style.VDE_SLASHES, "/mac=1").value("mac"));
        assertEquals(Optional.of("1"), tunnel(LinkOptions.Style.BRACKETS, "[mac=1]").value("mac"));
        assertThrows(IOException.class, () -> tunnel(LinkOptions.Style.BRACKETS, "[hostn=1]"));
    }

    @Test
    void shouldSayHowOptionsAreSeparatedIfAValueEndsWithSome() throws IOException {
        LinkOptions slashes = tunnel(LinkOptions.Style.VDE_SLASHES, "/host=1,v4,mac=2");
        assertEquals("1,v4,mac=2", slashes.value("host").orElseThrow());
        assertEquals(" (options are separated by / here)", slashes.hint("1,v4"));
        assertEquals(" (options are separated by / here)", slashes.hint("1,x,mac=2"));
        assertEquals(" (options are separated by , here)", tunnel(LinkOptions.Style.BRACKETS, "").hint("1/verbose"));
        for (String unsuspicious : List.of("", "1", "v4", "mac=2", "1,", "1,v5", "1/v4", "1,mac")) {
            assertEquals("", slashes.hint(unsuspicious), unsuspicious);
        }
    }

    @Test
    void shouldSayHowToWriteASlashWithinAValue() throws IOException {
        IOException cut = assertThrows(IOException.class,
                () -> tunnel(LinkOptions.Style.VDE_SLASHES, "/mac=/etc/passwd"));
        assertTrue(cut.getMessage().startsWith("test: unknown option etc (known: "), cut.getMessage());
        assertTrue(cut.getMessage().contains(", mac=)"), cut.getMessage());
        assertTrue(cut.getMessage().endsWith("; if it belongs to mac, its / must be written %2f"), cut.getMessage());
        assertEquals("/etc/passwd", tunnel(LinkOptions.Style.VDE_SLASHES, "/mac=%2fetc%2fpasswd").value("mac").get());
        assertEquals("/etc/passwd", tunnel(LinkOptions.Style.BRACKETS, "[mac=/etc/passwd]").value("mac").get());
    }

    private static LinkOptions tunnel(LinkOptions.Style style, String rest) throws IOException {
        return parse(style, rest, "v4", "v6", "host=", "hostname=", "verbose", "!host-loopback=", "!mac=");
    }

    @Test
    void shouldTakeTheLastOfEqualOptions() throws IOException {
        assertEquals(Optional.of("2"), brackets("[mode=1/mode=2]", VDE).value("mode"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "x[speed=3]  | test: unknown option speed (known: mtu=, v6)",
        "x[5]        | test: unknown option 5 (known: mtu=, v6)",
        "x[=5]       | test: unknown option  (known: mtu=, v6)",
        "x[mtu]      | test: option mtu needs a value",
        "x[v6=1]     | test: option v6 takes no value",
        "x[v6        | test: no ] at the end of x[v6",
        "x[v6]y      | test: no ] at the end of x[v6]y",
        "x'y         | test: no closing ' in x'y"})
    void shouldNameWhatIsWrong(String rest, String complaint) {
        IOException failure = assertThrows(IOException.class, () -> brackets(rest, "mtu=", "v6"));
        assertEquals(complaint, failure.getMessage());
    }

    @Test
    void shouldRefuseASecondBareTokenAndAnyWhereThereAreNoOptions() {
        assertThrows(IOException.class, () -> brackets("[5/6]", VDE));
        IOException none = assertThrows(IOException.class, () -> brackets("t0[x]"));
        assertEquals("test: unknown option x (known: none)", none.getMessage());
    }

    private static LinkOptions brackets(String rest, String... known) throws IOException {
        return parse(LinkOptions.Style.VDE_BRACKETS, rest, known);
    }

    private static LinkOptions parse(LinkOptions.Style style, String rest, String... known) throws IOException {
        return LinkOptions.parse(new LinkUrl("test", rest), style, known);
    }
}
