package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.Sockets;

/// `qemu://PATH[OPTION,...]` or `qemu://HOST:PORT[...]`: guests by the byte streams of QEMU's `-netdev stream` and
/// `socket` ([StreamLink]), which passt, Lima, libkrun and socket_vmnet speak as well. We listen, and every connection
/// is a port; with `client` we connect, as to a guest that listens or to passt, and again whenever it is there.
public final class QemuScheme implements LinkScheme {
    private static final SocketPlan.Kind KIND =
            new SocketPlan.Kind("qemu", Sockets.Type.STREAM, StreamLink::buffered);

    /// The provider.
    public QemuScheme() {
    }

    @Override
    public String name() {
        return KIND.scheme();
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        return SocketPlan.parse(KIND, url).open(host);
    }
}
