package org.vswitch.link;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.vswitch.grant.IpPrefix;
import org.vswitch.linux.LinuxBridge;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;

/// What a tap is to be like; what is not given stays as it is.
///
/// @param mtu in bytes
/// @param mac of a station
/// @param addresses one of each family at most
/// @param up whether to set it up
/// @param lo whether to set the loopback interface beside it up as well
/// @param gateway the way to everywhere else
/// @param bridge that the interface joins; it has no address of its own then, and the host says nothing by it
record TapSettings(OptionalInt mtu, OptionalLong mac, List<IpPrefix> addresses, boolean up, boolean lo,
        Optional<InetAddress> gateway, Optional<String> bridge) {
    /// Reads what a URL says of it.
    ///
    /// @throws IOException with one line that names the value at fault
    static TapSettings of(LinkOptions options) throws IOException {
        return new TapSettings(InterfaceValues.mtu(options), InterfaceValues.mac(options),
                InterfaceValues.addresses(options), options.has("up"), options.has("lo"),
                InterfaceValues.gateway(options), options.value("bridge"));
    }

    /// The address of a family, if it has one.
    Optional<IpPrefix> prefix(Predicate<IpPrefix> family) {
        return addresses.stream().filter(family).findFirst();
    }

    /// Sets up an interface.
    ///
    /// @param name of the interface
    /// @throws LinuxException that names what the kernel refuses
    void apply(String name) throws LinuxException {
        if (mtu.isEmpty() && mac.isEmpty() && addresses.isEmpty() && !up && !lo && bridge.isEmpty()) {
            return;
        }
        if (lo) {
            try (NetworkDevice loopback = NetworkDevice.open("lo")) {
                loopback.up();
            }
        }
        try (NetworkDevice device = NetworkDevice.open(name)) {
            if (bridge.isPresent()) {
                LinuxBridge.join(device, bridge.get());
                device.mac(LinuxBridge.portMac(device.mac()));
                device.withoutOwnAddress();
            }
            if (mac.isPresent()) {
                device.mac(mac.getAsLong());
            }
            if (mtu.isPresent()) {
                device.mtu(mtu.getAsInt());
            }
            for (IpPrefix prefix : addresses) {
                device.address(prefix.address(), prefix.length());
            }
            if (up) {
                device.up();
            }
            if (gateway.isPresent()) {
                device.defaultRoute(gateway.get());
            }
        }
    }
}
