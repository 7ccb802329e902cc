package org.vswitch.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.engine.Version;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.plug.Cable;
import picocli.CommandLine;

/// `vplug [OPTIONS] URL URL`: a cable between two networks, until one of them ends, which it says.
///
/// `''` is the default network: what ~/.vdeplug/default or ~/.vde2/default.switch names, else /var/run/vde.ctl or
/// /tmp/vde.ctl.
final class VplugCommand {
    private static final int CANNOT_OPEN = 1;
    private static final int NETWORK_ENDED = 2;
    /// vde_plug's -1.
    private static final int BAD_COMMAND_LINE = 255;
    private static final int PROGRAM_ERROR = 70;

    private final Log log = new Log("vplug");

    /// The options.
    static CommandDeclaration declaration() {
        return new CommandDeclaration("vplug", "[OPTIONS] URL URL",
                "Connects two networks by a cable. An empty URL, '', "
                + "is the default network.")
                .help()
                .version("vplug " + Version.TEXT);
    }

    /// Runs the command.
    ///
    /// @param arguments without the program's name
    /// @return exit code
    int run(String... arguments) {
        try {
            CommandDeclaration declaration = declaration();
            Line line = new GetoptLongOnly(declaration.spec(), Set.of(), true).read(arguments);
            if (!line.options().isEmpty()) {
                CommandLine.printHelpIfRequested(
                        declaration.parser().parseArgs(line.options().toArray(String[]::new)));
                return 0;
            }
            if (line.operands().size() != 2) {
                throw new BadCommandLine("needs two URLs, got " + line.operands().size() + " (see vplug --help)");
            }
            return connect(line.operands());
        } catch (BadCommandLine mistake) {
            log.line(mistake.getMessage());
            return BAD_COMMAND_LINE;
        }
    }

    private int connect(List<String> names) {
        String opening = "";
        try (Cable cable = new Cable("vplug", log::line)) {
            AtomicReference<String> left = new AtomicReference<>();
            List<LinkUrl> urls = new ArrayList<>();
            for (String name : names) {
                opening = name;
                LinkUrl url = PlugName.resolve(name, System.getenv("HOME"));
                for (LinkUrl other : urls) {
                    refuseNonsense(url, other);
                }
                String farewell = PlugName.farewell(name, url, System.getenv("HOME"));
                cable.plug(urls.size(), url).thenRun(() -> left.compareAndSet(null, farewell));
                urls.add(url);
            }
            Throwable failure = cable.ended().handle((_, bug) -> bug).join();
            log.line(failure == null ? left.get() : "internal error: " + failure);
            return failure == null ? NETWORK_ENDED : PROGRAM_ERROR;
        } catch (IOException refused) {
            log.line("vde_open " + PlugName.shown(opening, System.getenv("HOME")) + ": " + refused.getMessage());
            return CANNOT_OPEN;
        }
    }

    private static void refuseNonsense(LinkUrl url, LinkUrl other) throws IOException {
        if (PlugName.isRouter(url) && PlugName.isRouter(other)) {
            throw new IOException("a router as well, and nobody between the two");
        }
        Optional<String> ours = LinkScheme.of(url).anyPortOf(url);
        if (ours.isPresent() && ours.equals(LinkScheme.of(other).anyPortOf(other))) {
            throw new IOException("the switch in " + ours.get() + " as well, and the cable a loop (one between its "
                    + "VLANs names a port, as in vde://" + ours.get() + "[5])");
        }
    }
}
