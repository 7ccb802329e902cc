package org.vswitch.link;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.InetSockets;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// What a URL says of sockets that connect: `PATH[OPTION,...]`, or for byte streams also `HOST:PORT[OPTION,...]`. With
/// `client` we connect, else we listen, as `server` says.
///
/// @param kind the scheme, and what its sockets carry
/// @param place as the URL has it
/// @param address the place
/// @param file the socket that we make, if we listen and it has a path
/// @param client whether we connect
/// @param guests the most connections at a time, if we listen
record SocketPlan(Kind kind, String place, SocketAddress address, Optional<SocketFile> file, boolean client,
        int guests) {
    private static final Pattern INET = Pattern.compile(HostPort.HOST + ":(\\d{1,5})");
    private static final int GUESTS = 256;
    private static final int MAX_GUESTS = 1024;
    private static final int CONNECT_MS = 1000;

    /// A kind of connection and of the links over it.
    ///
    /// @param scheme its name
    /// @param type of its sockets
    /// @param links makes links over them
    record Kind(String scheme, Sockets.Type type, Links links) {
    }

    /// Makes links.
    interface Links {
        /// A link over a connection.
        ///
        /// @param socket non-blocking if it is a Unix one; closed with the link, and the caller's if this fails
        PeerLink over(Fd socket) throws IOException;
    }

    /// Reads a URL.
    ///
    /// @param kind what the scheme stands for
    /// @param url of that scheme
    /// @throws IOException with one line that names the value at fault
    static SocketPlan parse(Kind kind, LinkUrl url) throws IOException {
        return of(kind, url, LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "client", "server", "guests=",
                "mode=", "group=").once());
    }

    /// The same where the scheme has options of its own.
    ///
    /// @param kind what the scheme stands for
    /// @param url of that scheme
    /// @param options of the URL, in which those of all such schemes are known
    /// @throws IOException with one line that names the value at fault
    static SocketPlan of(Kind kind, LinkUrl url, LinkOptions options) throws IOException {
        String scheme = kind.scheme();
        String place = options.address();
        Matcher inet = INET.matcher(place);
        boolean isInet = kind.type() == Sockets.Type.STREAM && place.indexOf('/') < 0 && inet.matches();
        boolean client = options.has("client");
        if (place.isEmpty() || place.indexOf('\0') >= 0) {
            throw new IOException(scheme + ": '" + place + "' is no socket (PATH"
                    + (kind.type() == Sockets.Type.STREAM ? " or HOST:PORT)" : ")"));
        }
        if (client && options.has("server")) {
            throw new IOException(scheme + ": client and server in " + url.rest() + " (one of them)");
        }
        for (String ours : new String[] {"guests", "mode", "group"}) {
            if (options.value(ours).isPresent() && (client || isInet && !ours.equals("guests"))) {
                throw options.unfit(ours, client ? "not with client" : "of a path, not of " + place);
            }
        }
        SocketFile file = SocketFile.parse(scheme, place, options);
        return new SocketPlan(kind, place, isInet ? inet(scheme, inet) : path(scheme, place),
                client || isInet ? Optional.empty() : Optional.of(file), client, guests(options));
    }

    /// Opens what was asked for.
    ///
    /// @param host takes the links
    /// @throws IOException with one line that says what is refused
    LinkScheme.Attachment open(LinkHost host) throws IOException {
        if (client) {
            return SocketClient.open(this, host);
        }
        return SocketListener.open(new SocketListener.Place(listen(), guests, line -> host.log(this + ": " + line)),
                new LinkGuests(this, host));
    }

    /// Connects; may wait for a second.
    ///
    /// @return owned by the caller
    /// @throws LinuxException if nobody is there, or the kernel refuses
    Fd connect() throws LinuxException {
        Fd socket = open(!isInet());
        try {
            if (isInet()) {
                Sockets.timeout(socket, CONNECT_MS);
            }
            Sockets.connect(socket, address);
            if (isInet() && Sockets.localAddress(socket).toString().equals(address.toString())) {
                // the kernel chose the very port that nobody listens at: we would talk to ourselves
                throw new LinuxException("connect " + address, Errno.ECONNREFUSED.number());
            }
            return socket;
        } catch (LinuxException refusal) {
            socket.close();
            throw refusal;
        }
    }

    /// Makes a link over a connection.
    ///
    /// @param socket closed with the link, and also if this fails
    PeerLink link(Fd socket) throws IOException {
        try {
            if (isInet()) {
                try (InetSockets calls = new InetSockets()) {
                    calls.noDelay(socket.number());
                    calls.keepAlive(socket.number());
                }
            }
            return kind.links().over(socket);
        } catch (IOException refusal) {
            socket.close();
            throw refusal;
        }
    }

    /// How consoles show a link over a connection.
    LinkLabel label(Fd socket) {
        if (isInet()) {
            return new LinkLabel(kind.scheme(), place);
        }
        try {
            Sockets.Credentials peer = Sockets.peer(socket.number());
            return new LinkLabel(kind.scheme(), place + " pid=" + peer.pid() + " uid="
                    + Integer.toUnsignedString(peer.uid()));
        } catch (LinuxException gone) {
            return new LinkLabel(kind.scheme(), place);
        }
    }

    @Override
    public String toString() {
        return kind.scheme() + ": " + place;
    }

    private boolean isInet() {
        return address.family() != SocketAddress.UNIX_FAMILY;
    }

    private ListeningSocket listen() throws IOException {
        try {
            return file.isPresent() ? ListeningSocket.at(file.get(), kind.type()) : ListeningSocket.at(address);
        } catch (IOException refusal) {
            throw new IOException(kind.scheme() + ": " + refusal.getMessage(), refusal);
        }
    }

    private Fd open(boolean nonBlocking) throws LinuxException {
        return Sockets.open(kind.type(), address, nonBlocking);
    }

    private static SocketAddress inet(String scheme, Matcher form) throws IOException {
        int port = HostPort.port(scheme, form.group(2));
        if (port == 0) {
            throw new IOException(scheme + ": port=0 of " + form.group(1) + " (1 to " + HostPort.MAX_PORT + ")");
        }
        return SocketAddress.ofInet(HostPort.resolve(scheme, form.group(1), null), port);
    }

    private static SocketAddress path(String scheme, String path) throws IOException {
        try {
            return SocketAddress.ofPath(path);
        } catch (LinuxException refusal) {
            throw new IOException(scheme + ": " + refusal.getMessage(), refusal);
        }
    }

    /// How many guests there may be at a time.
    static int guests(LinkOptions options) throws IOException {
        String text = options.value("guests").orElse(Integer.toString(GUESTS));
        int number = text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
        if (number < 1 || number > MAX_GUESTS) {
            throw options.unfit("guests", "1 to " + MAX_GUESTS);
        }
        return number;
    }
}
