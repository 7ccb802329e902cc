package org.vswitch.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.IpPrefix;
import org.vswitch.linux.FilterProgram;
import org.vswitch.linux.IngressFilter;
import org.vswitch.linux.LinuxBridge;
import org.vswitch.linux.NetworkDevice;
import org.vswitch.linux.TunTap;
import org.vswitch.wire.VirtioNetHeader;

/// Makes taps that are safe to hand out: what they may send is filtered, and the host does nothing of its own on them,
/// before they are up. The descriptor's owner cannot set them down.
final class TapMaker {
    /// What the host would otherwise do on an interface of its own: tell or ask by ARP for addresses of others, be sent
    /// elsewhere, route, take what comes from where it would not answer to.
    private static final Map<String, String> QUIET_IPV4 = Map.of("arp_announce", "2", "accept_redirects", "0",
            "send_redirects", "0", "secure_redirects", "0", "accept_source_route", "0", "forwarding", "0",
            "rp_filter", "1");
    private static final Map<String, String> QUIET_IPV6 = Map.of("accept_ra", "0", "autoconf", "0",
            "accept_redirects", "0", "forwarding", "0");
    /// Answers for no address at all, and for those of the interface within their subnet.
    private static final String ANSWER_NOTHING = "8";
    private static final String ANSWER_THE_SUBNET = "2";

    private final Path settings;
    private final SecureRandom random = new SecureRandom();

    /// Makes taps in the namespace of this process.
    ///
    /// @param settings `/proc/sys/net`
    TapMaker(Path settings) {
        this.settings = settings;
    }

    /// A tap that is ready.
    ///
    /// @param tap its descriptor keeps it
    /// @param device to remove it by
    record Made(TunTap tap, NetworkDevice device) {
    }

    /// Makes a tap. What fails leaves none behind.
    ///
    /// @param request that the policy allows
    /// @param ingress what may come from it
    /// @param mark whose it is, noted on the interface
    /// @return owned by the caller
    /// @throws IOException as the kernel refuses; EBUSY if there is an interface of that name
    Made make(GrantRequest request, Ingress ingress, String mark) throws IOException {
        TunTap tap = TunTap.make(request.name(), VirtioNetHeader.LENGTH);
        try {
            NetworkDevice device = NetworkDevice.open(request.name());
            try {
                device.alias(mark);
                setUp(device, request, ingress);
                return new Made(tap, device);
            } catch (IOException refusal) {
                device.close();
                throw refusal;
            }
        } catch (IOException refusal) {
            tap.close();
            throw refusal;
        }
    }

    private void setUp(NetworkDevice device, GrantRequest request, Ingress ingress) throws IOException {
        quieten(request);
        FilterProgram program = program(request, ingress);
        if (!program.isEmpty()) {
            IngressFilter.attach(device, program);
        }
        if (request.mac() != 0) {
            device.mac(request.mac());
        }
        if (request.mtu() != 0) {
            device.mtu(request.mtu());
        }
        if (!request.bridge().isEmpty()) {
            device.mac(LinuxBridge.portMac(random.nextLong()));
            LinuxBridge.join(device, request.bridge());
        }
        for (Optional<IpPrefix> prefix : List.of(request.ipv4(), request.ipv6())) {
            if (prefix.isPresent()) {
                device.address(prefix.get().address(), prefix.get().length());
            }
        }
        device.up();
    }

    private static FilterProgram program(GrantRequest request, Ingress ingress) {
        FilterProgram program = new FilterProgram();
        if (request.bridge().isEmpty() && !ingress.anywhere()) {
            ReachProgram.begin(program, Stream.of(request.ipv4(), request.ipv6()).flatMap(Optional::stream).toList());
        }
        if (!ingress.pin().equals(SourcePin.NONE)) {
            PinProgram.end(program, ingress.pin());
        } else if (!program.isEmpty()) {
            program.pass();
        }
        return program;
    }

    private void quieten(GrantRequest request) throws IOException {
        set("ipv4", request, "arp_ignore", request.ipv4().isPresent() ? ANSWER_THE_SUBNET : ANSWER_NOTHING);
        for (var setting : QUIET_IPV4.entrySet()) {
            set("ipv4", request, setting.getKey(), setting.getValue());
        }
        if (Files.isDirectory(settings.resolve("ipv6"))) {
            set("ipv6", request, "disable_ipv6", request.ipv6().isPresent() ? "0" : "1");
            for (var setting : QUIET_IPV6.entrySet()) {
                set("ipv6", request, setting.getKey(), setting.getValue());
            }
        }
    }

    private void set(String family, GrantRequest request, String setting, String value) throws IOException {
        Files.writeString(settings.resolve(family).resolve("conf").resolve(request.name()).resolve(setting), value);
    }
}
