package org.vswitch.link;

import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.TunTap;

/// A macvtap interface: as a tap, but frames go to the interface that it stands on and come from there. Its descriptor
/// takes frames even when it is down or has gone, so that it is watched.
final class MacvtapLink implements TapPort {
    private final TapLink tap;
    private final InterfaceWatch watch;
    private final Home home;

    /// Where an interface is that goes with its link: alone, and removed from in there.
    ///
    /// @param namespace that nobody else has
    /// @param device the interface
    record Home(NetworkNamespace namespace, NetworkDevice device) {
        /// Removes the interface, at once.
        void remove() {
            try {
                device.remove();
            } catch (LinuxException gone) {
                assert gone.errno() != 0 : "it goes with its namespace";
            }
            device.close();
            namespace.close();
        }
    }

    /// A link over an open interface.
    ///
    /// @param tap the interface; closed with the link, and the caller's if this fails, as the rest
    /// @param offload what is left undone, either way
    /// @param watch of the interface
    /// @param home of an interface that is to go with the link, or null
    /// @throws LinuxException if the kernel refuses the offloads
    MacvtapLink(TunTap tap, Offload offload, InterfaceWatch watch, Home home) throws LinuxException {
        this.tap = new TapLink(tap, offload);
        this.watch = watch;
        this.home = home;
    }

    @Override
    public String name() {
        return tap.name();
    }

    @Override
    public boolean hasEnded() {
        return watch.isGone();
    }

    @Override
    public void watch(Runnable onGone) {
        watch.onGone(onGone);
    }

    @Override
    public void dispose() {
        watch.close();
        if (home != null) {
            home.remove();
        }
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
    public int receive(FrameBatch batch) {
        return tap.receive(batch);
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        return watch.isUp() ? tap.transmit(batch, rows, from, to) : watch.isGone() ? GONE : DOWN;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        into.gauge("up", watch.isUp() ? 1 : 0, 1);
        into.counter("set-down", watch.wentDown());
        into.counter("renamed", watch.renamed());
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        tap.close();
    }
}
