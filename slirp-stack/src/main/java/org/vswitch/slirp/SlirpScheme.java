package org.vswitch.slirp;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.vswitch.engine.ThreadedLink;
import org.vswitch.link.Link;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.link.SingleLink;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.LinuxHostNetwork;
import org.vswitch.slirp.policy.Reach;

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
    public Optional<String> clash(LinkUrl url, LinkUrl other) {
        try {
            return SlirpOptions.of(url).config().clash(SlirpOptions.of(other).config());
        } catch (IOException invalid) {
            return Optional.empty();
        }
    }

    @Override
    public boolean isUplink(LinkUrl url) {
        return true;
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        SlirpOptions options = SlirpOptions.of(url);
        SlirpConfig config = options.config();
        boolean isThreadOwn = options.isThreadOwn();
        Path resolvConf = options.resolvConf();
        ResolvConfFile servers = new ResolvConfFile(resolvConf);
        servers.conf().skipped().forEach(skipped -> host.log("slirp: nameserver " + skipped));
        LinuxHostNetwork network = new LinuxHostNetwork();
        if (options.verbose()) {
            host.log("slirp: " + config.describe(network.mostSockets()));
            if (servers.conf().servers().isEmpty()) {
                host.log("slirp: guests can look up no names: " + resolvConf + " lists no name server");
            }
            if (config.options().reach() != Reach.ROUTER_ONLY) {
                host.log("slirp: " + pings(network));
            }
        }
        SlirpLink router = new SlirpLink(config, network, servers);
        Link link = isThreadOwn ? onItsOwnThread(router) : router;
        return SingleLink.attach(link, new LinkLabel("slirp", url.toString()), host);
    }

    /// Whether guests can ping the outside, in words for a person.
    static String pings(HostNetwork network) {
        return mayPing(network) ? "guests can ping the outside"
                : "guests cannot ping the outside: this user is not in net.ipv4.ping_group_range";
    }

    private static boolean mayPing(HostNetwork network) {
        int socket = network.openPing(true, 0);
        if (socket >= 0) {
            network.close(socket);
        }
        return socket != -Errno.EACCES.number();
    }

    private static Link onItsOwnThread(SlirpLink router) throws IOException {
        try {
            return ThreadedLink.start(router, "router");
        } catch (IOException refused) {
            router.close();
            throw refused;
        }
    }
}
