package org.vswitch.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.control.Accounts;
import org.vswitch.control.BridgeSettings;
import org.vswitch.control.CtlSettings;
import org.vswitch.control.GuardWishes;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.control.UserLimits;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.engine.Version;
import org.vswitch.guard.GuardSettings;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.OwnProcess;
import picocli.CommandLine.ParseResult;

/// What the command line of vswitch says.
///
/// @param config the switch it describes
/// @param pidFile where to write the process id
/// @param startupFile commands to run at start, if not the usual file
/// @param daemon whether to go to the background
/// @param stdin whether standard input is a console, and its end the end of the switch
/// @param vm the directory with a socket of each kind, if there is to be one
record VswitchOptions(SwitchConfig config, Optional<String> pidFile, Optional<String> startupFile, boolean daemon,
        boolean stdin, Optional<VmDirectory> vm) {
    /// The long names that vde_switch does not have.
    static final Set<String> ADDED = Set.of("--vm", "--nostdin", "--link", "--slirp", "--userplugs", "--userports",
            "--guard", "--threads");

    private static final Pattern GUARD_OF_PORT = Pattern.compile("(\\d+)=(.*)");
    private static final int MAX_PORT_DIGITS = 4;
    private static final int MAX_HASH_SIZE = 1 << 30;
    private static final int MAX_PRIORITY = 0xffff;
    private static final int PERMISSIONS = 0777;

    /// The options, in the order of vde_switch's table, which its messages about ambiguous abbreviations show.
    static CommandDeclaration declaration() {
        return new CommandDeclaration("vswitch", "[OPTIONS]", "Runs a switch that VDE clients plug into.")
                .help()
                .flag("send every frame to every port", "-x", "--hub")
                .flag("activate the fast spanning tree protocol", "-F", "--fstp")
                .version("vswitch " + Version.TEXT)
                .value("N", "number of ports (default 32)", "-n", "--numports")
                .value("N", "number of hash chains to print; without effect (default 128)", "--hashsize")
                .value("MAC", "the switch's own MAC address (default random)", "--macaddr")
                .value("N", "priority in the spanning tree (default 0x8000)", "--priority")
                .value("DIR", "directory with a ready socket of each kind, and a router to the host's network", "--vm")
                .value("DIR", "directory of the control socket", "-s", "--sock", "--vdesock", "--unix")
                .value("MODE", "permissions of the sockets, octal (default 0600)", "-m", "--mod", "--mode")
                .value("MODE", "permissions of the directory, octal (default 02700)", "--dirmode")
                .value("GROUP", "group that owns sockets and directory", "-g", "--group")
                .flag("go to the background once the switch accepts plugs", "-d", "--daemon")
                .value("FILE", "write the process id to FILE", "-p", "--pidfile")
                .value("FILE", "commands to run at start (default ~/.vde2/vde_switch.rc, else "
                        + "/etc/vde2/vde_switch.rc)", "-f", "--rcfile")
                .value("SOCK", "path of the management socket", "-M", "--mgmt")
                .value("MODE", "permissions of the management socket, octal (default 0600)", "--mgmtmode")
                .value("GROUP", "group that owns the management socket", "--mgmtgroup")
                .value("N", "without effect", "-D", "--debugclients")
                .values("TAP", "plug in the tap interface TAP (repeatable)", "-t", "--tap")
                .values("[NAME=]URL", "plug in what the URL names (repeatable)", "--link")
                .optionalValues("/", "OPTIONS",
                        "plug in a router to the host's network, as --link slirp:///OPTIONS does (repeatable)",
                        "--slirp")
                .values("[PORT=]GUARD", "let port PORT, or those of all clients, send only what GUARD permits, such as "
                        + "clean-traffic (repeatable)", "--guard")
                .flag("go on when standard input ends", "--nostdin")
                .value("N", "plugs that one user may have (default 256)", "--userplugs")
                .value("N", "ports that one user may occupy (default 64)", "--userports")
                .value("N", "threads that move frames, 1 to " + SwitchConfig.MAX_THREADS + " (default 1)",
                        "--threads");
    }

    /// Reads what picocli has parsed.
    ///
    /// @param line options only
    /// @param warnings takes lines about what is accepted with a change
    /// @throws BadCommandLine at the first value that makes no sense
    static VswitchOptions of(ParseResult line, Consumer<String> warnings) throws BadCommandLine {
        for (String option : List.of("--vm", "--sock", "--mgmt", "--pidfile", "--rcfile")) {
            OptionValue.present(option, text(line, option).stream().toList());
        }
        OptionValue.present("--tap", texts(line, "--tap"));
        OptionValue.present("--link", texts(line, "--link"));
        OptionalInt management = mode(line, "--mgmtmode");
        int managementGroup = group(line, "--mgmtgroup");
        number(line, "--debugclients", 0, new Range(0, Integer.MAX_VALUE));
        Optional<VmDirectory> vm = vm(line);
        CtlSettings ctl = CtlSettings.of(vm.map(VmDirectory::path).or(() -> text(line, "--sock"))
                .orElseGet(VswitchOptions::usualDirectory),
                mode(line, "--mode"), mode(line, "--dirmode"), group(line, "--group"));
        SwitchConfig config = new SwitchConfig(bridge(line, warnings), ctl,
                text(line, "--mgmt").map(path -> new ManagementSettings(path,
                        new SocketPermissions(management.orElse(0600), managementGroup))),
                texts(line, "--tap"), links(line, vm, ctl), limits(line),
                (int) number(line, "--threads", 1, new Range(1, SwitchConfig.MAX_THREADS)));
        boolean daemon = line.hasMatchedOption("--daemon");
        return new VswitchOptions(config, text(line, "--pidfile"), text(line, "--rcfile"), daemon,
                !daemon && !line.hasMatchedOption("--nostdin"), vm);
    }

    private static BridgeSettings bridge(ParseResult line, Consumer<String> warnings) throws BadCommandLine {
        BridgeSettings usual = BridgeSettings.DEFAULT;
        int ports = (int) number(line, "--numports", usual.portCount(),
                new Range(1, BridgePorts.MAX_COUNT));
        int hashSize = (int) number(line, "--hashsize", usual.addresses().hashSize(),
                new Range(1, MAX_HASH_SIZE));
        int rounded = hashSize == 1 ? 1 : Integer.highestOneBit(hashSize - 1) << 1;
        if (rounded != hashSize) {
            warnings.accept("Hash size must be a power of 2. " + hashSize + " rounded to " + rounded);
        }
        int priority = (int) number(line, "--priority", usual.priority(), new Range(Integer.MIN_VALUE, 0xffff_ffffL))
                & MAX_PRIORITY;
        Optional<String> address = text(line, "--macaddr");
        return new BridgeSettings(ports, line.hasMatchedOption("--hub"), line.hasMatchedOption("--fstp"),
                address.isPresent() ? OptionValue.macAddress(address.get()) : BridgeSettings.RANDOM, priority,
                new BridgeSettings.Addresses(rounded, usual.addresses().capacity()), guards(line, ports));
    }

    private static GuardWishes guards(ParseResult line, int ports) throws BadCommandLine {
        GuardSettings clients = GuardSettings.OFF;
        Map<Integer, GuardSettings> byPort = new HashMap<>();
        for (String text : texts(line, "--guard")) {
            Matcher wish = GUARD_OF_PORT.matcher(text);
            try {
                if (!wish.matches()) {
                    clients = GuardSettings.parse(text);
                } else if (wish.group(1).length() > MAX_PORT_DIGITS || Integer.parseInt(wish.group(1)) >= ports) {
                    throw new BadCommandLine("--guard " + text + ": ports are 0 to " + (ports - 1));
                } else {
                    byPort.put(Integer.parseInt(wish.group(1)), GuardSettings.parse(wish.group(2)));
                }
            } catch (IOException mistake) {
                throw new BadCommandLine("--" + mistake.getMessage());
            }
        }
        return new GuardWishes(clients, byPort);
    }

    private static Optional<VmDirectory> vm(ParseResult line) throws BadCommandLine {
        Optional<String> text = text(line, "--vm");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (line.hasMatchedOption("--sock")) {
            throw new BadCommandLine("--vm " + text.get() + ": not with --sock (it is the directory of the control "
                    + "socket as well)");
        }
        return Optional.of(VmDirectory.of(text.get()));
    }

    /// Those of `--vm` first, so that what else has a name of theirs is what is refused.
    private static List<String> links(ParseResult line, Optional<VmDirectory> vm, CtlSettings ctl) {
        List<String> routers = texts(line, "--slirp").stream().map(SlirpUrl::ofOptions).map(LinkUrl::toString).toList();
        List<String> given = Stream.concat(texts(line, "--link").stream(), routers.stream()).toList();
        if (vm.isEmpty()) {
            return given;
        }
        List<String> implied = given.stream().anyMatch(SlirpUrl::isOne) ? List.of()
                : List.of(SlirpUrl.ofOptions("").toString());
        return Stream.of(vm.get().links(socketOptions(line, ctl)), given, implied).flatMap(List::stream).toList();
    }

    /// Who may use the sockets of `--vm`, and what he may send there: what holds for VDE's clients.
    private static List<String> socketOptions(ParseResult line, CtlSettings ctl) {
        List<String> options = new ArrayList<>();
        if (ctl.sockets().mode() != SocketPermissions.DEFAULT.mode()) {
            options.add("mode=" + Integer.toOctalString(ctl.sockets().mode() & PERMISSIONS));
        }
        text(line, "--group").ifPresent(group -> options.add("group=" + group));
        texts(line, "--guard").stream().filter(guard -> !GUARD_OF_PORT.matcher(guard).matches())
                .reduce((_, last) -> last).ifPresent(guard -> options.add("guard=" + guard));
        return options;
    }

    private static UserLimits limits(ParseResult line) throws BadCommandLine {
        UserLimits usual = UserLimits.DEFAULT;
        Range range = new Range(1, Integer.MAX_VALUE);
        return new UserLimits((int) number(line, "--userplugs", usual.connections(), range),
                (int) number(line, "--userports", usual.ports(), range), usual.requestTimeoutMs(),
                usual.descriptorReserve());
    }

    private static String usualDirectory() {
        return OwnProcess.userId() == 0 ? "/var/run/vde.ctl" : "/tmp/vde.ctl";
    }

    private static Optional<String> text(ParseResult line, String option) {
        return Optional.ofNullable(line.matchedOptionValue(option, null));
    }

    private static List<String> texts(ParseResult line, String option) {
        return line.matchedOptionValue(option, List.of());
    }

    /// What a number may be, both ends included.
    private record Range(long from, long to) {
    }

    private static long number(ParseResult line, String option, long usual, Range range) throws BadCommandLine {
        Optional<String> text = text(line, option);
        return text.isPresent() ? OptionValue.number(option, text.get(), range.from, range.to) : usual;
    }

    private static OptionalInt mode(ParseResult line, String option) throws BadCommandLine {
        Optional<String> text = text(line, option);
        return text.isPresent() ? OptionalInt.of(OptionValue.mode(option, text.get())) : OptionalInt.empty();
    }

    private static int group(ParseResult line, String option) throws BadCommandLine {
        Optional<String> name = text(line, option);
        if (name.isEmpty()) {
            return SocketPermissions.NO_GROUP;
        }
        return new Accounts().groupId(name.get())
                .orElseThrow(() -> new BadCommandLine("No such group '" + name.get() + "'"));
    }
}
