package org.vswitch.link;

import java.io.IOException;

/// `tap://NAME[OPTION,...]`: a tap interface, for which the process needs CAP_NET_ADMIN, or with `netns=` to be
/// that of a user who is root there. Without a name the kernel chooses one.
///
/// An interface that does not exist comes into being, and goes with the link unless it is or was made persistent.
/// With `netns=` it lies in another network namespace, and the link ends with it. Otherwise, when somebody deletes it,
/// the port waits until there is one of that name again. With `bridge=` it is a port of a bridge of the kernel's.
public final class TapScheme implements LinkScheme {
    /// The provider.
    public TapScheme() {
    }

    @Override
    public String name() {
        return "tap";
    }

    @Override
    public boolean isUplink(LinkUrl url) {
        try {
            return TapOptions.parse(url).isUplink();
        } catch (IOException notOne) {
            return false;
        }
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        return TapAttachment.open(TapOptions.parse(url), host);
    }
}
