package org.vswitch.broker;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;
import org.vswitch.grant.IpPrefix;
import org.vswitch.wire.MacAddress;

/// One line of the policy: whom it allows what.
///
/// @param who it is for
/// @param taps how many one user may have at a time
/// @param names patterns in which `*` stands for any characters
/// @param bridges those that a tap may join
/// @param addresses where an address of the tap must lie; none allows none
/// @param ingress what frames may come from the tap, and where to
record Rule(Who who, int taps, List<String> names, List<String> bridges, List<IpPrefix> addresses, Ingress ingress) {
    private static final int MIN_MTU = 68;
    /// IPv6 needs it (RFC 8200, 5).
    private static final int MIN_MTU_IPV6 = 1280;
    private static final int MAX_MTU = 65_521;
    /// What the kernel takes as a name, less what has a meaning in a path, a pattern or a log.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}");
    /// Directories beside those of the interfaces under /proc/sys/net: settings of all, and of those to come.
    private static final Set<String> RESERVED = Set.of("all", "default", "lo");

    /// A user or a group, or everybody.
    ///
    /// @param uid a user id, or -1
    /// @param gid a group id, or -1
    record Who(int uid, int gid) {
        static final Who EVERYBODY = new Who(-1, -1);

        boolean fits(Peer peer) {
            return equals(EVERYBODY) || uid >= 0 && uid == peer.uid() || gid >= 0 && peer.groups().contains(gid);
        }
    }

    /// Who asks, as the kernel says.
    ///
    /// @param pid process id, 0 if it is not visible
    /// @param uid effective user id when it connected
    /// @param groups ids of its groups then
    record Peer(int pid, int uid, Set<Integer> groups) {
    }

    static boolean isName(String text) {
        return NAME.matcher(text).matches() && !RESERVED.contains(text);
    }

    /// Whether this line allows a request, quotas aside.
    ///
    /// @return why not, if it does not
    Optional<GrantStatus> refusal(GrantRequest request) {
        boolean bridged = !request.bridge().isEmpty();
        GrantStatus status = !isName(request.name()) || names.stream().noneMatch(each -> fits(each, request.name()))
                ? GrantStatus.NAME
                : bridged && !bridges.contains(request.bridge()) ? GrantStatus.BRIDGE
                : !mayHave(request.ipv4(), bridged) || !mayHave(request.ipv6(), bridged) ? GrantStatus.ADDRESS
                : request.mac() != 0 && (bridged || MacAddress.isGroup(request.mac())) ? GrantStatus.MAC
                : !isMtu(request, bridged) ? GrantStatus.MTU
                : GrantStatus.GRANTED;
        return status == GrantStatus.GRANTED ? Optional.empty() : Optional.of(status);
    }

    /// A port of a bridge has no address: it would be the host's, in a network that is somebody else's.
    private boolean mayHave(Optional<IpPrefix> address, boolean bridged) {
        return address.isEmpty() || !bridged && addresses.stream().anyMatch(each -> each.contains(address.get()));
    }

    /// A bridge takes the smallest MTU of its ports for its own, so nobody chooses one there.
    private static boolean isMtu(GrantRequest request, boolean bridged) {
        int least = request.ipv6().isPresent() ? MIN_MTU_IPV6 : MIN_MTU;
        return request.mtu() == 0 || !bridged && request.mtu() >= least && request.mtu() <= MAX_MTU;
    }

    private static boolean fits(String pattern, String name) {
        String[] parts = pattern.split("\\*", -1);
        StringBuilder expression = new StringBuilder(Pattern.quote(parts[0]));
        for (int i = 1; i < parts.length; i++) {
            expression.append(".*").append(Pattern.quote(parts[i]));
        }
        return name.matches(expression.toString());
    }
}
