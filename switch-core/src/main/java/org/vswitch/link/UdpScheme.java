package org.vswitch.link;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.linux.Fd;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// `udp://[SRC:]SPORT->DST:DPORT`: each frame is a UDP datagram to DST, without header or authentication, as
/// libvdeplug's module of that name has it. Frames are received from anybody. An IPv6 address stands in brackets.
public final class UdpScheme implements LinkScheme {
    private static final String HOST = "(\\[[^\\]]+\\]|[^:\\[\\]]+)";
    private static final Pattern FORM = Pattern.compile("(?:" + HOST + ":)?(\\d{1,5})->" + HOST + ":(\\d{1,5})");
    private static final int MAX_PORT = 65_535;
    // 65,535 less the headers that IP's length field covers: IPv6's counts no header of its own
    private static final int MAX_FRAME_V4 = 65_507;
    private static final int MAX_FRAME_V6 = 65_527;

    /// The provider.
    public UdpScheme() {
    }

    @Override
    public String name() {
        return "udp";
    }

    @Override
    public boolean isUplink(LinkUrl url) {
        return true;
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        Matcher form = FORM.matcher(url.rest());
        if (!form.matches()) {
            throw new IOException("udp: " + url.rest() + " is not [SRC:]SPORT->DST:DPORT");
        }
        InetAddress destination = resolve(form.group(3), null);
        InetAddress source = form.group(1) == null ? wildcard(destination) : resolve(form.group(1), destination);
        SocketAddress own = SocketAddress.ofInet(source, port(form.group(2)));
        int peerPort = port(form.group(4));
        if (peerPort == 0) {
            throw new IOException("udp: port=0 of " + form.group(3) + " (1 to " + MAX_PORT + ")");
        }
        SocketAddress peer = SocketAddress.ofInet(destination, peerPort);
        int maxFrame = destination instanceof Inet4Address ? MAX_FRAME_V4 : MAX_FRAME_V6;
        return SingleLink.attach(link(own, peer, maxFrame), new LinkLabel("udp", url.rest()), host);
    }

    private static Link link(SocketAddress own, SocketAddress peer, int maxFrame) throws IOException {
        Fd socket = Sockets.openUdp(own);
        try {
            Sockets.bind(socket, own);
            Sockets.receiveBuffer(socket, LinkFeatures.MAX_BUFFERED);
            return DatagramLink.buffered(socket, maxFrame, new MessageBatch.Destination(peer));
        } catch (IOException failure) {
            socket.close();
            throw new IOException("udp: " + failure.getMessage(), failure);
        }
    }

    /// The first address of a host, of the family of another one if that is given.
    private static InetAddress resolve(String text, InetAddress like) throws IOException {
        String host = text.startsWith("[") ? text.substring(1, text.length() - 1) : text;
        try {
            for (InetAddress candidate : InetAddress.getAllByName(host)) {
                if (like == null || candidate.getClass() == like.getClass()) {
                    return candidate;
                }
            }
        } catch (UnknownHostException unknown) {
            throw new IOException("udp: unknown host " + host, unknown);
        }
        throw new IOException("udp: " + host + " has no address of the family of " + like.getHostAddress());
    }

    private static InetAddress wildcard(InetAddress like) {
        return like instanceof Inet4Address ? Inet4Address.ofLiteral("0.0.0.0") : Inet6Address.ofLiteral("::");
    }

    private static int port(String digits) throws IOException {
        int port = Integer.parseInt(digits);
        if (port > MAX_PORT) {
            throw new IOException("udp: port=" + digits + " (at most " + MAX_PORT + ")");
        }
        return port;
    }
}
