package org.vswitch.benchmark.load;

/// Where the services of [HostServer] are.
public final class HostPorts {
    /// TCP: sends the first byte back and waits for the end. This one and [#TURN_COUNT] - 1 after it, so that a fast
    /// client does not run out of ports. All served by one thread.
    static final int TURN = 7000;
    static final int TURN_COUNT = 8;
    /// TCP: the same, served by threads that wait in the kernel, a few for each port.
    static final int BLOCKING_TURN = 7050;
    /// TCP: reads and forgets. This one and [#SINK_COUNT] - 1 after it, each with a counter.
    static final int SINK = 7100;
    /// How many sinks there are.
    public static final int SINK_COUNT = 16;
    /// TCP: sends for ever.
    static final int SOURCE = 7200;
    /// TCP: sends every byte back, seldom.
    static final int HOLD = 7300;
    /// UDP: sends every datagram back.
    static final int ECHO = 7400;

    private HostPorts() {
    }
}
