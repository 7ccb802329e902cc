package org.vswitch.benchmark.load;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/// A guest that plugs itself into a switch as soon as that lets it, sends and receives as well as it can, and waits to
/// be killed.
public final class Visitor {
    /// Whose addresses it has, in [TestFrame].
    static final int STATION = 7;
    private static final long TURN_NS = 200_000;
    private static final long RETRY_NS = 2_000_000;
    private static final int BURST = 32;

    private Visitor() {
    }

    /// Runs until standard input ends.
    ///
    /// @param arguments path of the switch's socket, and the number of this visitor
    /// @throws IOException if standard input cannot be read
    public static void main(String[] arguments) throws IOException {
        int number = Integer.parseInt(arguments[1]);
        Thread.ofPlatform().daemon().start(() -> stay(arguments[0], number));
        System.in.transferTo(java.io.OutputStream.nullOutputStream());
    }

    private static void stay(String path, int number) {
        SharedGuest guest = plug(path);
        while (true) {
            for (int i = 0; i < BURST; i++) {
                GuestPair.introduce(guest, STATION, number);
            }
            for (int waiting = guest.waiting(); waiting > 0; waiting--) {
                guest.take();
            }
            guest.giveBack();
            LockSupport.parkNanos(TURN_NS);
        }
    }

    private static SharedGuest plug(String path) {
        while (true) {
            try {
                return SharedGuest.connect(path);
            } catch (IOException notYet) {
                LockSupport.parkNanos(RETRY_NS);
            }
        }
    }
}
