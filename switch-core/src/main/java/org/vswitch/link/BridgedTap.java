package org.vswitch.link;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxBridge;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;

/// A tap that is a port of a bridge of the kernel's, also of the next one of that name when the bridge is deleted and
/// made again.
///
/// Theory of operation. The kernel leaves the tap behind, up and without bridge: what guests send would go to the host
/// itself instead of the LAN. So nothing is transmitted while the tap is no port of any bridge. The watching thread of
/// [InterfaceWatch] is told of every interface that comes, and joins a bridge that has the name and is not the one
/// joined last: who takes the tap out of a bridge that stays, or puts it into another one, has a reason.
final class BridgedTap implements TapPort {
    private final TapPort tap;
    private final String bridge;
    private final Consumer<String> log;
    private final InterfaceWatch watch;
    /// The number of the bridge that was joined last, or has refused. Used by the watching thread.
    private int known;
    private boolean missed;

    private BridgedTap(TapPort tap, String bridge, Consumer<String> log, InterfaceWatch watch) {
        this.tap = tap;
        this.bridge = bridge;
        this.log = log;
        this.watch = watch;
        known = watch.master();
    }

    /// Looks after a tap from now on.
    ///
    /// @param tap that has joined; closed with the link, or if this fails
    /// @param bridge its name, in the network namespace of the calling thread, where the tap is as well
    /// @param log takes a line when the bridge has gone, is back, or refuses the tap
    /// @throws LinuxException if the tap has gone already, and others
    static BridgedTap open(TapPort tap, String bridge, Consumer<String> log) throws LinuxException {
        try {
            BridgedTap bridged = new BridgedTap(tap, bridge, log, InterfaceWatch.open(tap.name()));
            bridged.watch.start(bridged::look);
            return bridged;
        } catch (LinuxException refusal) {
            tap.close();
            throw InterfacePlan.named("tap", refusal);
        }
    }

    @Override
    public String name() {
        return tap.name();
    }

    @Override
    public boolean hasEnded() {
        return tap.hasEnded();
    }

    @Override
    public void dispose() {
        watch.close();
    }

    @Override
    public LinkFeatures features() {
        return tap.features();
    }

    @Override
    public int descriptor() {
        return tap.descriptor();
    }

    @Override
    public boolean tellsOfRoomByReading() {
        return tap.tellsOfRoomByReading();
    }

    @Override
    public int receive(FrameBatch batch) {
        return tap.receive(batch);
    }

    /// That the tap has gone its descriptor says.
    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        return watch.master() != 0 || watch.isGone() ? tap.transmit(batch, rows, from, to) : DOWN;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        into.gauge("bridged", watch.master() != 0 ? 1 : 0, 1);
        return tap.measure(into);
    }

    @Override
    public void close() {
        tap.close();
    }

    private void look(NetworkDevice device) {
        if (watch.master() != 0 || watch.isGone()) {
            return;
        }
        try (NetworkDevice found = NetworkDevice.open(bridge)) {
            if (found.index() != known) {
                known = found.index();
                LinuxBridge.join(device, bridge);
                missed = false;
                log.accept("tap: " + name() + ": bridge=" + bridge + " is back");
            }
        } catch (LinuxException refusal) {
            if (!refusal.is(Errno.ENODEV)) {
                log.accept(InterfacePlan.named("tap", refusal).getMessage());
            } else if (!missed) {
                missed = true;
                log.accept("tap: " + name() + ": bridge=" + bridge + " has gone");
            }
        }
    }
}
