package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.Sockets;

/// `shm://PATH[OPTION,...]`: another process of ours through shared memory ([ShmLink]): a switch, a cable, a program
/// that embeds one. We listen, and every connection is a port; with `client` we connect, and again whenever the other
/// side is there.
public final class ShmScheme implements LinkScheme {
    private static final String NAME = "shm";

    /// The provider.
    public ShmScheme() {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "client", "server", "guests=",
                "mode=", "group=", "offload=").once();
        Offload offload = InterfaceValues.offload(options);
        SocketPlan.Links links = options.has("client")
                ? socket -> ShmHandshake.join(socket, offload) : socket -> ShmHandshake.offer(socket, offload);
        return SocketPlan.of(new SocketPlan.Kind(NAME, Sockets.Type.SEQPACKET, links), url, options).open(host);
    }
}
