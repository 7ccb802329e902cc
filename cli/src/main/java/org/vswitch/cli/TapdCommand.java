package org.vswitch.cli;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.vswitch.broker.Broker;
import org.vswitch.cli.GetoptLongOnly.Line;
import org.vswitch.control.Accounts;
import org.vswitch.engine.Version;
import org.vswitch.grant.TapLease;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.Signal;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/// `vswitch-tapd [OPTIONS]`: the broker, which gives taps to users without privileges until it is told to end.
final class TapdCommand {
    /// Where the policy lies unless an option says otherwise.
    static final String DEFAULT_POLICY = "/etc/vswitch-tapd.conf";
    private static final String NAME = "vswitch-tapd";
    private static final int REFUSED = 1;
    private static final int KILLED_BY = 128;
    private static final int ALL = 0666;
    private static final int MAX_MODE = 0777;

    private final Log log = new Log(NAME);

    /// The options.
    static CommandDeclaration declaration() {
        return new CommandDeclaration(NAME, "[OPTIONS]",
                "Gives taps to users without privileges, as its policy says.")
                .help()
                .version(NAME + " " + Version.TEXT)
                .value("FILE", "who may have which taps (default " + DEFAULT_POLICY + ")", "--policy")
                .value("SOCKET", "where to listen (default " + TapLease.DEFAULT_SOCKET + ")", "--socket")
                .value("MODE", "permissions of the socket, octal (default 666: the policy decides)", "--mode")
                .value("GROUP", "group of the socket", "--group");
    }

    /// Runs the command.
    ///
    /// @param arguments without the program's name
    /// @return exit code
    int run(String... arguments) {
        try {
            CommandDeclaration declaration = declaration();
            Line line = new GetoptLongOnly(declaration.spec(), Set.of(), true).read(arguments);
            ParseResult parsed = declaration.parser().parseArgs(line.options().toArray(String[]::new));
            if (CommandLine.printHelpIfRequested(parsed)) {
                return 0;
            }
            if (!line.operands().isEmpty()) {
                throw new BadCommandLine("unexpected argument " + line.operands().getFirst()
                        + " (see " + NAME + " --help)");
            }
            return serve(settings(parsed));
        } catch (BadCommandLine | IOException refused) {
            log.line(refused.getMessage());
            return REFUSED;
        }
    }

    private static Broker.Settings settings(ParseResult parsed) throws BadCommandLine {
        String policy = parsed.matchedOptionValue("--policy", DEFAULT_POLICY);
        String socket = parsed.matchedOptionValue("--socket", TapLease.DEFAULT_SOCKET);
        if (policy.isEmpty() || socket.isEmpty()) {
            throw new BadCommandLine(policy.isEmpty() ? "--policy is empty" : "--socket is empty");
        }
        String mode = parsed.matchedOptionValue("--mode", Integer.toOctalString(ALL));
        if (!mode.matches("0?[0-7]{3}") || Integer.parseInt(mode, 8) > MAX_MODE) {
            throw new BadCommandLine("--mode=" + mode + ": three octal digits, as 660");
        }
        String group = parsed.matchedOptionValue("--group", "");
        OptionalInt gid = group.isEmpty() ? OptionalInt.of(-1) : new Accounts().groupId(group);
        if (gid.isEmpty()) {
            throw new BadCommandLine("--group=" + group + ": there is none of that name");
        }
        return new Broker.Settings(policy, socket, Integer.parseInt(mode, 8), gid.getAsInt());
    }

    /// The signal's thread only has the broker return; the socket's entry is removed here.
    private int serve(Broker.Settings settings) throws IOException {
        if (!OwnProcess.mayMakeInterfaces()) {
            throw new IOException("needs the right to make interfaces: root, or CAP_NET_ADMIN");
        }
        CompletableFuture<Signal> signal = new CompletableFuture<>();
        try (Broker broker = new Broker(settings, log::line)) {
            ExitSignals.handledBy(received -> {
                signal.complete(received);
                broker.stop();
            }, broker::reload);
            log.line("ready on " + settings.socket());
            broker.run();
        }
        Signal received = signal.join();
        return received == Signal.SIGTERM ? 0 : KILLED_BY + received.number();
    }
}
