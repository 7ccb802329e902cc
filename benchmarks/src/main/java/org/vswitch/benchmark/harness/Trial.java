package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.vswitch.benchmark.load.Order;

/// What a guest does once in each alternation.
interface Trial {
    /// Of the numbers that come out; contestants are compared by the first.
    List<String> units();

    /// Measures.
    ///
    /// @param seconds length of the measured window
    /// @return a number for each unit
    List<Double> run(Guest guest, double seconds) throws IOException;

    /// Bulk over one TCP connection.
    record Bulk(Direction direction) implements Trial {
        @Override
        public List<String> units() {
            return List.of("Gbit/s");
        }

        @Override
        public List<Double> run(Guest guest, double seconds) throws IOException {
            return List.of(guest.gigabits(direction, seconds));
        }
    }

    /// Connections that live for a byte each way.
    ///
    /// @param clients how many at a time
    /// @param threads whether client and server have a thread for each, or one for all
    record Connections(int clients, boolean threads) implements Trial {
        @Override
        public List<String> units() {
            return List.of("connections/s");
        }

        @Override
        public List<Double> run(Guest guest, double seconds) throws IOException {
            Order order = Order.of(threads ? "blocking-turns" : "turns").with("clients", clients);
            Order turns = guest.ask(window(order, seconds), seconds);
            if (turns.number("completed") == 0 || turns.number("failed") * 100 > turns.number("completed")) {
                throw new HarnessException("connections fail: " + turns.line());
            }
            return List.of(turns.number("completed") / seconds);
        }
    }

    /// Datagrams there and back.
    ///
    /// @param length bytes of payload
    record RoundTrips(int length) implements Trial {
        @Override
        public List<String> units() {
            return List.of("us p50", "us p99");
        }

        @Override
        public List<Double> run(Guest guest, double seconds) throws IOException {
            Order trips = guest.ask(window(Order.of("ping").with("length", length), seconds), seconds);
            if (trips.number("answered") == 0) {
                throw new HarnessException("no datagram comes back: " + trips.line());
            }
            return List.of(trips.number("p50") / 1e3, trips.number("p99") / 1e3);
        }
    }

    /// ping(8): echo requests, the next once the last one's answer is there, or evenly.
    ///
    /// @param intervalMs from one request to the next, or 0 to follow the answers
    record Echoes(int intervalMs) implements Trial {
        private static final Pattern TIME = Pattern.compile(" time=([0-9.]+) ms");

        @Override
        public List<String> units() {
            return List.of("us p50", "us p99");
        }

        @Override
        public List<Double> run(Guest guest, double seconds) throws IOException {
            String pace = intervalMs == 0 ? "-A" : "-i" + intervalMs / 1e3;
            Samples trips = new Samples();
            String text = guest.run("ping", "-n", pace, "-w", Integer.toString((int) Math.ceil(seconds)),
                    guest.server());
            TIME.matcher(text).results().forEach(each -> trips.add(Double.parseDouble(each.group(1)) * 1e3));
            if (trips.isEmpty()) {
                throw new HarnessException("no echo comes back");
            }
            return List.of(trips.median(), trips.quantile(0.99));
        }
    }

    private static Order window(Order order, double seconds) {
        long startNs = System.nanoTime() + 50_000_000;
        return order.with("start", startNs).with("end", startNs + (long) (seconds * 1e9));
    }
}
