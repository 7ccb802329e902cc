package org.vswitch.link.vhost;

import java.io.IOException;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;

/// `vhost-user://PATH[OPTION,...]`: a guest whose memory is shared with us, by the protocol that QEMU, Cloud
/// Hypervisor, crosvm and DPDK speak over a Unix socket.
///
/// We listen on PATH, or with `client` connect to it for as long as the URL is open. The front-end may come and go,
/// and so may the guest: the port stays. With `guests=` there are many of them, each with a port for as long as it is
/// there.
public final class VhostUserScheme implements LinkScheme {
    /// The provider.
    public VhostUserScheme() {
    }

    @Override
    public String name() {
        return "vhost-user";
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        VhostUserOptions options = VhostUserOptions.parse(url);
        return options.guests() == 0 ? VhostUserPort.open(options, host) : VhostUserPort.listenForMany(options, host);
    }
}
