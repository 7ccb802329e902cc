package org.vswitch.link;

import java.io.IOException;

/// `tap://NAME[OPTION,...]`: a tap interface, for which the process needs CAP_NET_ADMIN. Without a name the kernel
/// chooses one.
///
/// An interface that does not exist comes into being, and goes with the link unless it is or was made persistent.
public final class TapScheme implements LinkScheme {
    /// The provider.
    public TapScheme() {
    }

    @Override
    public String name() {
        return "tap";
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        TapLink link = TapOptions.parse(url).open();
        return SingleLink.attach(link, new LinkLabel("tuntap", link.name()), host);
    }
}
