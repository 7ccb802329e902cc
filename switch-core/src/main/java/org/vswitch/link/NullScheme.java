package org.vswitch.link;

import java.io.IOException;

/// `null://`: a port that swallows everything.
public final class NullScheme implements LinkScheme {
    /// The provider.
    public NullScheme() {
    }

    @Override
    public String name() {
        return "null";
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        if (!url.rest().isEmpty()) {
            throw new IOException("null: " + url.rest() + " (nothing stands behind null://)");
        }
        return SingleLink.attach(new NullLink(), new LinkLabel("null", url.toString()), host);
    }
}
