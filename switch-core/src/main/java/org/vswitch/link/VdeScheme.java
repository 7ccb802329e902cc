package org.vswitch.link;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.FrameSlab;

/// `vde://[CTLDIR][[PORT/group=GROUP/mode=MODE]]`: a plug of another VDE switch, which need not know that it is cabled
/// to a switch. Without CTLDIR it is /var/run/vde.ctl or /tmp/vde.ctl. The link ends when the other switch does.
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
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        VdePlug plug = VdePlug.connect(VdeNetwork.parse(url), description(host.program()));
        CompletableFuture<Long> attachment = new CompletableFuture<>();
        CtlWatch watch = CtlWatch.start(plug.control(), () -> attachment.thenAccept(host::detach));
        try {
            DatagramLink link = DatagramLink.buffered(plug.data(), FrameSlab.MAX_FRAME, null);
            attachment.complete(host.attach(link, new LinkLabel("vde", url.toString()), () -> {
                watch.stop();
                host.ended();
            }));
            return () -> attachment.thenAccept(host::detach);
        } catch (IOException failure) {
            plug.data().close();
            watch.stop();
            throw failure;
        }
    }

    /// What the other switch shows of us, in the form of libvdeplug.
    private static String description(String program) {
        String ssh = System.getenv("SSH_CLIENT");
        String from = ssh == null || ssh.isBlank() ? "" : " SSH=" + ssh.strip().split("\\s+")[0];
        return program + ": user=" + System.getProperty("user.name") + " pid=" + ProcessHandle.current().pid() + from;
    }
}
