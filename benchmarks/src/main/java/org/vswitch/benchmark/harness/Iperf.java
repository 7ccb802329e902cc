package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Debian's iperf3: TCP as fast as it goes.
final class Iperf {
    /// From a server's start, or a link's, to the first connection that succeeds.
    private static final int TRIES = 100;
    private static final long RETRY_NS = 50_000_000;
    private static final int CONNECT_MS = 2000;
    private static final Pattern RECEIVED =
            Pattern.compile("\"sum_received\"\\s*:\\s*\\{[^}]*\"bits_per_second\"\\s*:\\s*([0-9.e+]+)");

    private Iperf() {
    }

    /// Starts a server.
    ///
    /// @param prefix of its command line, says where it runs
    /// @param address of its own, that it listens at
    static Child serve(Workplace workplace, List<String> prefix, String address) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("iperf3", "--server", "--bind", address));
        return Child.start(workplace, "iperf3", command);
    }

    /// Starts to send to a server.
    ///
    /// @param prefix of the client's command line, says where it runs
    /// @param seconds rounded up to whole ones
    static Child send(Workplace workplace, List<String> prefix, String server, double seconds) throws IOException {
        return Child.start(workplace, "iperf3-client", client(prefix, server, seconds));
    }

    /// Sends to a server, or with the option `--reverse` receives from it, on one connection.
    ///
    /// @param prefix of the client's command line, says where it runs
    /// @param seconds rounded up to whole ones
    /// @return Gbit/s that the receiver counted
    /// @throws HarnessException if it still fails when it should long have succeeded
    static double gigabits(List<String> prefix, String server, double seconds, String... options) throws IOException {
        HarnessException last = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                return once(prefix, server, seconds, options);
            } catch (HarnessException notYet) {
                last = notYet;
                LockSupport.parkNanos(RETRY_NS);
            }
        }
        throw last;
    }

    /// The same, tried once.
    static double once(List<String> prefix, String server, double seconds, String... options) throws IOException {
        List<String> command = client(prefix, server, seconds);
        command.add("--json");
        command.addAll(List.of(options));
        Matcher matcher = RECEIVED.matcher(Command.run(command));
        if (!matcher.find()) {
            throw new HarnessException("iperf3 prints no sum_received");
        }
        return Double.parseDouble(matcher.group(1)) / 1e9;
    }

    private static List<String> client(List<String> prefix, String server, double seconds) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("iperf3", "--client", server, "--connect-timeout", Integer.toString(CONNECT_MS),
                "--time", Integer.toString((int) Math.max(1, Math.ceil(seconds)))));
        return command;
    }
}
