package org.vswitch.link;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinkEvents;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;

/// What a `tap://` URL attaches: the tap, and while its interface is gone, what waits for it.
///
/// Who deletes the interface has a reason: it is not made again, but when somebody else does, the link is back. In
/// another namespace nothing waits: most likely that has gone as well, and to listen there would keep it alive. Nor
/// does anything for a broker's: nobody but the broker makes one.
///
/// Links follow each other on the control side, while another thread may close this: whichever of the two comes last
/// sees what the other has written, and detaches what is attached by then.
final class TapAttachment implements LinkScheme.Attachment {
    private final TapOptions options;
    private final LinkHost host;
    private volatile long current;
    private volatile boolean closed;

    private TapAttachment(TapOptions options, LinkHost host) {
        this.options = options;
        this.host = host;
    }

    /// Attaches a tap.
    ///
    /// @param options of the tap
    /// @param host takes its links
    /// @throws IOException with one line about what is refused
    static TapAttachment open(TapOptions options, LinkHost host) throws IOException {
        TapPort link = options.open();
        TapAttachment attachment = new TapAttachment(
                options.waits() ? options.withName(link.name()) : options, host);
        attachment.attach(link);
        return attachment;
    }

    @Override
    public void close() {
        closed = true;
        host.detach(current);
    }

    private void attach(TapPort link) throws IOException {
        String description = options.name() + options.netns().map(where -> " netns=" + where).orElse("");
        attach(link, description, () -> {
            if (link.hasEnded()) {
                host.log("tap: " + description + " has gone");
                if (options.waits()) {
                    lookAgain();
                }
            }
        });
    }

    private void attach(Link link, String description, Runnable onDetached) throws IOException {
        CompletableFuture<Void> noted = new CompletableFuture<>();
        try {
            current = host.attach(link, new LinkLabel("tuntap", description), () -> {
                noted.join();
                onDetached.run();
            });
        } catch (IOException refusal) {
            link.close();
            throw refusal;
        }
        noted.complete(null);
        if (closed) {
            host.detach(current);
        }
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
                if (NetworkDevice.exists(options.name())) {
                    attach(options.open());
                    events.close();
                    host.log("tap: " + options.name() + " is back");
                    return;
                }
            } catch (LinuxException refusal) {
                busy = refusal.is(Errno.EBUSY);
                if (!busy) {
                    host.log(refusal.getMessage());
                }
            }
            String missing = options.awaited();
            AwaitedTap awaited = new AwaitedTap(missing, events, busy);
            String why = missing.equals(options.name()) ? " (gone)" : " (" + missing + " gone)";
            attach(awaited, options.name() + why, () -> {
                if (awaited.hasEnded()) {
                    lookAgain();
                }
            });
        } catch (IOException refusal) {
            host.log(refusal.getMessage());
        }
    }
}
