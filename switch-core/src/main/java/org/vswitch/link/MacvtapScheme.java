package org.vswitch.link;

import java.io.IOException;

/// `macvtap://NAME[OPTION,...]`: an interface that stands on a network card, with the LAN behind it. One that exists,
/// or with `on=` one that is made on that card, and goes with the link.
public final class MacvtapScheme implements LinkScheme {
    /// The provider.
    public MacvtapScheme() {
    }

    @Override
    public String name() {
        return "macvtap";
    }

    @Override
    public boolean isUplink(LinkUrl url) {
        return true;
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        return TapAttachment.open(MacvtapOptions.parse(url), host);
    }
}
