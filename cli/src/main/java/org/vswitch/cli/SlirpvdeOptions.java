package org.vswitch.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.engine.Version;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/// The command line of VDE's slirpvde, as options of vslirp. It speaks IPv4 only, and leases addresses only if asked
/// to.
/// Source: slirpvde(1) of vde2.
final class SlirpvdeOptions {
    private static final List<String> LATER = List.of("-L", "-U", "-X", "-x", "--tftp");
    private static final Pattern HOST =
            Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:/(\\d{1,2}))?");
    private static final int OCTETS = 4;
    private static final int USUAL_PREFIX = 24;
    private static final int ROUTER_STATION = 2;

    private SlirpvdeOptions() {
    }

    /// The options, in the order of slirpvde's manual.
    static CommandDeclaration declaration() {
        return new CommandDeclaration("slirpvde", "[OPTIONS] [DIR]",
                "Gives a VDE network a router to the host's network, with the options of VDE's slirpvde.")
                .value("DIR", "directory of the switch", "-s", "--sock", "--socket", "--vdesock", "--unix")
                .value("FILE", "write the process id to FILE", "-p", "--pidfile")
                .value("GROUP", "group of the communication socket", "-g", "--group")
                .value("MODE", "permissions of the communication socket, octal", "-m", "--mod", "--mode")
                .value("N", "port of the switch", "-P", "--port")
                .flag("go to the background", "-d", "--daemon")
                .value("ADDRESS[/N]", "the router's address, or the network's (default 10.0.2.2/24)", "-H", "--host")
                .value("ADDRESS[/N]", "the same", "-n", "--network")
                .value("ADDRESS", "the name server's address (default station 3)", "-N", "--dns")
                .optionalValue("ADDRESS", "lease addresses, from this one on (default station 15)", "-D", "--dhcp")
                .value("PORT:GUEST:PORT", "not available yet", "-L")
                .value("PORT:GUEST:PORT", "not available yet", "-U")
                .value("GUEST[:DISPLAY]", "not available yet", "-X")
                .value("PORT:PATH", "not available yet", "-x")
                .value("DIR", "not available yet", "-t", "--tftp")
                .flag("without effect: it prints nothing", "-q", "--quiet")
                .version("slirpvde of vswitch " + Version.TEXT)
                .help();
    }

    /// Reads a command line of slirpvde.
    ///
    /// @param arguments without the program's name
    /// @return nothing if help or the version was printed
    /// @throws BadCommandLine at the first mistake
    static Optional<VslirpOptions> read(String... arguments) throws BadCommandLine {
        CommandDeclaration declaration = declaration();
        Line line = new GetoptLongOnly(declaration.spec(), Set.of(), true).read(arguments);
        ParseResult parsed = declaration.parser().parseArgs(line.options().toArray(String[]::new));
        if (CommandLine.printHelpIfRequested(parsed)) {
            return Optional.empty();
        }
        for (String later : LATER) {
            if (parsed.hasMatchedOption(later)) {
                throw new BadCommandLine("option " + later + " is not available yet");
            }
        }
        if (text(parsed, "--dhcp").orElse("").startsWith("=")) {
            throw new BadCommandLine("-D" + text(parsed, "--dhcp").get() + ": the address follows -D without =");
        }
        if (line.operands().size() > 1) {
            throw new BadCommandLine("needs one directory, got " + line.operands().size());
        }
        return Optional.of(new VslirpOptions(router(parsed).url(), network(parsed, line.operands()),
                text(parsed, "--pidfile"), parsed.hasMatchedOption("--daemon")));
    }

    private static SlirpUrl router(ParseResult parsed) throws BadCommandLine {
        SlirpUrl url = new SlirpUrl();
        url.flag("v4");
        Optional<String> host = text(parsed, "--host");
        Optional<String> network = text(parsed, "--network");
        if (host.isPresent() && network.isPresent() && !whole(host.get()).equals(whole(network.get()))) {
            throw new BadCommandLine("-H " + host.get() + ": -n " + network.get()
                    + " is given too, and means the same");
        }
        host.or(() -> network).ifPresent(address -> url.value("host", withStation(address)));
        text(parsed, "--dns").ifPresent(address -> url.value("vnameserver", address));
        Optional<String> start = text(parsed, "--dhcp");
        if (start.isEmpty()) {
            url.value("dhcp", "off");
        } else if (!start.get().isEmpty()) {
            url.value("dhcp", start.get());
        }
        return url;
    }

    private static String whole(String host) {
        String router = withStation(host);
        return router.indexOf('/') < 0 ? router + "/" + USUAL_PREFIX : router;
    }

    /// An address without station means station 2 of the network. What is no address the scheme will refuse.
    private static String withStation(String host) {
        Matcher matcher = HOST.matcher(host);
        if (!matcher.matches()) {
            return host;
        }
        int address = 0;
        for (int i = 1; i <= OCTETS; i++) {
            address = address << Byte.SIZE | Integer.parseInt(matcher.group(i));
        }
        int prefix = matcher.group(OCTETS + 1) == null ? USUAL_PREFIX : Integer.parseInt(matcher.group(OCTETS + 1));
        boolean network = prefix > 0 && prefix < Integer.SIZE - 1 && address << prefix == 0;
        return network ? host.replaceFirst("\\.0(?=$|/)", "." + ROUTER_STATION) : host;
    }

    /// Group, mode and port as the VDE plug has them.
    private static String network(ParseResult parsed, List<String> operands) throws BadCommandLine {
        String directory = operands.isEmpty() ? text(parsed, "--sock").orElse("") : operands.getFirst();
        if (directory.equals("-")) {
            throw new BadCommandLine("a plug on standard input is not available yet");
        }
        StringBuilder options = new StringBuilder();
        append(options, "port", text(parsed, "--port"));
        append(options, "group", text(parsed, "--group"));
        append(options, "mode", text(parsed, "--mod"));
        return options.isEmpty() ? directory : "vde://" + directory + "[" + options + "]";
    }

    private static void append(StringBuilder options, String name, Optional<String> value) {
        value.ifPresent(text -> options.append(options.isEmpty() ? "" : "/").append(name).append('=').append(text));
    }

    private static Optional<String> text(ParseResult parsed, String option) {
        return Optional.ofNullable(parsed.matchedOptionValue(option, null));
    }
}
