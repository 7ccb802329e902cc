package org.vswitch.slirp;

import java.io.IOException;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.link.SingleLink;
import org.vswitch.slirp.host.LinuxHostNetwork;

/// `slirp://`: a router to the host's network, for everybody on the switch; [SlirpOptions] has its options.
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
        SlirpOptions options = SlirpOptions.of(url);
        SlirpConfig config = options.config();
        if (options.verbose()) {
            host.log("slirp: " + config);
        }
        ResolvConfFile servers = new ResolvConfFile(options.resolvConf());
        servers.conf().skipped().forEach(skipped -> host.log("slirp: nameserver " + skipped));
        SlirpLink link = new SlirpLink(config, new LinuxHostNetwork(), servers);
        return SingleLink.attach(link, new LinkLabel("slirp", url.toString()), host);
    }
}
