package org.vswitch.slirp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.vswitch.link.LinkOptions;
import org.vswitch.link.LinkOptions.Style;
import org.vswitch.link.LinkUrl;
import org.vswitch.slirp.SlirpConfig.Names;
import org.vswitch.slirp.SlirpConfig.Options;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.wire.MacAddress;

/// What a URL says about a router, with the names that vdeplug_slirp gave its options, and ours.
///
/// Theory of operation. Options stand behind slashes as VDE has it, `slirp:///host=10.1.0.1/16/mtu=9000`, or in
/// brackets, `slirp://[host=10.1.0.1/16,mtu=9000]`. Behind slashes the length of a prefix would look like an option of
/// its own; but no option begins with a digit, so what does belongs to the value in front of it. Every other character
/// that has a meaning is quoted ([LinkOptions]). A value that makes no sense is refused and never guessed at. Options
/// that VDE does not have are never abbreviated: nobody opens the host by a slip of the hand.
final class SlirpOptions {
    private static final String[] FLAGS = {"restricted", "v4", "v6", "disable_host_loopback", "verbose"};
    private static final String[] VALUES = {"host=", "addr=", "host6=", "addr6=", "hostname=", "dhcp=", "vnameserver=",
        "vnameserver6=", "vdnssearch=", "vdomainname=", "mtu=", "mru=", "!host-loopback=", "!mac=", "!flows=",
        "!resolv-conf=", "!thread="};
    private static final List<String> ONLY_V4 = List.of("host", "addr", "vnameserver", "dhcp");
    private static final List<String> ONLY_V6 = List.of("host6", "addr6", "vnameserver6");
    private static final List<String> LATER = List.of("tftp_server_name=", "tftp_path=", "bootfile=", "tcpfwd=",
            "udpfwd=", "unixfwd=", "cmdfwd=");
    private static final String[] KNOWN = Stream.of(Stream.of(FLAGS), Stream.of(VALUES), LATER.stream())
            .flatMap(names -> names).toArray(String[]::new);
    private static final Pattern PREFIX_LENGTH = Pattern.compile("(=[^/\\\\'\"]*)/(?=[-+]?\\d)");
    private static final Pattern NUMBER = Pattern.compile("-?(?:0[xX]\\p{XDigit}+|0[0-7]*|[1-9]\\d*)");
    private static final Pattern STATION_AND_WORD =
            Pattern.compile("(?:^|/)((?:host|addr)6?)=([^/\\\\'\"]*)/((?![-+]?\\d)[^/=]+)(?=/|$)");
    private static final Pattern LATER_NAME = Pattern.compile("(?:^|[/\\[,])(" + String.join("|", LATER) + ")");
    private static final Pattern DOMAIN = Pattern.compile("\\w(?:[\\w-]{0,61}\\w)?(?:\\.\\w(?:[\\w-]{0,61}\\w)?)*");
    private static final Map<String, Boolean> LOOPBACK = Map.of("allow", true, "deny", false);
    private static final Map<String, Boolean> THREAD = Map.of("own", true, "data-plane", false);
    private static final int MAX_DOMAIN = 253;
    /// More than any number here has, fewer than a long can have.
    private static final int MAX_DIGITS = 15;
    private static final int MIN_MTU = 68;
    private static final int MAX_MTU = 65_521;
    private static final int MIN_FLOWS = 16;
    private static final int MAX_FLOWS = 131_072;

    private final LinkOptions options;

    private SlirpOptions(LinkOptions options) {
        this.options = options;
    }

    /// An option as it was given.
    ///
    /// @param name for messages
    /// @param value unquoted
    /// @param hint what may be wrong with it, or empty
    record Given(String name, String value, String hint) {
        /// Says what is wrong with it.
        ///
        /// @param what about the value
        /// @return to be thrown
        IOException complaint(String what) {
            return new IOException("slirp: " + name + "=" + value + ": " + what + hint);
        }
    }

