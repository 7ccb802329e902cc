package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.Fd;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.Sockets;

/// `udp://[SRC:]SPORT->DST:DPORT`: each frame is a UDP datagram to DST, without header or authentication, as
/// libvdeplug's module of that name has it. Frames are received from anybody; `dgram://` receives them from DST alone.
/// An IPv6 address stands in brackets.
public final class UdpScheme implements LinkScheme {
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
        UdpPair pair = UdpPair.parse("udp", url.rest());
        return SingleLink.attach(link(pair), new LinkLabel("udp", url.rest()), host);
    }

    private static Link link(UdpPair pair) throws IOException {
        Fd socket = Sockets.openUdp(pair.own());
        try {
            Sockets.bind(socket, pair.own());
            Sockets.receiveBuffer(socket, LinkFeatures.MAX_BUFFERED);
            return DatagramLink.buffered(socket, pair.maxFrame(), new MessageBatch.Destination(pair.peer()));
        } catch (IOException failure) {
            socket.close();
            throw new IOException("udp: " + failure.getMessage(), failure);
        }
    }
}
