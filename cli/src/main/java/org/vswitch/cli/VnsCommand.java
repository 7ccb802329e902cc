package org.vswitch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.engine.Version;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.Terminal;
import org.vswitch.plug.Cable;
import org.vswitch.plug.DhcpClient;
import org.vswitch.plug.DhcpLease;
import org.vswitch.wire.MacAddress;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/// `vns URL [COMMAND...]`: a command in a user and a network namespace of its own, with an interface on a network.
///
/// Theory of operation. unshare makes the namespaces; a shell in them stops itself, until this process has plugged
/// the interface in and lets it go on. The command is in a namespace of processes as well, whose first is told by the
/// kernel to end with this process, and all others end with that one; the interface ends with this process. So
/// nothing stays, whoever is killed. The interface's DHCP client is a link of this process, at the same end of the
/// cable as the interface: it asks before there is one, renews the lease, and gives it back when the cable is closed.
/// What the server says of name servers stands in a file system of their mounts only.
///
/// A shell that reads from a terminal wants to know which process group was in the foreground before it, and gives the
/// terminal back to that at its end; dash fails if it cannot. Groups from outside have no number in the namespace of
/// processes. So a shell is started by another one with job control, which makes a group for it; that one's own end,
/// which fails likewise, is hidden, and this process takes the terminal back from outside.
final class VnsCommand {
    private static final String NO_DHCP = "--no-dhcp";
    private static final int CANNOT_START = 1;
    private static final int BAD_COMMAND_LINE = 255;
    private static final int TAP = 0;
    private static final int NETWORK = 1;
    private static final int PATIENCE_S = 10;
    private static final int DHCP_PATIENCE_S = 6;
    /// How long nobody wonders what is waited for.
    private static final int SILENCE_S = 2;
    private static final long RETRY_MS = 500;
    private static final long POLL_MS = 1;
    /// Locally administered, of a station.
    private static final long MAC_PREFIX = 0x0200_0000_0000L;
    /// Run with the text of resolv.conf, empty for the host's, how to start the command, and the command.
    private static final String INSIDE = """
            kill -STOP $$
            if [ -n "$1" ]; then
              mount -t tmpfs -o size=64k,mode=755 vns /tmp && {
                printf '%s' "$1" >/tmp/resolv.conf && mount --bind /tmp/resolv.conf /etc/resolv.conf
                umount -l /tmp
              } || echo 'vns: cannot replace /etc/resolv.conf: it is that of the host' >&2
            fi
            shift
            start=$1
            shift
            exec unshare --pid --fork --kill-child --mount-proc sh -c "$start" vns "$@"
            """;
    /// Run with the command.
    private static final String COMMAND = """
            "$@"; exit $?""";
    private static final String SHELL = """
            exec 3>&1 4>&2
            status=$(sh -mc '"$@" >&3 2>&4 3>&- 4>&-; echo $?' vns "$@" 2>/dev/null)
            exit $status""";

    private final Log log = new Log("vns");
    /// Whether the command has ended, and the network is left for that.
    private volatile boolean over;

    /// The options.
    static CommandDeclaration declaration() {
        return new CommandDeclaration("vns", "[OPTIONS] URL [COMMAND...]",
                "Starts a command, usually $SHELL, in a network namespace on a VDE network.")
                .help()
                .version("vns " + Version.TEXT)
                .flag("do not ask for an address; eth0 is up without one", NO_DHCP);
    }

    /// Runs the command.
    ///
    /// @param arguments without the program's name
    /// @return exit code
    int run(String... arguments) {
        try {
            CommandDeclaration declaration = declaration();
            Line line = new GetoptLongOnly(declaration.spec(), Set.of(), false).read(arguments);
            ParseResult parsed = declaration.parser().parseArgs(line.options().toArray(String[]::new));
            if (CommandLine.printHelpIfRequested(parsed)) {
                return 0;
            }
            if (line.operands().isEmpty()) {
                throw new BadCommandLine("needs a URL (see vns --help)");
            }
            return start(new Wish(line.operands().getFirst(), command(line.operands()),
                    !parsed.hasMatchedOption(NO_DHCP)));
        } catch (BadCommandLine mistake) {
            log.line(mistake.getMessage());
            return BAD_COMMAND_LINE;
        }
    }

    /// What stands behind the URL, with or without `--` in between, as other commands of this kind have it.
    private static List<String> command(List<String> operands) {
        int from = operands.size() > 1 && operands.get(1).equals("--") ? 2 : 1;
        return operands.subList(from, operands.size());
    }

