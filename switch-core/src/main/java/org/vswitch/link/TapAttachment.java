package org.vswitch.link;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinkEvents;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;

/// What a `tap://` or `macvtap://` URL attaches: the interface, and while that is gone, what waits for it.
///
/// Who deletes the interface has a reason: it is not made again, but when somebody else does, the link is back. In
/// another namespace nothing waits: most likely that has gone as well, and to listen there would keep it alive. Nor
/// does anything for a broker's: nobody but the broker makes one.
///
/// Links follow each other on the control side, while another thread may close this: whichever of the two comes last
/// sees what the other has written, and detaches what is attached by then.
final class TapAttachment implements LinkScheme.Attachment {
    private final InterfacePlan plan;
    private final LinkHost host;
    private volatile long current;
    private volatile boolean closed;

    private TapAttachment(InterfacePlan plan, LinkHost host) {
        this.plan = plan;
        this.host = host;
    }

    /// Attaches an interface.
    ///
    /// @param plan of the interface
    /// @param host takes its links
    /// @throws IOException with one line about what is refused
    static TapAttachment open(InterfacePlan plan, LinkHost host) throws IOException {
        TapPort link = plan.open(host::log);
        TapAttachment attachment = new TapAttachment(plan.after(link), host);
        attachment.attach(link);
        return attachment;
    }

    @Override
    public void close() {
        closed = true;
        host.detach(current);
    }

    private void attach(TapPort link) throws IOException {
        try {
            long attached = attach(link, plan.description(), () -> {
                link.dispose();
                if (link.hasEnded()) {
                    host.log(plan.words().kind() + ": " + plan.description() + " has gone");
                    if (plan.waits()) {
                        lookAgain();
                    } else {
                        host.ended();
                    }
                }
            });
            link.watch(() -> host.detach(attached));
        } catch (IOException refusal) {
            link.dispose();
            throw refusal;
        }
    }

    private long attach(Link link, String description, Runnable onDetached) throws IOException {
        CompletableFuture<Void> noted = new CompletableFuture<>();
        try {
            current = host.attach(link, new LinkLabel(plan.words().label(), description), () -> {
                noted.join();
                onDetached.run();
            });
        } catch (IOException refusal) {
            link.close();
            throw refusal;
        }
        long attached = current;
        noted.complete(null);
        if (closed) {
            host.detach(attached);
        }
        return attached;
    }

    /// Takes the interface if it is there, or waits for it. Listens first, so that its coming is not missed.
    private void lookAgain() {
        if (closed) {
            return;
        }
        try {
            LinkEvents events = LinkEvents.open();
            boolean busy = false;
            try {
                if (NetworkDevice.exists(plan.required())) {
                    attach(plan.open(host::log));
                    events.close();
                    host.log(plan.words().kind() + ": " + plan.description() + " is back");
                    return;
                }
            } catch (LinuxException refusal) {
                busy = refusal.is(Errno.EBUSY);
                if (!busy) {
                    host.log(refusal.getMessage());
                }
            }
            String required = plan.required();
            AwaitedTap awaited = new AwaitedTap(required, events, busy);
            String why = required.equals(plan.description()) ? " (gone)" : " (" + required + " gone)";
            attach(awaited, plan.description() + why, () -> {
                if (awaited.hasEnded()) {
                    lookAgain();
                }
            });
        } catch (IOException refusal) {
            host.log(refusal.getMessage());
        }
    }
}
