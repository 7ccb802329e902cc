package org.vswitch.benchmark.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// The guest's side of a router under test: asks the services of [HostServer] at the address `server`.
///
/// Orders: `turns` (connections for a byte each way, `clients` at a time, on one thread), `blocking-turns` (the same,
/// on a thread for each client), `ping` (datagrams of `length` there and back, one at a time), `hold` (opens `flows`
/// connections and keeps them), `open` (`flows` connections to `sink`, or to the source if there is none), `move` (all
/// they can on these, then closes them), `release` (closes those that are kept). Times are those of [System#nanoTime],
/// which processes of a machine share.
public final class GuestClient {
    private final Flows flows = new Flows();

    private GuestClient() {
    }

    /// Runs until standard input ends.
    ///
    /// @param arguments none
    /// @throws IOException if the harness is gone
    public static void main(String[] arguments) throws IOException {
        Dialogue.hold(new GuestClient()::carryOut);
    }

    private Order carryOut(Order order) throws IOException {
        return switch (order.word()) {
            case "turns" -> LoopedTurns.take(order);
            case "blocking-turns" -> BlockingTurns.take(order);
            case "ping" -> Ping.send(order);
            case "hold" -> flows.hold(server(order, HostPorts.HOLD), (int) order.number("flows"));
            case "open" -> flows.open(server(order, port(order)), (int) order.number("flows"));
            case "move" -> flows.move(isUp(order), Lane.Window.of(order));
            case "release" -> flows.release();
            default -> throw new IllegalArgumentException("unknown order: " + order.word());
        };
    }

    private static boolean isUp(Order order) {
        return order.values().containsKey("sink");
    }

    private static int port(Order order) {
        return isUp(order) ? HostPorts.SINK + (int) order.number("sink") : HostPorts.SOURCE;
    }

    static InetSocketAddress server(Order order, int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(order.text("server")), port);
    }
}
