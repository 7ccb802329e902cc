package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;

/// `unixgram://PATH[guests=N,mode=MODE,group=GROUP]`: guests by datagrams to one Unix socket, each from a name of its
/// own ([UnixgramListener]): vfkit, krunkit, libkrun's unixgram, and QEMU's `-netdev dgram`.
public final class UnixgramScheme implements LinkScheme {
    private static final String NAME = "unixgram";

    /// The provider.
    public UnixgramScheme() {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "guests=", "mode=", "group=").once();
        String path = options.address();
        if (path.isEmpty() || path.indexOf('\0') >= 0) {
            throw new IOException(NAME + ": '" + path + "' is no socket (PATH)");
        }
        try {
            SocketAddress.ofPath(path + UnixgramListener.NEXT);
        } catch (LinuxException tooLong) {
            throw new IOException(NAME + ": " + tooLong.getMessage(), tooLong);
        }
        return UnixgramListener.open(SocketFile.parse(NAME, path, options), SocketPlan.guests(options), host);
    }
}
