package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.link.LinkUrl;

/// A value that makes no sense is refused, in one line that names it and its option; vdeplug_slirp guesses or skips it.
class BadOptionsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/host=10.0.2                     | slirp: host=10.0.2: not an IPv4 address",
        "/host=10.0.2.256                 | slirp: host=10.0.2.256: not an IPv4 address",
        "/host=010.0.2.2                  | slirp: host=010.0.2.2: not an IPv4 address",
        "/host=router                     | slirp: host=router: not an IPv4 address",
        "/host=                           | slirp: host=: not an IPv4 address",
        "/host=fd00::2                    | slirp: host=fd00::2: not an IPv4 address",
        "/host=10.0.2.2/7                 | slirp: host=10.0.2.2/7: prefix length must be 8 to 29",
        "/host=10.0.2.2/30                | slirp: host=10.0.2.2/30: prefix length must be 8 to 29",
        "/host=10.0.2.2/-1                | slirp: host=10.0.2.2/-1: prefix length must be 8 to 29",
        "/host=10.0.2.2/x                 | slirp: host=10.0.2.2/x: x is neither the length of a prefix nor an option",
        "/v4/addr=10.0.2.2/x/mtu=1400     | slirp: addr=10.0.2.2/x: x is neither the length of a prefix nor",
        "/host=10.0.2.2/x24               | slirp: host=10.0.2.2/x24: x24 is neither the length of a prefix nor",
        "[host=10.0.2.2/x]                | slirp: host=10.0.2.2/x: prefix length must be 8 to 29",
        "/host=10.0.2.0/24                | slirp: host=10.0.2.0/24: is the address of the network or of all",
        "/host=10.0.2.255                 | slirp: host=10.0.2.255: is the address of the network or of all",
        "/host=127.0.0.1                  | slirp: host=127.0.0.1: is no address for a router",
        "/host=0.1.2.3/8                  | slirp: host=0.1.2.3/8: is no address for a router",
        "/host=224.0.0.1                  | slirp: host=224.0.0.1: is no address for a router",
        "/host=255.255.255.255            | slirp: host=255.255.255.255: is no address for a router",
        "/host=10.0.2.2/addr=10.0.2.4     | slirp: addr=10.0.2.4: host is given too",
        "/vnameserver=10.0.3.3            | slirp: vnameserver=10.0.3.3: is not the address of a station in",
        "/vnameserver=10.0.2.255          | slirp: vnameserver=10.0.2.255: is not the address of a station in",
        "/vnameserver=10.0.2.2            | slirp: vnameserver=10.0.2.2: is the router's address",
        "/vnameserver=localhost           | slirp: vnameserver=localhost: not an IPv4 address",
        "/host=10.1.0.1/dhcp=10.0.2.15    | slirp: dhcp=10.0.2.15: is not the address of a station in",
        "/dhcp=10.0.2.0                   | slirp: dhcp=10.0.2.0: is not the address of a station in",
        "/dhcp=10.0.2.2                   | slirp: dhcp=10.0.2.2: is the router's address, host=10.0.2.2",
        "/dhcp=10.0.2.3                   | slirp: dhcp=10.0.2.3: is the name server's address, vnameserver=10.0.2.3",
        "/dhcp=10.0.2.9/vnameserver=10.0.2.9 | slirp: dhcp=10.0.2.9: is the name server's address, vnameserver=",
        "/host=10.1.0.15/dhcp=10.1.0.15   | slirp: dhcp=10.1.0.15: is the router's address, host=10.1.0.15",
        "/dhcp=15                         | slirp: dhcp=15: not an IPv4 address"})
    void shouldRefuseIpv4AddressesThatDoNotFit(String rest, String complaint) {
        assertComplaint(complaint, rest);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/host6=fd00:::2                  | slirp: host6=fd00:::2: not an IPv6 address",
        "/host6=10.0.2.2                  | slirp: host6=10.0.2.2: not an IPv6 address",
        "/host6=::ffff:10.0.2.2           | slirp: host6=::ffff:10.0.2.2: not an IPv6 address",
        "/host6=fd00::2%251               | slirp: host6=fd00::2%1: not an IPv6 address",
        "/host6=fd00::2/x                 | slirp: host6=fd00::2/x: x is neither the length of a prefix nor an option",
        "/host6=fd00::2/0                 | slirp: host6=fd00::2/0: prefix length must be 8 to 120",
        "/host6=fd00::2/121               | slirp: host6=fd00::2/121: prefix length must be 8 to 120",
        "/addr6=fd00::/64                 | slirp: addr6=fd00::/64: is the address of the network",
        "/host6=fe80::1                   | slirp: host6=fe80::1: is no address for a router",
        "/host6=ff02::1                   | slirp: host6=ff02::1: is no address for a router",
        "/host6=::1                       | slirp: host6=::1: is no address for a router",
        "/vnameserver6=fd00::2            | slirp: vnameserver6=fd00::2: is the router's address",
        "/vnameserver6=fd01::3            | slirp: vnameserver6=fd01::3: is not the address of a station in",
        "/vnameserver6=fd00::             | slirp: vnameserver6=fd00::: is not the address of a station in",
        "/vnameserver6=10.0.2.3           | slirp: vnameserver6=10.0.2.3: not an IPv6 address"})
    void shouldRefuseIpv6AddressesThatDoNotFit(String rest, String complaint) {
        assertComplaint(complaint, rest);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/mtu=67                          | slirp: mtu=67: must be 68 to 65521",
        "/mtu=65522                       | slirp: mtu=65522: must be 68 to 65521",
        "/mtu=-1500                       | slirp: mtu=-1500: must be",
        "/mtu=1500x                       | slirp: mtu=1500x: not a number",
        "/mtu=99999999999                 | slirp: mtu=99999999999: must be",
        "/mtu=9000/24                     | slirp: mtu=9000/24: not a number",
        "[mtu=9000/v4]                    | slirp: mtu=9000/v4: not a number (options are separated by , here)",
        "/mtu=                            | slirp: mtu=: not a number",
        "/mtu=0x                          | slirp: mtu=0x: not a number",
        "/mtu=0xfffffffffffffffffff       | slirp: mtu=0xfffffffffffffffffff: must be",
        "/mtu=089                         | slirp: mtu=089: not a number",
        "/mtu=+1500                       | slirp: mtu=+1500: not a number",
        "/mtu=#500                        | slirp: mtu=#500: not a number",
        "/mtu=abc                         | slirp: mtu=abc: not a number",
        "/mtu=9000,host-loopback=allow    | slirp: mtu=9000,host-loopback=allow: not a number (options are separated",
        "/hostname=box,v4                 | slirp: hostname=box,v4: not a domain name (options are separated by /",
        "/mru=0                           | slirp: mru=0: must be",
        "/v6/mtu=1279                     | slirp: mtu=1279: IPv6 needs 1280",
        "/flows=15                        | slirp: flows=15: must be 16 to 131072",
        "/flows=131073                    | slirp: flows=131073: must be",
        "/hostname=a..b                   | slirp: hostname=a..b: not a domain name",
        "/hostname=                       | slirp: hostname=: not a domain name",
        "/vdomainname=a b                 | slirp: vdomainname=a b: not a domain name",
        "/vdnssearch=a,,b                 | slirp: vdnssearch=a,,b: not a domain name",
        "/vdnssearch=a,-b                 | slirp: vdnssearch=a,-b: not a domain name",
        "/mac=52:54:00:12:34              | slirp: mac=52:54:00:12:34: not the MAC address of a station",
        "/mac=01:00:5e:00:00:01           | slirp: mac=01:00:5e:00:00:01: not the MAC address of a station",
        "/mac=0:0:0:0:0:0                 | slirp: mac=0:0:0:0:0:0: not the MAC address of a station",
        "/host-loopback=yes               | slirp: host-loopback=yes: must be allow or deny",
        "/host-loopback=allow/restricted  | slirp: host-loopback=allow: restricted says the contrary",
        "[disable_host_loopback,host-loopback=allow] | slirp: host-loopback=allow: disable_host_loopback says",
        "/restricted=1                    | slirp: option restricted takes no value",
        "/mtu                             | slirp: option mtu needs a value",
        "/verbose/host-l=allow            | slirp: unknown option host-l (known: ",
        "[host-l=allow]                   | slirp: unknown option host-l (known: ",
        "/hos=10.0.2.2                    | slirp: option hos is ambiguous: host=, host6=, hostname=",
        "/h=10.0.2.2                      | slirp: option h is ambiguous: host=, host6=, hostname=",
        "/tcpf=8080:10.0.2.15:80          | slirp: option tcpfwd is not available yet",
        "/resolv=x                        | slirp: unknown option resolv (known: ",
        "/nosuch=1                        | slirp: unknown option nosuch (known: restricted, v4,",
        "10.0.2.2                         | slirp: there is nothing to connect to at 10.0.2.2, options are written",
        "[mtu=9000                        | slirp: no ] at the end"})
    void shouldRefuseOtherNonsense(String rest, String complaint) {
        assertComplaint(complaint, rest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tftp_path=/srv/tftp", "/tftp_server_name=x", "/mtu=1500/bootfile=pxe",
        "[udpfwd=5:10.0.2.15:5]",
        "/tcpfwd=8080:10.0.2.15:80",
        "/unixfwd=6000:/tmp/x", "[v4,cmdfwd=10.0.2.4:23:/bin/date]"})
    void shouldSayWhatIsNotAvailableYet(String rest) {
        String message = refusal(rest);
        assertTrue(message.matches("slirp: option \\w+ is not available yet"), message);
        assertTrue(rest.contains(message.split(" ")[2] + "="), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/mtu=1500/mtu=1400               | slirp: mtu=1400: mtu=1500 is given too",
        "/mt=1500/mtu=1500                | slirp: mtu=1500: mtu=1500 is given too",
        "[host=10.0.2.2,host=10.0.2.4]    | slirp: host=10.0.2.4: host=10.0.2.2 is given too",
        "/v4/v4                           | slirp: v4 is given twice ",
        "/v4/host6=fd00::5                | slirp: host6=fd00::5: v4 says the contrary",
        "/v4/addr6=fd00::5                | slirp: addr6=fd00::5: v4 says the contrary",
        "[vnameserver6=fd00::5,v4]        | slirp: vnameserver6=fd00::5: v4 says the contrary",
        "/v6/host=10.1.0.1                | slirp: host=10.1.0.1: v6 says the contrary",
        "/v6/addr=10.1.0.1                | slirp: addr=10.1.0.1: v6 says the contrary",
        "/v6/vnameserver=10.0.2.9         | slirp: vnameserver=10.0.2.9: v6 says the contrary",
        "/v6/dhcp=10.0.2.20               | slirp: dhcp=10.0.2.20: v6 says the contrary"})
    void shouldRefuseWhatContradictsItself(String rest, String complaint) {
        assertComplaint(complaint, rest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v4/v6/host=10.1.0.1/host6=fd01::5", "[v6,dhcp=off]", "/v4/host=10.1.0.1/dhcp=10.1.0.20",
        "/v6/host6=fd01::5/vnameserver6=fd01::9"})
    void shouldAcceptWhatDoesNotContradictItself(String rest) throws IOException {
        SlirpOptions.of(LinkUrl.parse("slirp://" + rest)).config();
    }

    @Test
    void shouldSayHowAPathIsWritten() throws IOException {
        String cut = refusal("/resolv-conf=/nonexist");
        assertTrue(cut.startsWith("slirp: unknown option nonexist (known: "), cut);
        assertTrue(cut.endsWith("; if it belongs to resolv-conf, its / must be written %2f"), cut);
        SlirpOptions written = SlirpOptions.of(LinkUrl.parse("slirp:///resolv-conf=%2fnosuch%2fresolv.conf"));
        assertEquals("slirp: resolv-conf=/nosuch/resolv.conf: cannot be read",
                assertThrows(IOException.class, written::resolvConf).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2", "OWN", "data-plane,own"})
    void shouldRefuseAThreadThatIsNone(String name) throws IOException {
        SlirpOptions options = SlirpOptions.of(LinkUrl.parse("slirp:///thread=" + name));
        String message = assertThrows(IOException.class, options::isThreadOwn).getMessage();
        assertEquals("slirp: thread=" + name + ": must be own or data-plane", message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "'/nosuch/resolv.conf'", "a%00b"})
    void shouldRefuseAFileThatCannotBeRead(String name) throws IOException {
        SlirpOptions options = SlirpOptions.of(LinkUrl.parse("slirp:///resolv-conf=" + name));
        String message = assertThrows(IOException.class, options::resolvConf).getMessage();
        assertTrue(message.matches("(?s)slirp: resolv-conf=.*: cannot be read"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp", "/dev/zero"})
    void shouldRefuseNameServersFromWhatIsNoFile(String name) throws IOException {
        SlirpOptions options = SlirpOptions.of(LinkUrl.parse("slirp:///resolv-conf='" + name + "'"));
        assertEquals("slirp: resolv-conf=" + name + ": cannot be read: it is no file",
                assertThrows(IOException.class, options::resolvConf).getMessage());
    }

    private static void assertComplaint(String expected, String rest) {
        String message = refusal(rest);
        assertTrue(message.startsWith(expected), message);
        assertEquals(1, message.lines().count());
    }

    private static String refusal(String rest) {
        return assertThrows(IOException.class, () -> SlirpOptions.of(LinkUrl.parse("slirp://" + rest)).config())
                .getMessage();
    }
}
