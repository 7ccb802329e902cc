package org.vswitch.cli;

import java.util.List;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.engine.ControlPlane;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/// `vswitch [OPTIONS]`: runs a switch that VDE clients plug into. `vswitch attach-help [KIND [PATH]]`: tells how guests
/// are attached ([AttachHelp]).
///
/// Options and their spellings are vde_switch's; what they are is said in [VswitchOptions#declaration].
final class VswitchCommand {
    private static final int BAD_COMMAND_LINE = 1;
    /// As vde_switch has it.
    private static final int HELP_SHOWN = 1;
    private static final String ATTACH_HELP = "attach-help";

    private final Log log = new Log("vswitch");

    /// Runs the command.
    ///
    /// @param arguments without the program's name
    /// @return exit code
    int run(String... arguments) {
        if (arguments.length > 0 && arguments[0].equals(ATTACH_HELP)) {
            return help(List.of(arguments).subList(1, arguments.length));
        }
        ControlPlane.nettyLog(log::line);
        ControlPlane.prepare();
        try {
            CommandDeclaration declaration = VswitchOptions.declaration();
            boolean permuting = System.getenv("POSIXLY_CORRECT") == null;
            Line line = new GetoptLongOnly(declaration.spec(), VswitchOptions.ADDED, permuting).read(arguments);
            CommandLine parser = declaration.parser();
            ParseResult parsed = parser.parseArgs(line.options().toArray(String[]::new));
            VswitchOptions options = VswitchOptions.of(parsed, log::line);
            if (parsed.isUsageHelpRequested()) {
                parser.usage(System.out);
                return HELP_SHOWN;
            }
            if (parsed.isVersionHelpRequested()) {
                parser.printVersionHelp(System.out);
                return 0;
            }
            if (!line.operands().isEmpty()) {
                throw unexpected(line);
            }
            return run(options);
        } catch (UnusableDirectory refused) {
            log.line(refused.getMessage());
            return SwitchProcess.UNUSABLE_DIRECTORY;
        } catch (BadCommandLine mistake) {
            log.line(mistake.getMessage());
            return BAD_COMMAND_LINE;
        }
    }

    private int help(List<String> arguments) {
        try {
            System.out.print(AttachHelp.of(arguments));
            return 0;
        } catch (BadCommandLine mistake) {
            log.line(mistake.getMessage());
            return BAD_COMMAND_LINE;
        }
    }

    private static BadCommandLine unexpected(Line line) {
        String operand = line.operands().getFirst();
        return new BadCommandLine("unexpected argument '" + operand + "'" + (line.options().contains("--slirp")
                ? " (options of the router stand behind =, as in --slirp=" + operand + ")" : " (see vswitch --help)"));
    }

    private int run(VswitchOptions options) throws BadCommandLine {
        if (Readiness.isAwaited() && !options.daemon()) {
            Readiness.decline();
            return 0;
        }
        if (options.daemon() && !Readiness.isAwaited()) {
            throw new BadCommandLine("--daemon: only cli/vswitch can start a daemon");
        }
        return new SwitchProcess(options, log).run();
    }
}
