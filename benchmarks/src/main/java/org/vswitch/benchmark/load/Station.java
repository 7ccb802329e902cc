package org.vswitch.benchmark.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.Sockets;

/// What the processes at both ends of a switch share: plugs by name, and frame buffers. They are commanded through a
/// [Dialogue].
abstract class Station {
    static final int BATCH = 64;
    /// An odd multiple of 64 bytes, so that frames do not share a cache set.
    static final int STRIDE = 1600;
    private static final int SEND_TIMEOUT_MS = 20;

    private final long buffers = NativeMemory.map(BATCH * STRIDE);
    private final Map<String, List<VdeClient>> plugs = new HashMap<>();

    /// Carries out what only this kind of station can.
    ///
    /// @return the values of the answer
    abstract Order carryOut(Order order) throws LinuxException;

    final void converse() throws IOException {
        Dialogue.hold(this::answer);
    }

    /// The address of buffer number `index`, with room for the longest frame.
    final long buffer(int index) {
        return buffers + (long) index * STRIDE;
    }

    final List<VdeClient> plugs(Order order) {
        List<VdeClient> found = plugs.get(order.text("name"));
        if (found == null) {
            throw new IllegalArgumentException("nothing attached as " + order.text("name"));
        }
        return found;
    }

    final Fd plug(Order order) {
        return plugs(order).getFirst().data();
    }

    /// Waits, coarsely, for a time of [System#nanoTime].
    static void waitUntil(long timeNs) {
        for (long left = timeNs - System.nanoTime(); left > 0; left = timeNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /// Whether a call failed because it waited too long or was interrupted, and not for good.
    static boolean isPassing(int result) {
        return result == -Errno.EAGAIN.number() || result == -Errno.EINTR.number();
    }

    private Order answer(Order order) throws LinuxException {
        return switch (order.word()) {
            case "attach" -> attach(order);
            case "detach" -> detach(order);
            default -> carryOut(order);
        };
    }

    private Order attach(Order order) throws LinuxException {
        List<VdeClient> attached = plugs.computeIfAbsent(order.text("name"), name -> new ArrayList<>());
        for (long i = order.number("count"); i > 0; i--) {
            VdeClient plug = VdeClient.attach(Path.of(order.text("directory")), 0);
            Sockets.timeout(plug.data(), SEND_TIMEOUT_MS);
            attached.add(plug);
        }
        return Order.of("ok");
    }

    private Order detach(Order order) {
        plugs(order).forEach(VdeClient::close);
        plugs.remove(order.text("name"));
        return Order.of("ok");
    }
}
