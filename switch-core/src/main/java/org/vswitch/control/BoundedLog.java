package org.vswitch.control;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A log that nobody can flood: so many lines a second, then only how many were left out. Used by the control thread.
final class BoundedLog implements Consumer<String> {
    private static final int LINES = 20;

    private final Consumer<String> sink;
    private final ScheduledExecutorService control;
    private int left = LINES;
    private long omitted;

    /// @param sink takes the lines
    /// @param control the thread that uses this log
    BoundedLog(Consumer<String> sink, ScheduledExecutorService control) {
        this.sink = sink;
        this.control = control;
    }

    @Override
    public void accept(String line) {
        if (left == LINES && !control.isShutdown()) {
            control.schedule(this::refill, 1, TimeUnit.SECONDS);
        }
        if (left > 0) {
            left--;
            sink.accept(line);
        } else {
            omitted++;
        }
    }

    private void refill() {
        left = LINES;
        if (omitted > 0) {
            sink.accept(omitted + " lines omitted");
            omitted = 0;
        }
    }
}
