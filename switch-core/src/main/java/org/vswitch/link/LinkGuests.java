package org.vswitch.link;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.vswitch.linux.Fd;

/// The guests of a listening `qemu://`, `bess://` or `shm://`: each is a link of its own. What the first did that broke
/// the rules and was unplugged is told, what others did after it is not.
final class LinkGuests implements SocketListener.Guests {
    private final SocketPlan plan;
    private final LinkHost host;
    private final AtomicBoolean complained = new AtomicBoolean();

    /// Nobody yet.
    ///
    /// @param plan makes the links
    /// @param host takes them
    LinkGuests(SocketPlan plan, LinkHost host) {
        this.plan = plan;
        this.host = host;
    }

    @Override
    public SocketListener.Guest over(Fd connection) throws IOException {
        LinkLabel label = plan.label(connection);
        Guest guest = new Guest(plan.link(connection), label);
        try {
            guest.attachment = host.attach(guest.link, label, guest::leave);
        } catch (IOException refusal) {
            guest.link.close();
            throw refusal;
        }
        return guest;
    }

    private final class Guest implements SocketListener.Guest {
        private final PeerLink link;
        private final LinkLabel label;
        private long attachment;
        private boolean failed;
        private volatile boolean hasLeft;

        Guest(PeerLink link, LinkLabel label) {
            this.link = link;
            this.label = label;
        }

        /// On the control side.
        private void leave() {
            link.complaint().ifPresent(what -> {
                failed = true;
                if (!complained.getAndSet(true)) {
                    host.log(label.module() + ": " + label.description() + " " + what + ", and is unplugged");
                }
            });
            hasLeft = true;
        }

        @Override
        public boolean isOpen() {
            return !hasLeft;
        }

        @Override
        public boolean hasEnded() {
            return hasLeft;
        }

        @Override
        public boolean hasFailed() {
            return failed;
        }

        @Override
        public void close() {
            host.detach(attachment);
        }
    }
}
