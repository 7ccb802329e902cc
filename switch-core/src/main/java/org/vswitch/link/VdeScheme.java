package org.vswitch.link;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;

/// `vde://[CTLDIR][[PORT/group=GROUP/mode=MODE/sockets]]`: a plug of another VDE switch, which need not know that it is
/// cabled to a switch. Without CTLDIR it is /var/run/vde.ctl or /tmp/vde.ctl. If that switch is one of ours, frames go
/// through shared memory, unless `sockets` forbids it. The link ends when the other switch does.
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
        VdeNetwork network = VdeNetwork.parse(url);
        String description = description(host.program());
        Optional<VdeSharedPlug> shared = VdeSharedPlug.connect(network, description);
        if (shared.isPresent()) {
            ShmLink link = shared.get().link();
            return attach(new Plugged(shared.get().control(), link), url, host, () -> link.complaint().ifPresent(
                    what -> host.log("vde: " + url.rest() + " " + what + ", and is unplugged")));
        }
        VdePlug plug = VdePlug.connect(network, description);
        try {
            DatagramLink link = DatagramLink.buffered(plug.data(), FrameSlab.MAX_FRAME, null);
            return attach(new Plugged(plug.control(), link), url, host, () -> { });
        } catch (LinuxException failure) {
            plug.data().close();
            plug.control().close();
            throw failure;
        }
    }

    /// A connection whose end is the end of a link.
    private record Plugged(Fd control, Link link) {
    }

    private static Attachment attach(Plugged plug, LinkUrl url, LinkHost host, Runnable onDetached)
            throws IOException {
        CompletableFuture<Long> attachment = new CompletableFuture<>();
        CtlWatch watch = CtlWatch.start(plug.control(), () -> attachment.thenAccept(host::detach));
        try {
            attachment.complete(host.attach(plug.link(), new LinkLabel("vde", url.toString()), () -> {
                watch.stop();
                onDetached.run();
                host.ended();
            }));
            return () -> attachment.thenAccept(host::detach);
        } catch (IOException refusal) {
            plug.link().close();
            watch.stop();
            throw refusal;
        }
    }

    /// What the other switch shows of us, in the form of libvdeplug.
    private static String description(String program) {
        String ssh = System.getenv("SSH_CLIENT");
        String from = ssh == null || ssh.isBlank() ? "" : " SSH=" + ssh.strip().split("\\s+")[0];
        return program + ": user=" + System.getProperty("user.name") + " pid=" + ProcessHandle.current().pid() + from;
    }
}
