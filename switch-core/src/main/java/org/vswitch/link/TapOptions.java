package org.vswitch.link;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.IpPrefix;
import org.vswitch.grant.TapLease;
import org.vswitch.linux.Errno;
import org.vswitch.linux.InterfaceName;
import org.vswitch.linux.LinuxBridge;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.TunTap;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.VirtioNetHeader;

/// The words of a `tap://` URL.
///
/// @param name of the interface; empty lets the kernel choose
/// @param offload what is left undone in frames that pass the interface
/// @param queues how many of them the interface has
/// @param persist whether the interface stays when the link ends
/// @param netns the network namespace that the interface is in, if not in that of this process
/// @param broker who makes the interface, if not this process
/// @param settings of the interface
/// @param rest of the URL, as it was given
record TapOptions(String name, Offload offload, int queues, boolean persist, Optional<String> netns,
        Optional<Broker> broker, Settings settings, String rest) implements InterfacePlan {
    private static final int MIN_MTU = 68;
    /// What the kernel takes for a tap: 65,535 less an Ethernet header.
    private static final int MAX_MTU = 65_521;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,5}");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /// What is left undone in frames, for whoever is last on their way.
    enum Offload {
        /// Nothing: frames are complete.
        NONE,
        /// Checksums.
        CHECKSUM,
        /// Checksums, and TCP is not segmented.
        TSO,
        /// Everything that the kernel knows: where it does, trains of UDP datagrams are not cut either.
        ALL;

        /// Whether as much as that is left undone.
        boolean includes(Offload other) {
            return compareTo(other) >= 0;
        }
    }

    /// A broker that is asked for the interface.
    ///
    /// @param socket where it listens
    record Broker(String socket) {
    }

    /// An address of an interface.
    ///
    /// @param address its own
    /// @param length bits of the subnet's prefix
    record Prefix(InetAddress address, int length) {
    }

    /// What an interface is to be like; what is not given stays as it is.
    ///
    /// @param mtu in bytes
    /// @param mac of a station
    /// @param addresses one of each family at most
    /// @param up whether to set it up
    /// @param lo whether to set the loopback interface beside it up as well
    /// @param gateway the way to everywhere else
    /// @param bridge that the interface joins
    record Settings(OptionalInt mtu, OptionalLong mac, List<Prefix> addresses, boolean up, boolean lo,
            Optional<InetAddress> gateway, Optional<String> bridge) {
        private Optional<IpPrefix> prefix(Class<? extends InetAddress> family) {
            return addresses.stream().filter(each -> family.isInstance(each.address)).findFirst()
                    .map(each -> new IpPrefix(each.address, each.length));
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
                }
                if (mac.isPresent()) {
                    device.mac(mac.getAsLong());
                }
                if (mtu.isPresent()) {
                    device.mtu(mtu.getAsInt());
                }
                for (Prefix prefix : addresses) {
                    device.address(prefix.address, prefix.length);
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

    /// Reads a URL's rest.
    ///
    /// @throws IOException with one line that names the value at fault
    static TapOptions parse(LinkUrl url) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "mtu=", "mac=", "addr=", "addr6=",
                "gw=", "offload=", "queues=", "netns=", "up", "lo", "persist", "broker", "broker=", "bridge=").once();
        Optional<String> netns = options.value("netns");
        if (netns.isPresent()) {
            refuseBeside(netns.get(), options);
        } else if (options.has("lo")) {
            throw new IOException("tap: lo (with netns= only)");
        }
        refuseBesideBridge(options);
        List<Prefix> addresses = Stream.of(prefix(options, "addr", IPV4, 32), prefix(options, "addr6", IPV6, 128))
                .flatMap(Optional::stream).toList();
        return new TapOptions(options.address(), offload(options), queues(options), options.has("persist"), netns,
                broker(options), new Settings(mtu(options), mac(options), addresses, options.has("up"),
                        options.has("lo"), gateway(options), options.value("bridge")), url.rest());
    }

    @Override
    public Words words() {
        return new Words("tap", "tuntap");
    }

    @Override
    public String description() {
        return name + netns.map(where -> " netns=" + where).orElse("");
    }

    @Override
    public TapOptions after(TapPort link) {
        return waits() ? new TapOptions(link.name(), offload, queues, persist, netns, broker, settings, rest) : this;
    }

    @Override
    public TapPort open() throws IOException {
        TunTap tap = broker.isPresent() ? ask(broker.get()) : netns.isPresent() ? make(netns.get()) : make();
        try {
            TapPort link = queues == 1 ? new TapLink(tap, offload) : new TapQueues(tap, offload);
            if (persist) {
                tap.persist();
            }
            return link;
        } catch (IOException refusal) {
            tap.close();
            throw refusal;
        }
    }

    /// Whether a network of the host's is behind the interface.
    boolean isUplink() {
        return settings.bridge.isPresent();
    }

    /// Not if only others may make one there.
    @Override
    public boolean waits() {
        return netns.isEmpty() && broker.isEmpty();
    }

    @Override
    public String required() throws LinuxException {
        Optional<String> bridge = settings.bridge;
        return bridge.isPresent() && NetworkDevice.exists(name) && !NetworkDevice.exists(bridge.get()) ? bridge.get()
                : name;
    }

    private TunTap ask(Broker from) throws IOException {
        GrantRequest request = new GrantRequest(name, settings.bridge.orElse(""), settings.mtu.orElse(0),
                settings.mac.orElse(0), settings.prefix(Inet4Address.class), settings.prefix(Inet6Address.class));
        TapLease lease = TapLease.ask(from.socket, request);
        try {
            return TunTap.of(lease.tap(), VirtioNetHeader.LENGTH, lease.connection());
        } catch (IOException refusal) {
            lease.close();
            throw refusal;
        }
    }

    private TunTap make() throws LinuxException {
        TunTap tap = openHere();
        try {
            settings.apply(tap.name());
            return tap;
        } catch (LinuxException refusal) {
            tap.close();
            throw named(refusal);
        }
    }

    /// Tells who may not what others do.
    private TunTap openHere() throws LinuxException {
        try {
            return TunTap.open(name, VirtioNetHeader.LENGTH, queues);
        } catch (LinuxException refusal) {
            if (!refusal.is(Errno.EPERM) || refusal.call().endsWith(")")) {
                throw refusal;
            }
            String shown = name.isEmpty() ? "NAME" : name;
            throw new LinuxException(refusal.call() + " (for root; others take tap://" + shown + "[broker], tap://"
                    + shown + "[netns=..], or what root made for them: ip tuntap add " + shown
                    + " mode tap user USER)", refusal.errno());
        }
    }

    private TunTap make(String where) throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.open(where)) {
            return OwnProcess.mayEnterNetworks() ? makeIn(namespace) : TapFromInside.open(this, namespace);
        } catch (LinuxException refusal) {
            throw named(refusal);
        }
    }

    /// Makes the interface in another namespace and sets it up there.
    ///
    /// An interface for another namespace is made here, under the name that the kernel chose, and moved. Were it made
    /// there, the descriptor would keep the namespace alive, and the link would not end with it.
    ///
    /// @return owned by the caller
    /// @throws LinuxException that names what the kernel refuses
    TunTap makeIn(NetworkNamespace namespace) throws LinuxException {
        TunTap tap = TunTap.open("", VirtioNetHeader.LENGTH, queues);
        try {
            try (NetworkDevice device = NetworkDevice.open(tap.name())) {
                device.move(namespace, name);
            }
            namespace.run(() -> settings.apply(name));
            return tap;
        } catch (LinuxException refusal) {
            tap.close();
            throw refusal;
        }
    }

    /// The same refusal, as a user is told of it.
    static LinuxException named(LinuxException refusal) {
        return named("tap: ", refusal);
    }

    /// The same of another scheme's.
    static LinuxException named(String scheme, LinuxException refusal) {
        String call = refusal.call().startsWith(scheme) ? refusal.call() : scheme + refusal.call();
        return new LinuxException(call + ": " + Errno.name(refusal.errno()), refusal.errno());
    }

    private static void refuseBeside(String netns, LinkOptions options) throws IOException {
        if (netns.isEmpty() || netns.indexOf('\0') >= 0) {
            throw unfit(options, "netns", "a process, a path or a name");
        }
        int length = options.address().getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > NetworkDevice.MAX_NAME || options.address().indexOf('%') >= 0) {
            throw new IOException("tap: name " + options.address() + " (with netns= one of 1 to "
                    + NetworkDevice.MAX_NAME + " bytes, without %)");
        }
        Optional<String> fault = InterfaceName.fault(options.address());
        if (fault.isPresent()) {
            throw new IOException("tap: name " + InterfaceName.shown(options.address()) + " (" + fault.get() + ")");
        }
        if (options.has("persist")) {
            throw new IOException("tap: persist (not with netns=: the interface goes with the link)");
        }
    }

    /// A bridge's port has no addresses, which belong to the bridge, and the MTU of the bridge: a smaller one would
    /// become that of the bridge.
    private static void refuseBesideBridge(LinkOptions options) throws IOException {
        Optional<String> bridge = options.value("bridge");
        if (bridge.isEmpty()) {
            return;
        }
        int length = bridge.get().getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > NetworkDevice.MAX_NAME) {
            throw unfit(options, "bridge", "1 to " + NetworkDevice.MAX_NAME + " bytes");
        }
        for (String name : List.of("mtu", "addr", "addr6", "gw")) {
            if (options.value(name).isPresent()) {
                throw unfit(options, name, "not with bridge=, which has its own");
            }
        }
    }

    private static Optional<Broker> broker(LinkOptions options) throws IOException {
        Optional<String> socket = options.value("broker");
        if (socket.isEmpty() && !options.has("broker")) {
            return Optional.empty();
        }
        if (socket.isPresent() && socket.get().isEmpty()) {
            throw unfit(options, "broker", "the path of a socket");
        }
        byte[] name = options.address().getBytes(StandardCharsets.ISO_8859_1);
        if (name.length == 0 || name.length > GrantRequest.MAX_NAME) {
            throw new IOException("tap: name " + options.address() + " (with broker one of 1 to "
                    + GrantRequest.MAX_NAME + " bytes)");
        }
        if (options.has("persist") || options.value("netns").isPresent()) {
            throw new IOException("tap: " + (options.has("persist") ? "persist" : "netns="
                    + options.value("netns").get()) + " (not with broker)");
        }
        if (options.value("queues").isPresent()) {
            throw unfit(options, "queues", "not with broker");
        }
        return Optional.of(new Broker(socket.orElse(TapLease.DEFAULT_SOCKET)));
    }

    static OptionalInt mtu(LinkOptions options) throws IOException {
        Optional<String> text = options.value("mtu");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        int mtu = NUMBER.matcher(text.get()).matches() ? Integer.parseInt(text.get()) : 0;
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw unfit(options, "mtu", MIN_MTU + " to " + MAX_MTU);
        }
        return OptionalInt.of(mtu);
    }

    private static int queues(LinkOptions options) throws IOException {
        String text = options.value("queues").orElse("1");
        int queues = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (queues < 1 || queues > TapQueues.MAX) {
            throw unfit(options, "queues", "1 to " + TapQueues.MAX);
        }
        return queues;
    }

    static OptionalLong mac(LinkOptions options) throws IOException {
        Optional<String> text = options.value("mac");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        long mac = MacAddress.parse(text.get());
        if (mac <= 0 || MacAddress.isGroup(mac)) {
            throw unfit(options, "mac", "not the MAC address of a station");
        }
        return OptionalLong.of(mac);
    }

    static Offload offload(LinkOptions options) throws IOException {
        return switch (options.value("offload").orElse("all")) {
            case "all" -> Offload.ALL;
            case "tso" -> Offload.TSO;
            case "checksum" -> Offload.CHECKSUM;
            case "none" -> Offload.NONE;
            default -> throw unfit(options, "offload", "none, checksum, tso or all");
        };
    }

    private static Optional<InetAddress> gateway(LinkOptions options) throws IOException {
        Optional<String> text = options.value("gw");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!options.has("up")) {
            throw unfit(options, "gw", "with up only");
        }
        if (options.has("broker")) {
            throw unfit(options, "gw", "not with broker");
        }
        try {
            if (IPV4.matcher(text.get()).matches()) {
                return Optional.of(Inet4Address.ofLiteral(text.get()));
            }
        } catch (IllegalArgumentException noAddress) {
            throw new IOException(unfit(options, "gw", "an IPv4 address").getMessage(), noAddress);
        }
        throw unfit(options, "gw", "an IPv4 address");
    }

    private static Optional<Prefix> prefix(LinkOptions options, String name, Pattern form, int bits)
            throws IOException {
        Optional<String> text = options.value(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = text.get().split("/", 2);
        try {
            boolean wellFormed = parts.length == 2 && form.matcher(parts[0]).matches()
                    && NUMBER.matcher(parts[1]).matches();
            int length = wellFormed ? Integer.parseInt(parts[1]) : 0;
            if (length > 0 && length <= bits) {
                InetAddress address = bits == 32 ? Inet4Address.ofLiteral(parts[0]) : Inet6Address.ofLiteral(parts[0]);
                return Optional.of(new Prefix(address, length));
            }
        } catch (IllegalArgumentException noAddress) {
            throw new IOException(unfit(options, name, "an address and the bits of its subnet").getMessage(),
                    noAddress);
        }
        throw unfit(options, name, "an address and the bits of its subnet");
    }

    static IOException unfit(LinkOptions options, String name, String why) {
        String value = options.value(name).orElse("");
        return new IOException(options.scheme() + ": " + name + "=" + value + " (" + why + ")" + options.hint(value));
    }
}
