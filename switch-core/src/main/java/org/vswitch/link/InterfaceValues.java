package org.vswitch.link;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.vswitch.grant.IpPrefix;
import org.vswitch.wire.MacAddress;

/// The values of options that several schemes share. What makes no sense is an exception of one
/// line that names it.
public final class InterfaceValues {
    private static final int MIN_MTU = 68;
    /// What the kernel takes for a tap: 65,535 less an Ethernet header.
    private static final int MAX_MTU = 65_521;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,5}");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private InterfaceValues() {
    }

    /// The MTU in bytes.
    ///
    /// @param options of the URL
    /// @return empty if it is not given
    /// @throws IOException if it makes no sense
    public static OptionalInt mtu(LinkOptions options) throws IOException {
        Optional<String> text = options.value("mtu");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        int mtu = NUMBER.matcher(text.get()).matches() ? Integer.parseInt(text.get()) : 0;
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw options.unfit("mtu", MIN_MTU + " to " + MAX_MTU);
        }
        return OptionalInt.of(mtu);
    }

    /// The MAC address of a station.
    static OptionalLong mac(LinkOptions options) throws IOException {
        Optional<String> text = options.value("mac");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        long mac = MacAddress.parse(text.get());
        if (mac <= 0 || MacAddress.isGroup(mac)) {
            throw options.unfit("mac", "not the MAC address of a station");
        }
        return OptionalLong.of(mac);
    }

    /// What is left undone; everything, unless it says otherwise.
    ///
    /// @param options of the URL
    /// @return what `offload=` says
    /// @throws IOException if it is none of the four
    public static Offload offload(LinkOptions options) throws IOException {
        return switch (options.value("offload").orElse("all")) {
            case "all" -> Offload.ALL;
            case "tso" -> Offload.TSO;
            case "checksum" -> Offload.CHECKSUM;
            case "none" -> Offload.NONE;
            default -> throw options.unfit("offload", "none, checksum, tso or all");
        };
    }

    /// The number of queues; one, unless it says otherwise.
    ///
    /// @param options of the URL
    /// @return 1 to 8
    /// @throws IOException if it makes no sense
    public static int queues(LinkOptions options) throws IOException {
        String text = options.value("queues").orElse("1");
        int queues = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (queues < 1 || queues > TapQueues.MAX) {
            throw options.unfit("queues", "1 to " + TapQueues.MAX);
        }
        return queues;
    }

    /// The way to everywhere else.
    static Optional<InetAddress> gateway(LinkOptions options) throws IOException {
        Optional<String> text = options.value("gw");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!options.has("up")) {
            throw options.unfit("gw", "with up only");
        }
        if (options.has("broker") || options.value("broker").isPresent()) {
            throw options.unfit("gw", "not with broker");
        }
        try {
            if (IPV4.matcher(text.get()).matches()) {
                return Optional.of(Inet4Address.ofLiteral(text.get()));
            }
        } catch (IllegalArgumentException noAddress) {
            throw new IOException(options.unfit("gw", "an IPv4 address").getMessage(), noAddress);
        }
        throw options.unfit("gw", "an IPv4 address");
    }

    /// Addresses, one of each family at most.
    static List<IpPrefix> addresses(LinkOptions options) throws IOException {
        return Stream.of(prefix(options, "addr", IPV4, 32), prefix(options, "addr6", IPV6, 128))
                .flatMap(Optional::stream).toList();
    }

    private static Optional<IpPrefix> prefix(LinkOptions options, String name, Pattern form, int bits)
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
                return Optional.of(new IpPrefix(address, length));
            }
        } catch (IllegalArgumentException noAddress) {
            throw new IOException(options.unfit(name, "an address and the bits of its subnet").getMessage(),
                    noAddress);
        }
        throw options.unfit(name, "an address and the bits of its subnet");
    }
}
