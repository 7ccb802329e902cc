package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.vswitch.benchmark.load.GuestClient;
import org.vswitch.benchmark.load.Order;

/// Somebody in a network namespace who asks a server: behind a router the host's 127.0.0.1, which has some address
/// there, or somebody in another namespace.
final class Guest {
    private final Workplace workplace;
    private final List<String> prefix;
    private final String server;
    private Child client;

    /// @param prefix of command lines that run there
    /// @param server the address that means the server there
    Guest(Workplace workplace, List<String> prefix, String server) {
        this.workplace = workplace;
        this.prefix = prefix;
        this.server = server;
    }

    /// The start of a command line that runs something there.
    List<String> prefix() {
        return Collections.unmodifiableList(prefix);
    }

    /// Moves bytes over one TCP connection.
    ///
    /// @param seconds rounded up to whole ones
    /// @param options further ones of iperf3
    /// @return Gbit/s that the receiver counted
    double gigabits(Direction direction, double seconds, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(options));
        if (direction == Direction.DOWN) {
            all.add("--reverse");
        }
        return Iperf.gigabits(prefix, server, seconds, all.toArray(String[]::new));
    }

    /// Starts to send over one TCP connection.
    ///
    /// @param seconds after which it ends, rounded up to whole ones
    /// @return iperf3, for the caller to end
    Child send(double seconds) throws IOException {
        return Iperf.send(workplace, prefix, server, seconds);
    }

    /// The address that he asks.
    String server() {
        return server;
    }

    /// Runs a command there to its end.
    ///
    /// @return what it printed
    String run(String... words) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(words));
        return Command.run(command);
    }

    /// Commands the client there ([GuestClient]), who is told whom to ask, and answers.
    Order ask(Order order, double seconds) throws IOException {
        tell(order);
        return answer(seconds);
    }

    /// Commands the client there; its answer is fetched later by [#answer].
    void tell(Order order) throws IOException {
        if (client == null) {
            client = Child.stationAt(prefix, workplace, GuestClient.class);
        }
        client.tell(order.with("server", server));
    }

    /// The answer to the oldest order not yet answered.
    ///
    /// @param seconds how long the order takes at most if all goes well
    Order answer(double seconds) {
        return client.answer(Bench.PATIENCE.plus(Duration.ofMillis((long) (seconds * 1000))));
    }

    /// Ends the client.
    void leave() {
        if (client != null) {
            client.close();
        }
    }
}
