package org.vswitch.benchmark.harness;

/// Something outside went wrong so that a row cannot be measured: a process ended, a deadline passed.
final class HarnessException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HarnessException(String message) {
        super(message);
    }
}
