package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.Sockets;

/// `bess://PATH[OPTION,...]`: guests by packets on a connection ([SeqpacketLink]): User Mode Linux with
/// `vecN:transport=bess,dst=PATH`. We listen, and every connection is a port; with `client` we connect, as to gvproxy
/// or slirp4netns, and again whenever the other side is there.
public final class BessScheme implements LinkScheme {
    private static final SocketPlan.Kind KIND =
            new SocketPlan.Kind("bess", Sockets.Type.SEQPACKET, SeqpacketLink::buffered);

    /// The provider.
    public BessScheme() {
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
