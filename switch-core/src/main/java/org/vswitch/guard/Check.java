package org.vswitch.guard;

import java.util.Locale;
import java.util.Optional;

/// What a guard looks at, each switched on by its own word.
public enum Check {
    /// IPv4 and IPv6 source addresses are the port's own: static, leased, or claimed.
    IP,
    /// ARP and neighbor discovery speak for the port's own addresses.
    ARP,
    /// No DHCP server answers.
    DHCP,
    /// No router advertises itself or redirects.
    RA,
    /// Nothing is said that only switches say to each other.
    BPDU,
    /// Nothing is said but IPv4, IPv6, ARP and RARP.
    TYPES,
    /// The port reaches only ports that are not isolated.
    ISOLATED,
    /// Nothing is looked at but what the router and the DHCP server tell, which is believed.
    TRUSTED;

    /// The word in settings.
    ///
    /// @return lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Finds a check.
    ///
    /// @param key its word
    /// @return empty if there is none
    static Optional<Check> of(String key) {
        for (Check check : values()) {
            if (check.key().equals(key)) {
                return Optional.of(check);
            }
        }
        return Optional.empty();
    }
}
