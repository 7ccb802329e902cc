package org.vswitch.guard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import org.vswitch.wire.MacAddress;

/// What a guard demands of a port, as somebody wrote it: words with `+` or blanks between them.
///
/// @param checks what is looked at
/// @param macs stations that may send
/// @param learnedMacs how many further stations may send: the first that do
/// @param addresses IP addresses that need no lease and no claim, single ones and networks
/// @param rates how much the port may send
public record GuardSettings(Set<Check> checks, List<Long> macs, int learnedMacs, List<AddressRange> addresses,
        GuardRates rates) {
    /// Nothing is looked at, and nothing is believed.
    public static final GuardSettings OFF =
            new GuardSettings(Set.of(), List.of(), 0, List.of(), GuardRates.NONE);
    /// Nothing is looked at, and what comes from the router and the DHCP server is believed.
    public static final GuardSettings TRUSTED =
            new GuardSettings(Set.of(Check.TRUSTED), List.of(), 0, List.of(), GuardRates.NONE);
    /// The most stations of a port, and the most IP addresses and networks that are written down for it.
    public static final int MAX_ADDRESSES = 64;

    /// The words, for who asks for them.
    public static final String KNOWN = "off, trusted, clean-traffic, mac=MAC, macs=N, ip, ip=ADDRESS[/BITS], arp, "
            + "dhcp, ra, bpdu, types, isolated, broadcast=N, unknown=N, rate=BITS";

    private static final String PROFILE = "clean-traffic";

    /// Immutable copies.
    public GuardSettings {
        checks = Set.copyOf(checks);
        macs = List.copyOf(macs);
        addresses = List.copyOf(addresses);
    }

    /// Reads settings.
    ///
    /// @param text for example `clean-traffic+isolated+broadcast=100`
    /// @return what it says
    /// @throws IOException with one line that names the word at fault
    public static GuardSettings parse(String text) throws IOException {
        List<String> words = List.of(text.strip().split("[+\\s]+"));
        if (words.equals(List.of("off"))) {
            return OFF;
        }
        if (words.equals(List.of(Check.TRUSTED.key()))) {
            return TRUSTED;
        }
        Reader reader = new Reader();
        for (String word : words) {
            reader.read(word);
        }
        return reader.settings();
    }

    /// Whether a check is switched on.
    ///
    /// @param check which
    /// @return true if it is
    public boolean has(Check check) {
        return checks.contains(check);
    }

    /// Whether frames are looked at.
    ///
    /// @return false for a port without guard, and for one that is trusted or only isolated
    public boolean isGuarding() {
        return checksMacs() || !rates.equals(GuardRates.NONE)
                || checks.stream().anyMatch(check -> check != Check.ISOLATED && check != Check.TRUSTED);
    }

    /// Whether only certain stations may send.
    ///
    /// @return true if any are named or learned
    public boolean checksMacs() {
        return learnedMacs > 0 || !macs.isEmpty();
    }

    /// The settings in full, as [#parse] reads them.
    @Override
    public String toString() {
        StringJoiner words = new StringJoiner("+");
        macs.forEach(mac -> words.add("mac=" + MacAddress.toText(mac)));
        if (learnedMacs > 0) {
            words.add("macs=" + learnedMacs);
        }
        for (Check check : Check.values()) {
            if (has(check) && (check != Check.IP || addresses.isEmpty())) {
                words.add(check.key());
            }
        }
        addresses.forEach(address -> words.add("ip=" + address));
        number(words, "broadcast", rates.broadcast());
        number(words, "unknown", rates.unknown());
        number(words, "rate", rates.bits());
        return words.length() == 0 ? "off" : words.toString();
    }

    private static void number(StringJoiner words, String name, long value) {
        if (value > 0) {
            words.add(name + "=" + value);
        }
    }

    /// Collects what the words say.
    private static final class Reader {
        private final Set<Check> checks = EnumSet.noneOf(Check.class);
        private final List<Long> macs = new ArrayList<>();
        private final List<AddressRange> addresses = new ArrayList<>();
        private int learned;
        private boolean profile;
        private long broadcast;
        private long unknown;
        private long bits;

        GuardSettings settings() throws IOException {
            if (profile && learned == 0 && macs.isEmpty()) {
                learned = 1;
            }
            if (macs.size() + learned > MAX_ADDRESSES || addresses.size() > MAX_ADDRESSES) {
                throw new IOException("guard: more than " + MAX_ADDRESSES + " addresses");
            }
            return new GuardSettings(checks, macs, learned, addresses, new GuardRates(broadcast, unknown, bits));
        }

        void read(String word) throws IOException {
            int equals = word.indexOf('=');
            if (equals < 0) {
                readBare(word);
                return;
            }
            String value = word.substring(equals + 1);
            switch (word.substring(0, equals)) {
                case "mac" -> macs.add(mac(value));
                case "macs" -> learned = (int) number(word, value, MAX_ADDRESSES);
                case "ip" -> {
                    addresses.add(AddressRange.parse(value));
                    checks.add(Check.IP);
                }
                case "broadcast" -> broadcast = number(word, value, GuardRates.MAX);
                case "unknown" -> unknown = number(word, value, GuardRates.MAX);
                case "rate" -> bits = number(word, value, GuardRates.MAX);
                default -> throw unknown(word);
            }
        }

        private void readBare(String word) throws IOException {
            if (word.equals(PROFILE)) {
                profile = true;
                checks.addAll(Set.of(Check.IP, Check.ARP, Check.DHCP, Check.RA, Check.BPDU, Check.TYPES));
                return;
            }
            Optional<Check> check = Check.of(word).filter(found -> found != Check.TRUSTED);
            checks.add(check.orElseThrow(() -> unknown(word)));
        }

        private static IOException unknown(String word) {
            return new IOException(word.equals("off") || word.equals(Check.TRUSTED.key())
                    ? "guard: " + word + " stands alone"
                    : "guard: unknown word '" + word + "' (known: " + KNOWN + ")");
        }

        private static long mac(String value) throws IOException {
            long address = MacAddress.parse(value);
            if (address <= 0 || MacAddress.isGroup(address)) {
                throw new IOException("guard: mac=" + value + ": must be the address of one station");
            }
            return address;
        }

        /// A number with a thousand, a million or a thousand million as suffix.
        private static long number(String word, String value, long most) throws IOException {
            String text = value.toLowerCase(Locale.ROOT);
            int suffix = text.isEmpty() ? -1 : "kmg".indexOf(text.charAt(text.length() - 1));
            String digits = suffix < 0 ? text : text.substring(0, text.length() - 1);
            long factor = suffix < 0 ? 1 : (long) Math.pow(1_000, suffix + 1.0);
            if (!digits.matches("\\d{1,13}") || Long.parseLong(digits) < 1
                    || Long.parseLong(digits) > most / factor) {
                throw new IOException("guard: " + word + ": must be 1 to " + most);
            }
            return Long.parseLong(digits) * factor;
        }
    }
}