    /// Reads a URL.
    ///
    /// @param url of this scheme
    /// @return what it says
    /// @throws IOException if an option is unknown or not available yet; [#config] judges the values
    static SlirpOptions of(LinkUrl url) throws IOException {
        Matcher later = LATER_NAME.matcher(url.rest());
        if (later.find()) {
            throw notYet(later.group(1));
        }
        boolean brackets = url.rest().startsWith("[");
        if (!brackets) {
            checkPrefixLength(url.rest());
        }
        LinkUrl unambiguous = brackets ? url
                : new LinkUrl(url.scheme(), PREFIX_LENGTH.matcher(url.rest()).replaceAll("$1\\\\/"));
        LinkOptions parsed = LinkOptions.parse(unambiguous, brackets ? Style.BRACKETS : Style.VDE_SLASHES, KNOWN);
        if (!parsed.address().isEmpty()) {
            throw new IOException("slirp: there is nothing to connect to at " + parsed.address()
                    + ", options are written slirp:///NAME=VALUE/NAME");
        }
        parsed.once();
        for (String name : LATER) {
            if (parsed.value(name.replace("=", "")).isPresent()) {
                throw notYet(name);
            }
        }
        return new SlirpOptions(parsed);
    }

    /// Between slashes, what stands behind an address is the length of its prefix or an option. Of anything else
    /// nobody knows which of them it was to be.
    private static void checkPrefixLength(String rest) throws IOException {
        Matcher matcher = STATION_AND_WORD.matcher(rest);
        while (matcher.find()) {
            String word = matcher.group(3);
            if (Stream.of(KNOWN).noneMatch(name -> name.replace("!", "").startsWith(word))) {
                throw new Given(matcher.group(1), matcher.group(2) + "/" + word, "").complaint(word
                        + " is neither the length of a prefix nor an option (known: "
                        + String.join(", ", KNOWN).replace("!", "") + ")");
            }
        }
    }

    private static IOException notYet(String name) {
        return new IOException("slirp: option " + name.replace("=", "") + " is not available yet");
    }

    /// The router that is described.
    ///
    /// @return all values checked
    /// @throws IOException with one line that names the option and the value at fault
    SlirpConfig config() throws IOException {
        boolean v4Only = options.has("v4") && !options.has("v6");
        boolean v6Only = options.has("v6") && !options.has("v4");
        if (v4Only || v6Only) {
            checkFamily(v4Only);
        }
        SlirpConfig usual = SlirpConfig.usual();
        int mtu = number("mtu", usual.options().mtu(), MIN_MTU, MAX_MTU);
        number("mru", MAX_MTU, MIN_MTU, MAX_MTU);
        if (options.has("v6") && mtu < SlirpConfig.IPV6_MIN_MTU) {
            throw new IOException("slirp: mtu=" + mtu + ": IPv6 needs " + SlirpConfig.IPV6_MIN_MTU + ", without v6 "
                    + "it is switched off");
        }
        return usual.withIpv4(SlirpNetworks.v4(!v6Only, this)).withIpv6(SlirpNetworks.v6(!v4Only, this))
                .withNames(names())
                .withOptions(new Options(reach(), mtu, mac(), number("flows", usual.options().flows(), MIN_FLOWS,
                        MAX_FLOWS)));
    }

    /// Refuses what has no meaning while the other family only is spoken, but `dhcp=off`.
    private void checkFamily(boolean v4Only) throws IOException {
        for (String name : v4Only ? ONLY_V6 : ONLY_V4) {
            Optional<Given> useless = given(name);
            if (useless.isPresent() && !useless.get().value.equals("off")) {
                throw useless.get().complaint((v4Only ? "v4" : "v6") + " says the contrary, that only this is spoken");
            }
        }
    }

    /// Whether the configuration is to be told.
    boolean verbose() {
        return options.has("verbose");
    }

    /// Whether the router is to work on a thread of its own.
    ///
    /// @throws IOException if the value is no thread
    boolean isThreadOwn() throws IOException {
        return choice("thread", THREAD, "must be own or data-plane");
    }

