package org.vswitch.link;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/// Makes links of one kind from URLs: the extension point for kinds of ports and plugs.
///
/// Providers stand in module-info and in META-INF/services.
public interface LinkScheme {
    /// The scheme, as it stands before `://`.
    ///
    /// @return lower case, for example `tap`
    String name();

    /// Attaches 0 to n links over time, on the control side; may block for the time of a handshake.
    ///
    /// @param url what was asked for
    /// @param host takes the links
    /// @return what is open, to be closed when the URL is withdrawn
    /// @throws IOException with one line that names the value at fault
    Attachment open(LinkUrl url, LinkHost host) throws IOException;

    /// Whether the network is behind such a link rather than one of its guests: a router, or another switch. Guards of
    /// other ports believe what DHCP servers and routers say there.
    ///
    /// @param url that could be opened
    /// @return false for whoever is to be guarded against
    default boolean isUplink(LinkUrl url) {
        return false;
    }

    /// What two URLs of this scheme have in common that may exist once in a network, such as an address.
    ///
    /// @param url one of them
    /// @param other the other
    /// @return for messages; empty if they get along, or one of them is not valid
    default Optional<String> clash(LinkUrl url, LinkUrl other) {
        return Optional.empty();
    }

    /// The switch of which such a link may get any port. What joins two such links of one switch is a loop.
    ///
    /// @param url that could be opened
    /// @return the same for all names of one switch, for messages; empty if a port is named, which may be in a VLAN of
    ///     its own, or there is no switch
    default Optional<String> anyPortOf(LinkUrl url) {
        return Optional.empty();
    }

    /// Finds the provider of a URL's scheme.
    ///
    /// @param url what is to be opened
    /// @return a provider
    /// @throws IOException if there is none; the message names those there are
    static LinkScheme of(LinkUrl url) throws IOException {
        List<String> known = new ArrayList<>();
        for (LinkScheme scheme : ServiceLoader.load(LinkScheme.class, LinkScheme.class.getClassLoader())) {
            if (scheme.name().equals(url.scheme())) {
                return scheme;
            }
            known.add(scheme.name());
        }
        throw new IOException("unknown scheme " + url.scheme() + ", known are: "
                + String.join(", ", known.stream().sorted().toList()));
    }

    /// Something open: a listener, a client that reconnects, or a single link.
    interface Attachment extends AutoCloseable {
        /// Detaches all its links and attaches no more.
        @Override
        void close();
    }
}
