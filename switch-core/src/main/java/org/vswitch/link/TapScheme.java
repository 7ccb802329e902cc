package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.TunTap;
import org.vswitch.wire.VirtioNetHeader;

/// `tap://NAME`: a tap interface, for which the process needs CAP_NET_ADMIN. Without a name the kernel chooses one.
///
/// An interface that does not exist comes into being, and goes with the link unless somebody made it persistent.
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
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS);
        TunTap tap = TunTap.open(options.address(), VirtioNetHeader.LENGTH);
        TapLink link;
        try {
            link = new TapLink(tap);
        } catch (LinuxException failure) {
            tap.close();
            throw failure;
        }
        return SingleLink.attach(link, new LinkLabel("tuntap", tap.name()), host);
    }
}
