package org.vswitch.link;

import java.io.IOException;
import java.util.Optional;

/// `vde://[CTLDIR][[PORT/group=GROUP/mode=MODE/sockets]]`: a plug of another VDE switch, which need not know that it is
/// cabled to a switch. Without CTLDIR it is /var/run/vde.ctl or /tmp/vde.ctl. If that switch is one of ours, frames go
/// through shared memory, unless `sockets` forbids it. The link ends when the other switch does; a host that keeps its
/// place gets another one when there is a switch again.
public final class VdeScheme implements LinkScheme {
    /// The provider.
    public VdeScheme() {
    }

    @Override
    public String name() {
        return "vde";
    }

    @Override
    public boolean isUplink(LinkUrl url) {
        return true;
    }

    @Override
    public Optional<String> anyPortOf(LinkUrl url) {
        try {
            return VdeNetwork.parse(url).anyPortOf();
        } catch (IOException notOne) {
            return Optional.empty();
        }
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        return VdeAttachment.open(url, host);
    }
}
