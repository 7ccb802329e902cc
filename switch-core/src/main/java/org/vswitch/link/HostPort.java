package org.vswitch.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// Hosts and ports as URLs name them. An IPv6 address stands in brackets.
final class HostPort {
    /// What a host looks like, as a regular expression with one group.
    static final String HOST = "(\\[[^\\]]+\\]|[^:\\[\\]]+)";
    /// The highest port.
    static final int MAX_PORT = 65_535;

    private HostPort() {
    }

    /// The first address of a host, of the family of another one if that is given.
    ///
    /// @param scheme for messages
    /// @param text an address or a name
    /// @param like an address of the family wanted, or null
    /// @throws IOException if there is none
    static InetAddress resolve(String scheme, String text, InetAddress like) throws IOException {
        String host = text.startsWith("[") ? text.substring(1, text.length() - 1) : text;
        try {
            for (InetAddress candidate : InetAddress.getAllByName(host)) {
                if (like == null || candidate.getClass() == like.getClass()) {
                    return candidate;
                }
            }
        } catch (UnknownHostException unknown) {
            throw new IOException(scheme + ": unknown host " + host, unknown);
        }
        throw new IOException(scheme + ": " + host + " has no address of the family of " + like.getHostAddress());
    }

    /// A port.
    ///
    /// @param scheme for messages
    /// @param digits five at most
    /// @throws IOException if it is above [#MAX_PORT]
    static int port(String scheme, String digits) throws IOException {
        int port = Integer.parseInt(digits);
        if (port > MAX_PORT) {
            throw new IOException(scheme + ": port=" + digits + " (at most " + MAX_PORT + ")");
        }
        return port;
    }
}
