package org.vswitch.link;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.linux.SocketAddress;

/// Two ends of a line of UDP datagrams: `[SRC:]SPORT->DST:DPORT`.
///
/// @param own where datagrams are received
/// @param peer where they go
/// @param maxFrame what fits a datagram of their family
record UdpPair(SocketAddress own, SocketAddress peer, int maxFrame) {
    private static final Pattern FORM =
            Pattern.compile("(?:" + HostPort.HOST + ":)?(\\d{1,5})->" + HostPort.HOST + ":(\\d{1,5})");
    // 65,535 less the headers that IP's length field covers: IPv6's counts no header of its own
    private static final int MAX_FRAME_V4 = 65_507;
    private static final int MAX_FRAME_V6 = 65_527;

    /// Whether a text has the form of such a pair.
    static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }

    /// Reads a pair.
    ///
    /// @param scheme for messages
    /// @param text what stands behind `://`
    /// @throws IOException with one line that names the value at fault
    static UdpPair parse(String scheme, String text) throws IOException {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IOException(scheme + ": " + text + " is not [SRC:]SPORT->DST:DPORT");
        }
        InetAddress destination = HostPort.resolve(scheme, form.group(3), null);
        InetAddress source = form.group(1) == null ? wildcard(destination)
                : HostPort.resolve(scheme, form.group(1), destination);
        SocketAddress own = SocketAddress.ofInet(source, HostPort.port(scheme, form.group(2)));
        int peerPort = HostPort.port(scheme, form.group(4));
        if (peerPort == 0) {
            throw new IOException(scheme + ": port=0 of " + form.group(3) + " (1 to " + HostPort.MAX_PORT + ")");
        }
        return new UdpPair(own, SocketAddress.ofInet(destination, peerPort),
                destination instanceof Inet4Address ? MAX_FRAME_V4 : MAX_FRAME_V6);
    }

    private static InetAddress wildcard(InetAddress like) {
        return like instanceof Inet4Address ? Inet4Address.ofLiteral("0.0.0.0") : Inet6Address.ofLiteral("::");
    }
}
