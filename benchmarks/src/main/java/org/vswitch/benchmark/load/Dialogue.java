package org.vswitch.benchmark.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// What a process and the harness that commands it say to each other.
///
/// Each line on standard input is an [Order]; each is answered by one line, `ok` or `failed`. The process ends with its
/// standard input, so that none outlives the harness.
final class Dialogue {
    private Dialogue() {
    }

    /// Carries out orders.
    interface Duty {
        /// @return the answer
        Order carryOut(Order order) throws IOException;
    }

    /// Answers until standard input ends.
    static void hold(Duty duty) throws IOException {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream output = System.out;
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            output.println(answer(duty, Order.parse(line)).line());
            output.flush();
        }
    }

    private static Order answer(Duty duty, Order order) {
        try {
            return duty.carryOut(order);
        } catch (IOException | RuntimeException failure) {
            return Order.of("failed").with("why", (failure.getClass().getSimpleName() + ": " + failure.getMessage())
                    .replace(' ', '_'));
        }
    }
}
