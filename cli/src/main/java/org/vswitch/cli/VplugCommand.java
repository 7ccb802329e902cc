package org.vswitch.cli;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.engine.Version;
import org.vswitch.link.LinkUrl;
import org.vswitch.plug.Cable;
import picocli.CommandLine;

/// `vplug [OPTIONS] URL URL`: a cable between two networks, until one of them ends.
///
/// `''` is the default network: what ~/.vdeplug/default or ~/.vde2/default.switch names, else /var/run/vde.ctl or
/// /tmp/vde.ctl.
final class VplugCommand {
    private static final int CANNOT_OPEN = 1;
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
            boolean router = false;
            for (int end = 0; end < names.size(); end++) {
                opening = names.get(end);
                LinkUrl url = PlugName.resolve(names.get(end), System.getenv("HOME"));
                if (router && PlugName.isRouter(url)) {
                    throw new IOException("a router as well, and nobody between the two");
                }
                router = PlugName.isRouter(url);
                cable.plug(end, url);
            }
            Throwable failure = cable.ended().handle((_, bug) -> bug).join();
            if (failure != null) {
                log.line("internal error: " + failure);
                return PROGRAM_ERROR;
            }
            return 0;
        } catch (IOException refused) {
            log.line("vde_open " + PlugName.shown(opening, System.getenv("HOME")) + ": " + refused.getMessage());
            return CANNOT_OPEN;
        }
    }
}
