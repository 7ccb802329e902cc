package org.vswitch.plug.impair;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.link.LinkOptions;
import org.vswitch.link.LinkUrl;

/// The words of an `impair://` URL.
///
/// @param inner what is impaired
/// @param outgoing what happens to frames sent to it
/// @param incoming what happens to frames that come from it
record ImpairOptions(LinkUrl inner, Impairment outgoing, Impairment incoming) {
    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)([a-z%]*)");
    private static final Map<String, String> SHARES = Map.of("%", "0.01");
    private static final Map<String, String> TIMES =
            Map.of("ns", "1", "us", "1000", "ms", "1000000", "s", "1000000000");
    private static final Map<String, String> RATES =
            Map.of("bit", "1", "kbit", "1000", "mbit", "1000000", "gbit", "1000000000");
    private static final Map<String, String> COUNTS = Map.of("", "1");

    /// Reads a URL's rest.
    ///
    /// @throws IOException with one line that names the value at fault
    static ImpairOptions parse(LinkUrl url) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.BRACKETS, "loss=", "burst=", "delay=", "jitter=",
                "reorder=", "duplicate=", "rate=", "queue=", "seed=", "way=");
        try {
            Impairment both = impairment(options);
            String way = options.value("way").orElse("both");
            if (!way.equals("in") && !way.equals("out") && !way.equals("both")) {
                throw new IllegalArgumentException("way=" + way + " (in, out or both)");
            }
            // the ways are independent of each other: each has a seed of its own
            return new ImpairOptions(LinkUrl.parse(options.address()), way.equals("in") ? Impairment.NONE : both,
                    way.equals("out") ? Impairment.NONE : both.withSeed(~both.seed()));
        } catch (IllegalArgumentException unfit) {
            throw new IOException("impair: " + asGiven(unfit.getMessage(), options), unfit);
        }
    }

    /// What is wrong with an option, `NAME=VALUE (WHY)`, with the value as it was written instead of as it was read.
    private static String asGiven(String complaint, LinkOptions options) {
        int equals = complaint.indexOf('=');
        int why = complaint.indexOf(" (");
        Optional<String> given = equals < 0 || why < 0 ? Optional.empty()
                : options.value(complaint.substring(0, equals));
        return given.map(value -> complaint.substring(0, equals + 1) + value + complaint.substring(why)
                + options.hint(value)).orElse(complaint);
    }

    private static Impairment impairment(LinkOptions options) {
        double share = share(options, "loss");
        Loss loss = options.value("burst").isPresent()
                ? Loss.bursts(share, quantity(options, "burst", COUNTS).doubleValue()) : Loss.independent(share);
        Delay delay = new Delay(whole(options, "delay", TIMES), whole(options, "jitter", TIMES),
                share(options, "reorder"));
        Impairment impairment = Impairment.NONE.with(loss).with(delay)
                .withDuplicate(share(options, "duplicate"))
                .withRate(whole(options, "rate", RATES)).withSeed(whole(options, "seed", COUNTS));
        return options.value("queue").isEmpty() ? impairment : impairment.withQueueFrames(
                (int) Math.min(Integer.MAX_VALUE, whole(options, "queue", COUNTS)));
    }

    private static double share(LinkOptions options, String name) {
        BigDecimal share = quantity(options, name, SHARES);
        if (share.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException(name + "=" + share + " (0% to 100%)");
        }
        return share.doubleValue();
    }

    private static long whole(LinkOptions options, String name, Map<String, String> units) {
        try {
            return quantity(options, name, units).longValueExact();
        } catch (ArithmeticException fraction) {
            throw new IllegalArgumentException(name + "=" + options.value(name).orElseThrow() + " (too fine)",
                    fraction);
        }
    }

    /// A number with its unit, or 0 if the option was not given.
    private static BigDecimal quantity(LinkOptions options, String name, Map<String, String> units) {
        Optional<String> text = options.value(name);
        if (text.isEmpty()) {
            return BigDecimal.ZERO;
        }
        Matcher form = QUANTITY.matcher(text.get());
        if (!form.matches() || !units.containsKey(form.group(2))) {
            String wanted = units.equals(COUNTS) ? "a number"
                    : "a number with " + String.join(", ", units.keySet().stream().sorted().toList());
            throw new IllegalArgumentException(name + "=" + text.get() + " (" + wanted + ")");
        }
        return new BigDecimal(form.group(1)).multiply(new BigDecimal(units.get(form.group(2))));
    }
}
