package org.vswitch.link;

import java.io.IOException;

/// The attachment of a URL that stands for one link: it lives until it is withdrawn or ends by itself, and then for
/// good.
public final class SingleLink implements LinkScheme.Attachment {
    private final LinkHost host;
    private final long id;

    private SingleLink(LinkHost host, long id) {
        this.host = host;
        this.id = id;
    }

    /// Attaches a link.
    ///
    /// @param link the host's from now on; closed if the host refuses it
    /// @param label how consoles show it
    /// @param host takes it
    /// @return to be closed when the URL is withdrawn
    /// @throws IOException if the host refuses
    public static SingleLink attach(Link link, LinkLabel label, LinkHost host) throws IOException {
        return attach(link, label, host, () -> { });
    }

    /// Attaches a link that leaves something to be done.
    ///
    /// @param link as above
    /// @param label as above
    /// @param host as above
    /// @param onDetached run once, on the control side, after the link was closed, also if the host refuses it
    /// @return as above
    /// @throws IOException if the host refuses
    static SingleLink attach(Link link, LinkLabel label, LinkHost host, Runnable onDetached) throws IOException {
        try {
            return new SingleLink(host, host.attach(link, label, () -> {
                onDetached.run();
                host.ended();
            }));
        } catch (IOException refusal) {
            link.close();
            onDetached.run();
            throw refusal;
        }
    }

    @Override
    public void close() {
        host.detach(id);
    }
}
