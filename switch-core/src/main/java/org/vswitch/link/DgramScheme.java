package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// `dgram://OWN->PEER[mode=MODE,group=GROUP]`: one guest by datagrams between two Unix sockets with names, ours and the
/// guest's, as of QEMU's `-netdev dgram` ([DgramLink]). `dgram://[SRC:]SPORT->DST:DPORT`: the same by UDP, as of
/// libvirt's `<interface type='udp'>`, GNS3 and VirtualBox; as `udp://`, but nobody else than DST is heard.
public final class DgramScheme implements LinkScheme {
    private static final String NAME = "dgram";
    private static final String ARROW = "->";

    /// The provider.
    public DgramScheme() {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        LinkLabel label = new LinkLabel(NAME, url.rest());
        if (UdpPair.isOne(url.rest())) {
            return SingleLink.attach(udp(UdpPair.parse(NAME, url.rest())), label, host);
        }
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "mode=", "group=").once();
        String[] ends = options.address().split(ARROW, -1);
        if (ends.length != 2 || ends[0].isEmpty() || ends[1].isEmpty() || options.address().indexOf('\0') >= 0) {
            throw new IOException(NAME + ": '" + options.address() + "' is neither OWN->PEER nor"
                    + " [SRC:]SPORT->DST:DPORT");
        }
        if (ends[0].equals(ends[1])) {
            throw new IOException(NAME + ": both ends are " + ends[0]);
        }
        SocketFile file = SocketFile.parse(NAME, ends[0], options);
        return SingleLink.attach(unix(file, ends[1]), label, host, file::remove);
    }

    private static Link udp(UdpPair pair) throws IOException {
        Fd socket = Sockets.openUdp(pair.own());
        try {
            Sockets.bind(socket, pair.own());
            Sockets.connect(socket, pair.peer());
            Sockets.receiveBuffer(socket, LinkFeatures.MAX_BUFFERED);
            return DatagramLink.buffered(socket, pair.maxFrame(), null);
        } catch (IOException failure) {
            socket.close();
            throw new IOException(NAME + ": " + failure.getMessage(), failure);
        }
    }

    private static Link unix(SocketFile file, String peer) throws IOException {
        Fd socket = null;
        MessageBatch.Destination destination = null;
        boolean bound = false;
        try {
            destination = new MessageBatch.Destination(SocketAddress.ofPath(peer));
            socket = Sockets.open(Sockets.Type.DATAGRAM, true);
            file.bind(socket, Sockets.Type.DATAGRAM);
            bound = true;
            return DgramLink.buffered(socket, destination, false);
        } catch (IOException failure) {
            if (bound) {
                file.remove();
            }
            if (socket != null) {
                socket.close();
            }
            if (destination != null) {
                destination.close();
            }
            throw new IOException(NAME + ": " + failure.getMessage(), failure);
        }
    }
}
