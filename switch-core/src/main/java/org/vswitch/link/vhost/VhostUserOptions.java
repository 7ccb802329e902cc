package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.Optional;
import org.vswitch.link.InterfaceValues;
import org.vswitch.link.LinkOptions;
import org.vswitch.link.LinkUrl;
import org.vswitch.link.Offload;
import org.vswitch.link.SocketFile;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;

/// The words of a `vhost-user://` URL.
///
/// @param isClient whether we connect, and do not listen
/// @param file the socket, whose permissions are ours to set if we listen
/// @param offer to the front-end
/// @param guests how many connections there may be at a time, each a port of its own; 0 for one port that stays
record VhostUserOptions(boolean isClient, SocketFile file, VhostOffer offer, int guests) {
    /// The longest MTU of a guest, unless the URL says otherwise.
    static final int MAX_MTU = 65_535;
    /// Each has a thread.
    private static final int MAX_GUESTS = 256;

    /// Reads a URL's rest.
    ///
    /// @throws IOException with one line that names the value at fault
    static VhostUserOptions parse(LinkUrl url) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "server", "client", "queues=",
                "offload=", "mtu=", "sealed", "guests=", "mode=", "group=").once();
        String path = options.address();
        if (path.isEmpty() || path.indexOf('\0') >= 0) {
            throw new IOException("vhost-user: " + (path.isEmpty() ? "the path of a socket is missing"
                    : "a NUL in " + url.rest()));
        }
        checkLength(path);
        boolean isClient = options.has("client");
        if (isClient && options.has("server")) {
            throw new IOException("vhost-user: client (not with server)");
        }
        for (String name : new String[] {"mode", "group"}) {
            if (isClient && options.value(name).isPresent()) {
                throw options.unfit(name, "not with client: the socket belongs to the front-end");
            }
        }
        return new VhostUserOptions(isClient, SocketFile.parse("vhost-user", path, options), offer(options),
                guests(options, isClient));
    }

    /// Where the socket is.
    String path() {
        return file.path();
    }

    private static int guests(LinkOptions options, boolean isClient) throws IOException {
        Optional<String> text = options.value("guests");
        if (text.isEmpty()) {
            return 0;
        }
        if (isClient) {
            throw options.unfit("guests", "not with client: a front-end that listens is one");
        }
        int number = text.get().matches("\\d{1,3}") ? Integer.parseInt(text.get()) : 0;
        if (number < 1 || number > MAX_GUESTS) {
            throw options.unfit("guests", "1 to " + MAX_GUESTS);
        }
        return number;
    }

    private static void checkLength(String path) throws IOException {
        try {
            SocketAddress.ofPath(path);
        } catch (LinuxException tooLong) {
            throw new IOException("vhost-user: " + tooLong.getMessage(), tooLong);
        }
    }

    private static VhostOffer offer(LinkOptions options) throws IOException {
        Offload offload = InterfaceValues.offload(options);
        long features = VhostOffer.PLAIN | (offload.includes(Offload.CHECKSUM) ? VhostOffer.CHECKSUM : 0)
                | (offload.includes(Offload.TSO) ? VhostOffer.TSO : 0);
        return new VhostOffer(features, VhostOffer.PROTOCOL, InterfaceValues.queues(options),
                InterfaceValues.mtu(options).orElse(MAX_MTU), options.has("sealed"));
    }
}
