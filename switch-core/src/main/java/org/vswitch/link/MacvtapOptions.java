package org.vswitch.link;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.vswitch.linux.Errno;
import org.vswitch.linux.InterfaceName;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Macvtap;
import org.vswitch.linux.NetworkDevice;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.TunTap;
import org.vswitch.wire.VirtioNetHeader;

/// The words of a `macvtap://` URL.
///
/// Theory of operation. Unlike a tap such an interface does not go with its descriptor, and a card whose interface was
/// left behind by a process that was killed would be cut off. So one of ours lives in a network namespace of its own,
/// which ends with the process at the latest, and it in there; nor does the host then use it for itself. Its device is
/// opened before it moves, where sysfs shows it.
///
/// @param name of the interface
/// @param on what it is to be made on; without, it exists
/// @param mode how it shares that
/// @param settings MTU, MAC address, and whether to set it up
/// @param offload what is left undone in frames that pass it
record MacvtapOptions(String name, Optional<String> on, Macvtap.Mode mode, Settings settings,
        Offload offload) implements InterfacePlan {
    private static final String KIND = "macvtap";

    /// What an interface is to be like; what is not given stays as it is.
    ///
    /// @param mtu in bytes
    /// @param mac of a station
    /// @param up whether to set it up, if it exists; one that is made always is
    record Settings(OptionalInt mtu, OptionalLong mac, boolean up) {
        void apply(NetworkDevice device) throws LinuxException {
            if (mac.isPresent()) {
                device.mac(mac.getAsLong());
            }
            if (mtu.isPresent()) {
                device.mtu(mtu.getAsInt());
            }
        }
    }

    /// Reads a URL's rest.
    ///
    /// @throws IOException with one line that names the value at fault
    static MacvtapOptions parse(LinkUrl url) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "on=", "mode=", "mac=", "mtu=",
                "offload=", "up").once();
        Optional<String> fault = fault(options.address());
        if (fault.isPresent()) {
            throw new IOException(KIND + ": name " + InterfaceName.shown(options.address()) + " (" + fault.get()
                    + ")");
        }
        Optional<String> on = options.value("on");
        Optional<String> onFault = on.flatMap(MacvtapOptions::fault);
        if (onFault.isPresent()) {
            throw options.unfit("on", onFault.get());
        }
        Macvtap.Mode mode = mode(options);
        if (on.isPresent() && mode == Macvtap.Mode.PASSTHRU && options.value("mac").isPresent()) {
            throw options.unfit("mac", "not with mode=passthru: it would be that of " + on.get());
        }
        return new MacvtapOptions(options.address(), on, mode, new Settings(InterfaceValues.mtu(options),
                InterfaceValues.mac(options), options.has("up")), InterfaceValues.offload(options));
    }

    @Override
    public Words words() {
        return new Words(KIND, "macvtap");
    }

    @Override
    public String description() {
        return name + on.map(lower -> " on=" + lower).orElse("");
    }

    @Override
    public InterfacePlan after(TapPort link) {
        return this;
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public String required() {
        return on.orElse(name);
    }

    @Override
    public MacvtapLink open(Consumer<String> log) throws IOException {
        try {
            return on.isPresent() ? make(on.get()) : openExisting();
        } catch (LinuxException refusal) {
            throw InterfacePlan.named(KIND, refusal);
        }
    }

    private MacvtapLink openExisting() throws LinuxException {
        try (NetworkDevice device = findExisting()) {
            TunTap tap = Macvtap.open(device, VirtioNetHeader.LENGTH);
            try {
                settings.apply(device);
                if (settings.up()) {
                    setUpSilently(device);
                }
                return link(tap, InterfaceWatch.open(name), null);
            } catch (LinuxException refusal) {
                tap.close();
                throw refusal;
            }
        }
    }

    private MacvtapLink make(String lowerName) throws LinuxException {
        try (NetworkDevice lower = find(lowerName)) {
            try {
                Macvtap.make(name, lower, mode);
            } catch (LinuxException refusal) {
                throw new LinuxException("on=" + lowerName + reason(refusal), refusal.errno());
            }
            try (NetworkDevice device = NetworkDevice.open(name)) {
                return setUp(device, lower);
            }
        }
    }

    private MacvtapLink setUp(NetworkDevice device, NetworkDevice lower) throws LinuxException {
        TunTap tap = null;
        try {
            settings.apply(device);
            tap = Macvtap.open(device, VirtioNetHeader.LENGTH);
            lower.up();
            return move(tap, device);
        } catch (LinuxException refusal) {
            if (tap != null) {
                tap.close();
            }
            discard(device);
            throw refusal;
        }
    }

    private MacvtapLink move(TunTap tap, NetworkDevice device) throws LinuxException {
        NetworkNamespace namespace = NetworkNamespace.create();
        AtomicReference<NetworkDevice> inside = new AtomicReference<>();
        AtomicReference<InterfaceWatch> watch = new AtomicReference<>();
        try {
            device.move(namespace, name);
            namespace.run(() -> {
                inside.set(NetworkDevice.open(name));
                inside.get().allMulticast();
                setUpSilently(inside.get());
                watch.set(InterfaceWatch.open(name));
            });
            return link(tap, watch.get(), new MacvtapLink.Home(namespace, inside.get()));
        } catch (LinuxException refusal) {
            if (inside.get() != null) {
                discard(inside.get());
                inside.get().close();
            }
            namespace.close();
            throw refusal;
        }
    }

    /// The interface is the guests' and not the host's, which is to say nothing on the LAN by it.
    private static void setUpSilently(NetworkDevice device) throws LinuxException {
        device.withoutOwnAddress();
        device.up();
    }

    private MacvtapLink link(TunTap tap, InterfaceWatch watch, MacvtapLink.Home home) throws LinuxException {
        try {
            return new MacvtapLink(tap, offload, watch.start(), home);
        } catch (LinuxException refusal) {
            watch.close();
            throw refusal;
        }
    }

    private static String reason(LinuxException refusal) {
        if (refusal.is(Errno.EINVAL)) {
            return " (not Ethernet, or there is another macvtap on it, and one of the two is passthru)";
        }
        if (refusal.is(Errno.EBUSY)) {
            return " (a port of a bridge or the like)";
        }
        if (refusal.is(Errno.EPERM)) {
            return " (for root)";
        }
        return refusal.is(Errno.EOPNOTSUPP) ? " (no macvtap in this kernel)" : "";
    }

    /// Removes what is not to be left behind, unless it has moved.
    private static void discard(NetworkDevice device) {
        try {
            device.remove();
        } catch (LinuxException moved) {
            assert moved.errno() != 0 : "it is removed where it is now";
        }
    }

    private NetworkDevice findExisting() throws LinuxException {
        try {
            return NetworkDevice.open(name);
        } catch (LinuxException refusal) {
            String hint = " (there is no such interface; " + name + "[on=DEVICE] makes it on the network card DEVICE)";
            throw refusal.is(Errno.ENODEV) ? new LinuxException(name + hint, refusal.errno()) : refusal;
        }
    }

    private static NetworkDevice find(String lower) throws LinuxException {
        try {
            return NetworkDevice.open(lower);
        } catch (LinuxException refusal) {
            throw new LinuxException("on=" + lower, refusal.errno());
        }
    }

    /// A name is looked up again, so that the kernel must not choose a number for it.
    private static Optional<String> fault(String name) {
        return name.indexOf('%') < 0 ? InterfaceName.fault(name) : Optional.of("without %");
    }

    private static Macvtap.Mode mode(LinkOptions options) throws IOException {
        Optional<String> text = options.value("mode");
        if (text.isPresent() && options.value("on").isEmpty()) {
            throw options.unfit("mode", "with on= only");
        }
        return switch (text.orElse("passthru")) {
            case "private" -> Macvtap.Mode.PRIVATE;
            case "vepa" -> Macvtap.Mode.VEPA;
            case "bridge" -> Macvtap.Mode.BRIDGE;
            case "passthru" -> Macvtap.Mode.PASSTHRU;
            default -> throw options.unfit("mode", "private, vepa, bridge or passthru");
        };
    }
}
