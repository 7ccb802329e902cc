package org.vswitch.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.IpPrefix;
import org.vswitch.grant.TapLease;
import org.vswitch.linux.Errno;
import org.vswitch.linux.InterfaceName;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.TunTap;
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
        Optional<Broker> broker, TapSettings settings, String rest) implements InterfacePlan {
    /// A broker that is asked for the interface.
    ///
    /// @param socket where it listens
    record Broker(String socket) {
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
        return new TapOptions(options.address(), InterfaceValues.offload(options), InterfaceValues.queues(options),
                options.has("persist"), netns, broker(options), TapSettings.of(options), url.rest());
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
    public TapPort open(Consumer<String> log) throws IOException {
        TunTap tap = broker.isPresent() ? ask(broker.get()) : netns.isPresent() ? make(netns.get()) : make();
        TapPort link = link(tap, log);
        try {
            if (persist) {
                tap.persist();
            }
            return link;
        } catch (IOException refusal) {
            link.close();
            link.dispose();
            throw refusal;
        }
    }

    /// Looks after the bridge where it looks after the interface.
    private TapPort link(TunTap tap, Consumer<String> log) throws LinuxException {
        TapPort link;
        try {
            link = queues == 1 ? new TapLink(tap, offload) : new TapQueues(tap, offload);
        } catch (LinuxException refusal) {
            tap.close();
            throw refusal;
        }
        return isUplink() && waits() ? BridgedTap.open(link, settings.bridge().get(), log) : link;
    }

    /// Whether a network of the host's is behind the interface.
    boolean isUplink() {
        return settings.bridge().isPresent();
    }

    /// Not if only others may make one there.
    @Override
    public boolean waits() {
        return netns.isEmpty() && broker.isEmpty();
    }

    @Override
    public String required() throws LinuxException {
        Optional<String> bridge = settings.bridge();
        return bridge.isPresent() && NetworkDevice.exists(name) && !NetworkDevice.exists(bridge.get()) ? bridge.get()
                : name;
    }

    private TunTap ask(Broker from) throws IOException {
        GrantRequest request = new GrantRequest(name, settings.bridge().orElse(""), settings.mtu().orElse(0),
                settings.mac().orElse(0), settings.prefix(IpPrefix::isIpv4), settings.prefix(IpPrefix::isIpv6));
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
            throw InterfacePlan.named("tap", refusal.is(Errno.EPERM) ? forRoot(refusal) : refusal);
        }
    }

    /// Whoever may use an interface that root has made for him may not change it.
    private LinuxException forRoot(LinuxException refusal) {
        return new LinuxException(refusal.call() + " (for root; without options tap://" + name
                + " is taken as root has set it up)", refusal.errno());
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
            throw InterfacePlan.named("tap", refusal);
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

    private static void refuseBeside(String netns, LinkOptions options) throws IOException {
        if (netns.isEmpty() || netns.indexOf('\0') >= 0) {
            throw options.unfit("netns", "a process, a path or a name");
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
        Optional<String> fault = InterfaceName.fault(bridge.get());
        if (fault.isPresent()) {
            throw options.unfit("bridge", fault.get());
        }
        for (String name : List.of("mtu", "addr", "addr6", "gw")) {
            if (options.value(name).isPresent()) {
                throw options.unfit(name, "not with bridge=, which has its own");
            }
        }
    }

    private static Optional<Broker> broker(LinkOptions options) throws IOException {
        Optional<String> socket = options.value("broker");
        if (socket.isEmpty() && !options.has("broker")) {
            return Optional.empty();
        }
        if (socket.isPresent() && socket.get().isEmpty()) {
            throw options.unfit("broker", "the path of a socket");
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
            throw options.unfit("queues", "not with broker");
        }
        return Optional.of(new Broker(socket.orElse(TapLease.DEFAULT_SOCKET)));
    }
}
