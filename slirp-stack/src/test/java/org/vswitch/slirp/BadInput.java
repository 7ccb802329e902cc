package org.vswitch.slirp;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// One entry of the catalogue of bad inputs (docs/CASES.md): what a guest does, and how the router counts it.
///
/// @param number in the catalogue
/// @param what in a few words
/// @param counted what the counters show more than before, when everything has been forgotten: `reason=count` in the
///     order of the reasons
/// @param deed done with the router of this guest, which is the other one
record BadInput(int number, String what, String counted, Consumer<GoodGuest> deed) {
    private static final int FLOOD = 1_000;
    private static final int BATCH = 64;

    /// Frames that the guest sends one after the other, with whatever follows from them at once; floods come in
    /// batches.
    static BadInput of(int number, String what, String counted, byte[]... frames) {
        return of(number, what, counted, Arrays.asList(frames));
    }

    /// The same of a list.
    static BadInput of(int number, String what, String counted, List<byte[]> frames) {
        return new BadInput(number, what, counted, other -> {
            for (int i = 0; i < frames.size(); i++) {
                other.rig.send(frames.get(i));
                if (frames.size() < FLOOD || i % BATCH == 0) {
                    other.turn();
                }
            }
            other.turn();
        });
    }

    @Override
    public String toString() {
        return number + ": " + what;
    }
}
