package org.vswitch.broker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.vswitch.control.Accounts;
import org.vswitch.grant.IpPrefix;
import org.vswitch.wire.MacAddress;

/// A line of the policy file: words with blanks between them, a comment behind `#`.
final class PolicyLine {
    private static final int MAX_TAPS = 4096;
    /// Each is a part of the filter's program, which the kernel bounds.
    private static final int MAX_PINNED = 16;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
    private static final Pattern NAME_PATTERN = Pattern.compile("[A-Za-z0-9_.*-]{1,15}");
    private static final Set<String> KEYS =
            Set.of("user", "group", "taps", "name", "bridge", "addr", "mac", "source", "reach");
    private static final String EVERYBODY = "everybody";
    private static final String ANY = "any";

    private final String place;
    private final String[] words;
    private final Map<String, String> values = new HashMap<>();

    /// A line.
    ///
    /// @param place file and number, for messages
    /// @param text of the line
    PolicyLine(String place, String text) {
        this.place = place;
        int comment = text.indexOf('#');
        words = (comment < 0 ? text : text.substring(0, comment)).strip().split("\\s+");
    }

    /// The first word; empty if there is none.
    String verb() {
        return words[0];
    }

    /// Reads `total N`.
    int total() throws IOException {
        if (words.length != 2) {
            throw complaint("total", "one number follows it");
        }
        return number(words[1], words[1]);
    }

    /// Reads `allow WHO WORD=VALUE...`.
    Rule rule(Accounts accounts) throws IOException {
        readValues();
        int taps = number("taps=" + required("taps"), values.get("taps"));
        List<String> names = names("name", true);
        List<String> bridges = values.containsKey("bridge") ? names("bridge", false) : List.of();
        List<IpPrefix> addresses = values.containsKey("addr") ? prefixes("addr") : List.of();
        SourcePin pin = new SourcePin(pinned("mac") ? Optional.of(macs()) : Optional.empty(),
                pinned("source") ? Optional.of(prefixes("source")) : Optional.empty());
        return new Rule(who(accounts), taps, names, bridges, addresses, new Ingress(pin, reachesAnywhere()));
    }

    /// A mistake.
    ///
    /// @param word at fault
    /// @param why what is wrong with it
    IOException complaint(String word, String why) {
        return new IOException(place + ": " + AuditLog.quoted(word) + ": " + why);
    }

    private void readValues() throws IOException {
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            String key = equals < 0 ? words[i] : words[i].substring(0, equals);
            if (equals < 0 ? !key.equals(EVERYBODY) : !KEYS.contains(key)) {
                throw complaint(words[i], "not a word that may follow allow");
            }
            if (equals == words[i].length() - 1) {
                throw complaint(words[i], "needs a value");
            }
            if (values.put(key, words[i].substring(equals + 1)) != null) {
                throw complaint(words[i], "given twice");
            }
        }
    }

    private Rule.Who who(Accounts accounts) throws IOException {
        String user = values.get("user");
        String group = values.get("group");
        long given = values.keySet().stream().filter(Set.of("user", "group", EVERYBODY)::contains).count();
        if (given != 1) {
            throw complaint(verb(), "needs one of user=, group= and everybody");
        }
        if (user != null) {
            return new Rule.Who(id("user=" + user, user, accounts.userId(user)), -1);
        }
        return group == null ? Rule.Who.EVERYBODY
                : new Rule.Who(-1, id("group=" + group, group, accounts.groupId(group)));
    }

    private int id(String word, String text, OptionalInt known) throws IOException {
        if (known.isEmpty() && !NUMBER.matcher(text).matches()) {
            throw complaint(word, "there is none of that name");
        }
        return known.orElseGet(() -> Integer.parseInt(text));
    }

    private String required(String key) throws IOException {
        String value = values.get(key);
        if (value == null) {
            throw complaint(verb(), "needs " + key + "=");
        }
        return value;
    }

    private int number(String word, String text) throws IOException {
        int number = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (number < 1 || number > MAX_TAPS) {
            throw complaint(word, "1 to " + MAX_TAPS);
        }
        return number;
    }

    private List<String> names(String key, boolean patterns) throws IOException {
        List<String> names = List.of(required(key).split(",", -1));
        for (String name : names) {
            if (patterns ? !NAME_PATTERN.matcher(name).matches() : !Rule.isName(name)) {
                throw complaint(key + "=" + name, "not a name of an interface");
            }
        }
        return names;
    }

    /// Whether the source is pinned: to let any through is a decision that the file must spell out.
    private boolean pinned(String key) throws IOException {
        return !required(key).equals(ANY);
    }

    /// A word that opens something has no default but closed.
    private boolean reachesAnywhere() throws IOException {
        String reach = values.getOrDefault("reach", "tap");
        if (!reach.equals(ANY) && !reach.equals("tap")) {
            throw complaint("reach=" + reach, "tap, the default, or any");
        }
        return reach.equals(ANY);
    }

    private List<Long> macs() throws IOException {
        List<Long> macs = new ArrayList<>();
        for (String text : list("mac")) {
            long mac = MacAddress.parse(text);
            if (mac <= 0 || MacAddress.isGroup(mac)) {
                throw complaint("mac=" + text, "not the MAC address of a station");
            }
            macs.add(mac);
        }
        return List.copyOf(macs);
    }

    private List<IpPrefix> prefixes(String key) throws IOException {
        List<IpPrefix> prefixes = new ArrayList<>();
        for (String text : list(key)) {
            IpPrefix prefix = IpPrefix.parse(text).orElseThrow(() ->
                    complaint(key + "=" + text, "not an address or network"));
            if (!prefix.isNetwork()) { // one address was meant, or a whole network: that is not for us to guess
                throw complaint(key + "=" + text, "an address within a network; for the address alone leave /"
                        + prefix.length() + " out");
            }
            prefixes.add(prefix);
        }
        return List.copyOf(prefixes);
    }

    private String[] list(String key) throws IOException {
        String[] texts = required(key).split(",", -1);
        if (texts.length > MAX_PINNED) {
            throw complaint(key + "=" + values.get(key), "at most " + MAX_PINNED);
        }
        return texts;
    }
}
