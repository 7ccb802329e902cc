package org.vswitch.plug.impair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.link.Link;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;

class ImpairSchemeTest {
    private final List<Link> attached = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();

    @Test
    void shouldReadEveryOption() throws IOException {
        ImpairOptions options = parse("vde:///tmp/vnet0[loss=1%,burst=4,delay=20ms,jitter=2.5ms,reorder=0.5%,"
                + "duplicate=10%,rate=10mbit,queue=500,seed=7]");
        assertEquals(LinkUrl.parse("vde:///tmp/vnet0"), options.inner());
        Impairment expected = new Impairment(Loss.bursts(0.01, 4), new Delay(20_000_000, 2_500_000, 0.005), 0.1,
                10_000_000, 500, 7);
        assertEquals(expected, options.outgoing());
        assertEquals(expected.withSeed(~7), options.incoming());
    }

    @Test
    void shouldReadUnits() throws IOException {
        assertEquals(1, parse("x[delay=1ns]").outgoing().delay().ns());
        assertEquals(1_500, parse("x[delay=1.5us]").outgoing().delay().ns());
        assertEquals(2_000_000_000, parse("x[delay=2s]").outgoing().delay().ns());
        assertEquals(1_000, parse("x[rate=1000bit]").outgoing().rate());
        assertEquals(64_000, parse("x[rate=64kbit]").outgoing().rate());
        assertEquals(2_500_000_000L, parse("x[rate=2.5gbit]").outgoing().rate());
        assertEquals(Loss.independent(0.00001), parse("x[loss=0.001%]").outgoing().loss());
    }

    @Test
    void shouldImpairOneWayOnly() throws IOException {
        ImpairOptions in = parse("x[way=in,loss=1%]");
        assertTrue(in.outgoing().isNone());
        assertEquals(Loss.independent(0.01), in.incoming().loss());
        ImpairOptions out = parse("x[way=out,loss=1%]");
        assertTrue(out.incoming().isNone());
        assertEquals(Loss.independent(0.01), out.outgoing().loss());
    }

    @Test
    void shouldTakeAnInnerUrlWithBracketsInQuotes() throws IOException {
        assertEquals(LinkUrl.parse("vde:///tmp/vnet0[5]"), parse("'vde:///tmp/vnet0[5]'[loss=1%]").inner());
        assertEquals(LinkUrl.parse("udp://7000->[::1]:7000"), parse("\"udp://7000->[::1]:7000\"[loss=1%]").inner());
        assertTrue(parse("null://").outgoing().isNone());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "x[lose=1%];            impair: unknown option lose (known: loss=, burst=, delay=, jitter=, reorder=, "
                + "duplicate=, rate=, queue=, seed=, way=)",
        "x[loss=1];             impair: loss=1 (a number with %)",
        "x[loss=101%];          impair: loss=101% (0% to 100%)",
        "x[reorder=200%];       impair: reorder=200% (0% to 100%)",
        "x[duplicate=100.5%];   impair: duplicate=100.5% (0% to 100%)",
        "x[loss=1%/delay=2ms];  impair: loss=1%/delay=2ms (a number with %) (options are separated by , here)",
        "x[l=1%];               impair: unknown option l (known: loss=, burst=, delay=, jitter=, reorder=, "
                + "duplicate=, rate=, queue=, seed=, way=)",
        "x[loss=50%,burst=0.1]; impair: burst=0.1 (1 or more)",
        "x[delay=5];            impair: delay=5 (a number with ms, ns, s, us)",
        "x[delay=-5ms];         impair: delay=-5ms (a number with ms, ns, s, us)",
        "x[delay=0.5ns];        impair: delay=0.5ns (too fine)",
        "x[delay=61s];          impair: delay=61s (0 to 60000000000ns)",
        "x[jitter=2ms];         impair: jitter=2ms (0 to the delay, which is 0ns)",
        "x[reorder=5%];         impair: reorder=5% (needs a delay to overtake)",
        "x[rate=10mbps];        impair: rate=10mbps (a number with bit, gbit, kbit, mbit)",
        "x[rate=1bit];          impair: rate=1bit (1000 to 1000000000000 bit/s)",
        "x[queue=0];            impair: queue=0 (1 to 65536)",
        "x[queue=99999999999];  impair: queue=99999999999 (1 to 65536)",
        "x[seed=abc];           impair: seed=abc (a number)",
        "x[way=up];             impair: way=up (in, out or both)",
        "x[burst=0,loss=1%];    impair: burst=0 (1 or more)"})
    void shouldRefuse(String rest, String message) {
        assertEquals(message, assertThrows(IOException.class, () -> parse(rest)).getMessage());
    }

    @Test
    void shouldImpairWhatTheInnerSchemeAttaches() throws IOException {
        LinkUrl url = LinkUrl.parse("impair://null://[loss=100%]");
        LinkScheme.of(url).open(url, new Host(false));
        ImpairedLink link = assertInstanceOf(ImpairedLink.class, attached.getFirst());
        assertEquals(List.of("impair null impair://null://[loss=100%]"), labels);
        link.now(0);
        new Station().send(link, 100, 101);
        assertEquals(2, link.outgoing().lost(org.vswitch.frame.Drop.IMPAIRED));
        link.close();
    }

    @Test
    void shouldNestForTwoDifferentWays() throws IOException {
        LinkUrl url = LinkUrl.parse("impair://'impair://null://[way=out,delay=20ms]'[way=in,loss=1%]");
        LinkScheme.of(url).open(url, new Host(false));
        assertEquals(List.of("impair null " + url), labels);
        ImpairedLink link = assertInstanceOf(ImpairedLink.class, attached.getFirst());
        link.now(0);
        new Station().send(link, 100);
        assertEquals(20_000_000, link.deadlineNs());
        link.close();
    }

    @Test
    void shouldSayWhoRefused() {
        LinkUrl refused = LinkUrl.parse("impair://null://[loss=1%]");
        assertEquals("no port", assertThrows(IOException.class,
                () -> LinkScheme.of(refused).open(refused, new Host(true))).getMessage());
        LinkUrl unknown = LinkUrl.parse("impair://nosuch://x[loss=1%]");
        assertTrue(assertThrows(IOException.class, () -> LinkScheme.of(unknown).open(unknown, new Host(false)))
                .getMessage().startsWith("unknown scheme nosuch"));
    }

    private static ImpairOptions parse(String rest) throws IOException {
        return ImpairOptions.parse(new LinkUrl("impair", rest));
    }

    private final class Host implements LinkHost {
        private final boolean refuses;

        Host(boolean refuses) {
            this.refuses = refuses;
        }

        @Override
        public long attach(Link link, LinkLabel label, Runnable onDetached) throws IOException {
            if (refuses) {
                throw new IOException("no port");
            }
            attached.add(link);
            labels.add(label.module() + " " + label.description());
            return attached.size();
        }

        @Override
        public void detach(long attachment) {
            attached.remove((int) attachment - 1);
        }

        @Override
        public String program() {
            return "test";
        }

        @Override
        public void log(String message) {
            throw new AssertionError(message);
        }
    }
}
