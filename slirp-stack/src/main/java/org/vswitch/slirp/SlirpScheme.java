package org.vswitch.slirp;

import java.io.IOException;
import java.util.Optional;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkOptions;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.link.SingleLink;
import org.vswitch.slirp.host.LinuxHostNetwork;

/// `slirp://`: a router to the host's network, for everybody on the switch.
public final class SlirpScheme implements LinkScheme {
    /// The provider.
    public SlirpScheme() {
    }

    @Override
    public String name() {
        return "slirp";
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.VDE_SLASHES, "host-loopback=", "mtu=");
        SlirpConfig config = SlirpConfig.usual();
        Optional<String> loopback = options.value("host-loopback");
        if (loopback.isPresent()) {
            config = config.withHostAllowed(loopback.get().equals("allow"));
        }
        if (options.value("mtu").isPresent()) {
            config = config.withMtu(Integer.parseInt(options.value("mtu").get()));
        }
        return SingleLink.attach(new SlirpLink(config, new LinuxHostNetwork()), new LinkLabel("slirp", url.toString()),
                host);
    }
}
