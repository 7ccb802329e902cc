package org.vswitch.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.engine.Version;
import org.vswitch.link.LinkUrl;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/// What the command line of vslirp says.
///
/// @param router the URL of the router
/// @param network where it is plugged in; empty for the default network
/// @param pidFile where to write the process id
/// @param daemon whether to go to the background
record VslirpOptions(LinkUrl router, String network, Optional<String> pidFile, boolean daemon) {
    /// The options of `slirp://` without value, by their names there.
    static final List<String> FLAGS = List.of("restricted", "v4", "v6", "disable_host_loopback", "verbose");
    /// The options of `slirp://` with a value.
    static final List<String> VALUES = List.of("host", "addr", "host6", "addr6", "hostname", "dhcp", "vnameserver",
            "vnameserver6", "vdnssearch", "vdomainname", "mtu", "mru", "host-loopback", "mac", "flows",
            "resolv-conf", "thread");
    /// Those that the scheme says are not available yet.
    static final List<String> LATER = List.of("tftp_server_name", "tftp_path", "bootfile", "tcpfwd", "udpfwd",
            "unixfwd", "cmdfwd");

    /// Reads a command line.
    @FunctionalInterface
    interface Reader {
        /// Reads the command line of one command.
        ///
        /// @param arguments without the program's name
        /// @return nothing if help or the version was asked for, and is printed
        /// @throws BadCommandLine at the first mistake
        Optional<VslirpOptions> read(String... arguments) throws BadCommandLine;
    }

    /// The options, in the order of their help.
    static CommandDeclaration declaration() {
        CommandDeclaration declaration = new CommandDeclaration("vslirp", "[OPTIONS] [URL]",
                "Gives a VDE network a router to the host's network. Without URL it is the default network.")
                .help()
                .version("vslirp " + Version.TEXT)
                .flag("go to the background once the router is plugged in", "-d", "--daemon")
                .value("FILE", "write the process id to FILE", "-p", "--pidfile")
                .value("ADDRESS[/N]", "the router's IPv4 address and its prefix length (default 10.0.2.2/24)",
                        "--host", "--addr")
                .value("ADDRESS[/N]", "the router's IPv6 address and its prefix length (default fd00::2/64)",
                        "--host6", "--addr6")
                .flag("speak IPv4 only (with --v6: both)", "--v4")
                .flag("speak IPv6 only (with --v4: both)", "--v6")
                .value("ADDRESS", "the first address that is leased (default station 15), or off", "--dhcp")
                .value("ADDRESS", "the name server's IPv4 address (default station 3)", "--vnameserver")
                .value("ADDRESS", "the name server's IPv6 address (default station 3)", "--vnameserver6")
                .value("FILE", "which name servers the router asks (default /etc/resolv.conf)", "--resolv-conf")
                .value("NAME", "the name that guests are given", "--hostname")
                .value("DOMAIN", "the domain that guests are given", "--vdomainname")
                .value("DOMAIN,...", "where guests look up short names", "--vdnssearch")
                .value("BYTES", "largest IP packet to guests, 68 to 65521 (default 1500)", "--mtu")
                .value("BYTES", "without effect: any packet is taken", "--mru")
                .value("MAC", "the router's MAC address (default 52:55 and its address)", "--mac")
                .value("allow|deny", "whether guests may reach the host's own services (default deny)",
                        "--host-loopback")
                .flag("deny them, as is the default", "--disable_host_loopback")
                .flag("nothing but the router's own services", "--restricted")
                .value("N", "connections and mappings of all guests (default 32768)", "--flows")
                .value("own|data-plane", "where the router works (default data-plane)", "--thread")
                .flag("tell the configuration, and whether guests can ping the outside", "--verbose");
        LATER.forEach(name -> declaration.value("VALUE", "not available yet", "--" + name));
        return declaration;
    }

    /// Reads a command line of vslirp.
    ///
    /// @param arguments without the program's name
    /// @return nothing if help or the version was printed
    /// @throws BadCommandLine if there is an unknown option or more than one URL
    static Optional<VslirpOptions> read(String... arguments) throws BadCommandLine {
        CommandDeclaration declaration = declaration();
        Line line = new GetoptLongOnly(declaration.spec(), Set.of(), true).read(arguments);
        ParseResult parsed = declaration.parser().parseArgs(line.options().toArray(String[]::new));
        if (CommandLine.printHelpIfRequested(parsed)) {
            return Optional.empty();
        }
        if (line.operands().size() > 1) {
            throw new BadCommandLine("needs one URL, got " + line.operands().size() + " (see vslirp --help)");
        }
        if (line.operands().contains("")) {
            throw new BadCommandLine("the URL is empty; without any it is the default network");
        }
        return Optional.of(new VslirpOptions(router(line.options()),
                line.operands().isEmpty() ? "" : line.operands().getFirst(),
                Optional.ofNullable(parsed.matchedOptionValue("--pidfile", null)),
                parsed.hasMatchedOption("--daemon")));
    }

    /// The router's options are passed on under the names that the scheme has for them.
    private static LinkUrl router(List<String> options) {
        SlirpUrl url = new SlirpUrl();
        for (String option : options) {
            int equals = option.indexOf('=');
            String name = option.substring(2, equals < 0 ? option.length() : equals);
            if (FLAGS.contains(name)) {
                url.flag(name);
            } else if (VALUES.contains(name) || LATER.contains(name)) {
                url.value(name, option.substring(equals + 1));
            }
        }
        return url.url();
    }
}