    /// The file that lists the host's name servers. One that was named must be there, and be a file.
    ///
    /// @throws IOException if it is not
    Path resolvConf() throws IOException {
        Optional<Given> given = given("resolv-conf");
        if (given.isEmpty()) {
            return ResolvConfFile.USUAL;
        }
        String name = given.get().value;
        if (name.isEmpty() || name.indexOf('\0') >= 0 || !Files.isReadable(Path.of(name))) {
            throw given.get().complaint("cannot be read");
        }
        if (!Files.isRegularFile(Path.of(name))) {
            throw given.get().complaint("cannot be read: it is no file");
        }
        return Path.of(name);
    }

    /// An option's value.
    ///
    /// @param names it may be written with
    /// @return the one that was given
    /// @throws IOException if it was written with two names
    Optional<Given> given(String... names) throws IOException {
        Optional<Given> found = Optional.empty();
        for (String name : names) {
            Optional<String> value = options.value(name);
            if (found.isPresent() && value.isPresent()) {
                throw new Given(name, value.get(), "")
                        .complaint(found.get().name + " is given too, and means the same");
            }
            if (value.isPresent()) {
                found = Optional.of(new Given(name, value.get(), options.hint(value.get())));
            }
        }
        return found;
    }

    private Reach reach() throws IOException {
        boolean allowed = choice("host-loopback", LOOPBACK, "must be allow or deny");
        for (String contrary : List.of("disable_host_loopback", "restricted")) {
            if (allowed && options.has(contrary)) {
                throw given("host-loopback").orElseThrow().complaint(contrary + " says the contrary");
            }
        }
        if (options.has("restricted")) {
            return Reach.ROUTER_ONLY;
        }
        return allowed ? Reach.WORLD_AND_HOST : Reach.WORLD;
    }

    /// One of two values; false where none is given.
    private boolean choice(String name, Map<String, Boolean> known, String complaint) throws IOException {
        Optional<Given> given = given(name);
        if (given.isPresent() && !known.containsKey(given.get().value)) {
            throw given.get().complaint(complaint);
        }
        return given.isPresent() && known.get(given.get().value);
    }

    private Names names() throws IOException {
        Optional<Given> search = given("vdnssearch");
        List<String> domains = search.isPresent() ? List.of(search.get().value.split(",", -1)) : List.of();
        for (String domain : domains) {
            checkDomain(search.get(), domain);
        }
        Names usual = SlirpConfig.usual().names();
        return new Names(name("hostname", usual.host()), name("vdomainname", usual.domain()), domains);
    }

    private String name(String option, String usual) throws IOException {
        Optional<Given> given = given(option);
        if (given.isPresent()) {
            checkDomain(given.get(), given.get().value);
        }
        return given.map(Given::value).orElse(usual);
    }

    /// As RFC 1123, 2.1 has names, and underscores.
    private static void checkDomain(Given given, String domain) throws IOException {
        if (given.value.length() > MAX_DOMAIN || !DOMAIN.matcher(domain).matches()) {
            throw given.complaint("not a domain name");
        }
    }

    private long mac() throws IOException {
        Optional<Given> given = given("mac");
        if (given.isEmpty()) {
            return 0;
        }
        long mac = MacAddress.parse(given.get().value);
        if (mac <= 0 || MacAddress.isGroup(mac)) {
            throw given.get().complaint("not the MAC address of a station");
        }
        return mac;
    }

    /// Numbers are written as in C, as those of the switch are.
    private int number(String name, int usual, int from, int to) throws IOException {
        Optional<Given> given = given(name);
        if (given.isEmpty()) {
            return usual;
        }
        String digits = given.get().value;
        if (!NUMBER.matcher(digits).matches()) {
            throw given.get().complaint("not a number");
        }
        long number = digits.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.decode(digits);
        if (number < from || number > to) {
            throw given.get().complaint("must be " + from + " to " + to);
        }
        return (int) number;
    }
}
