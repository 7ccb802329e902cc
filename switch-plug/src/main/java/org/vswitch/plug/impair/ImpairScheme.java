package org.vswitch.plug.impair;

import java.io.IOException;
import java.util.Optional;
import org.vswitch.link.Link;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;

/// `impair://URL[OPTION,...]`: what another URL attaches, made worse, for example
/// `impair://vde:///tmp/vnet0[loss=1%,delay=20ms]`. A URL that has brackets itself stands in quotes.
///
/// Options: `loss=SHARE`, `burst=FRAMES` (mean length of bursts, in which all loss then comes), `delay=TIME`,
/// `jitter=TIME`, `reorder=SHARE`, `duplicate=SHARE`, `rate=RATE`, `queue=FRAMES` held at most, `seed=NUMBER`, and
/// `way=in`, `out` or `both`: frames that come from there, go there, or each of them. For two different ways, one such
/// URL stands within the other. Shares are in `%`, times in `ns`, `us`, `ms`, `s`, rates in `bit`, `kbit`, `mbit`,
/// `gbit` per second. The same seed gives the same decisions; without one it is 0.
public final class ImpairScheme implements LinkScheme {
    /// The provider.
    public ImpairScheme() {
    }

    @Override
    public String name() {
        return "impair";
    }

    @Override
    public boolean isUplink(LinkUrl url) {
        try {
            LinkUrl inner = ImpairOptions.parse(url).inner();
            return LinkScheme.of(inner).isUplink(inner);
        } catch (IOException notOne) {
            return false;
        }
    }

    @Override
    public Optional<String> anyPortOf(LinkUrl url) {
        try {
            LinkUrl inner = ImpairOptions.parse(url).inner();
            return LinkScheme.of(inner).anyPortOf(inner);
        } catch (IOException notOne) {
            return Optional.empty();
        }
    }

    @Override
    public Attachment open(LinkUrl url, LinkHost host) throws IOException {
        ImpairOptions options = ImpairOptions.parse(url);
        return LinkScheme.of(options.inner()).open(options.inner(), new Impairing(url, options, host));
    }

    /// Stands between the inner scheme and the host.
    private record Impairing(LinkUrl url, ImpairOptions options, LinkHost host) implements LinkHost {
        @Override
        public long attach(Link link, LinkLabel label, Runnable onDetached) throws IOException {
            ImpairedLink impaired = new ImpairedLink(link, options.outgoing(), options.incoming());
            try {
                return host.attach(impaired, new LinkLabel(name(label), url.toString()), onDetached);
            } catch (IOException refusal) {
                impaired.abandon();
                throw refusal;
            }
        }

        @Override
        public void detach(long attachment) {
            host.detach(attachment);
        }

        @Override
        public void ended() {
            host.ended();
        }

        @Override
        public boolean keepPlace() {
            return host.keepPlace();
        }

        @Override
        public String program() {
            return host.program();
        }

        @Override
        public void log(String message) {
            host.log(message);
        }

        private static String name(LinkLabel inner) {
            return inner.module().startsWith("impair ") ? inner.module() : "impair " + inner.module();
        }
    }
}