    private int start(Wish wish) {
        try (Cable cable = new Cable("vns", this::tell)) {
            // a signal ends this process as well; the lease is given back all the same
            Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(cable), "leave"));
            return start(cable, wish);
        } catch (IOException refused) {
            log.line(refused.getMessage());
            return CANNOT_START;
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    private int start(Cable cable, Wish wish) throws IOException, InterruptedException {
        Process inside = null;
        Terminal terminal = Terminal.now();
        try {
            LinkUrl network = PlugName.resolve(wish.network, System.getenv("HOME"));
            long mac = MAC_PREFIX | ThreadLocalRandom.current().nextLong(1L << 40);
            BlockingQueue<Optional<DhcpLease>> leases = new LinkedBlockingQueue<>();
            Optional<DhcpClient> dhcp = wish.dhcp ? Optional.of(new DhcpClient(mac, leases::add)) : Optional.empty();
            watch(cable, network, open(cable, wish.network, network), dhcp);
            Optional<DhcpLease> lease = Optional.empty();
            if (dhcp.isPresent()) {
                cable.plug(TAP, dhcp.get());
                lease = first(leases);
            }
            inside = enter(lease, wish.command.isEmpty() ? List.of(shell()) : wish.command);
            cable.plug(TAP, new LinkUrl("tap", tap(inside.pid(), mac, lease)));
            new VnsAddress(inside.pid(), lease, log).follow(leases);
            new ProcessBuilder("kill", "-CONT", Long.toString(inside.pid())).inheritIO().start().waitFor();
            return inside.waitFor();
        } finally {
            over = true;
            if (inside != null) {
                inside.destroyForcibly();
            }
            terminal.takeBack();
        }
    }

    /// What is asked for.
    ///
    /// @param network its name or URL
    /// @param command empty for a shell
    /// @param dhcp whether to ask for an address
    private record Wish(String network, List<String> command, boolean dhcp) {
    }

    private void leave(Cable cable) {
        over = true;
        cable.close();
    }

    private static CompletableFuture<Void> open(Cable cable, String name, LinkUrl network) throws IOException {
        try {
            return cable.plug(NETWORK, network);
        } catch (IOException refused) {
            throw new IOException("vde_open " + PlugName.shown(name, System.getenv("HOME")) + ": "
                    + refused.getMessage(), refused);
        }
    }

    /// What there may be for a station at once; the queue gets what comes later.
    private Optional<DhcpLease> first(BlockingQueue<Optional<DhcpLease>> leases) throws InterruptedException {
        Optional<DhcpLease> lease = leases.poll(SILENCE_S, TimeUnit.SECONDS);
        if (lease == null) {
            log.line("waiting for an address by DHCP, " + (DHCP_PATIENCE_S - SILENCE_S) + " s more at most (" + NO_DHCP
                    + " does without)");
            lease = leases.poll(DHCP_PATIENCE_S - SILENCE_S, TimeUnit.SECONDS);
        }
        if (lease == null) {
            log.line("no address by DHCP within " + DHCP_PATIENCE_S
                    + " s: eth0 is up without an address, and asks on");
            return Optional.empty();
        }
        return lease;
    }

    /// A command outlives its network, as a computer does whose cable is pulled: a switch that comes back is found
    /// again. Only switches are looked for; what else a URL names looks for its peer itself, or has gone for good.
    private void watch(Cable cable, LinkUrl network, CompletableFuture<Void> plugged,
            Optional<DhcpClient> dhcp) {
        plugged.thenRun(() -> {
            if (over) {
                return;
            }
            if (!network.scheme().equals("vde")) {
                log.line("the network has ended");
                return;
            }
            log.line("the network has ended; eth0 stays, and is plugged in again when it is back");
            Thread.ofVirtual().start(() -> plugAgain(cable, network, dhcp));
        });
    }

    private void plugAgain(Cable cable, LinkUrl network, Optional<DhcpClient> dhcp) {
        try {
            Optional<CompletableFuture<Void>> plugged = Optional.empty();
            while (plugged.isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
                plugged = tryToPlug(cable, network);
            }
            log.line("the network is back");
            dhcp.ifPresent(DhcpClient::confirm);
            watch(cable, network, plugged.get(), dhcp);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<CompletableFuture<Void>> tryToPlug(Cable cable, LinkUrl network) {
        try {
            return Optional.of(cable.plug(NETWORK, network));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    /// That the interface ends with the command needs no telling.
    private void tell(String line) {
        if (!line.startsWith("tap: ")) {
            log.line(line);
        }
    }

    private static String shell() {
        String shell = System.getenv("SHELL");
        return shell == null || shell.isEmpty() ? "/bin/sh" : shell;
    }

    /// Whether it will read from the terminal, and be master of its process groups.
    private static boolean isShell(List<String> command) {
        return command.size() == 1 && command.getFirst().endsWith("sh") && Terminal.now().controls();
    }

    private static String tap(long pid, long mac, Optional<DhcpLease> lease) {
        return "eth0[netns=" + pid + ",mac=" + MacAddress.toText(mac) + lease.map(own -> ",addr="
                + own.address().getHostAddress() + "/" + own.prefixLength()
                + own.router().map(router -> ",gw=" + router.getHostAddress()).orElse("")).orElse("") + ",up,lo]";
    }

    /// Starts what waits inside, stopped.
    private static Process enter(Optional<DhcpLease> lease, List<String> command)
            throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "unshare", "-Urnm", "sh", "-c",
                INSIDE, "vns", VnsAddress.resolvConf(lease), isShell(command) ? SHELL : COMMAND));
        whole.addAll(command);
        Process inside = new ProcessBuilder(whole).inheritIO().start();
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (!isStopped(inside.pid())) {
            if (inside.waitFor(POLL_MS, TimeUnit.MILLISECONDS) || System.nanoTime() - endNs > 0) {
                inside.destroyForcibly();
                throw new IOException("cannot make namespaces: unshare -Urnm did not come to its command");
            }
        }
        return inside;
    }

    /// The state stands behind the name, which is in brackets.
    private static boolean isStopped(long pid) throws IOException {
        Path stat = Path.of("/proc/" + pid + "/stat");
        try {
            String line = Files.readString(stat);
            return line.charAt(line.lastIndexOf(')') + 2) == 'T';
        } catch (NoSuchFileException gone) {
            return false;
        }
    }
}
