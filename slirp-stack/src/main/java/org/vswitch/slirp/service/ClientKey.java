package org.vswitch.slirp.service;

import java.security.SecureRandom;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.NetworkOrder;

/// Who a DHCP client is, as one number: a hash of its client identifier, or without one of its hardware type and
/// address, which is what most clients put into the identifier (RFC 2131, 4.2; RFC 2132, 9.14). So a station that
/// leaves the identifier out now and then, as when it boots from the network first, remains the same client.
///
/// The hash is a polynomial modulo 2^61 - 1 at a secret random point. Two identifiers of at most 255 bytes meet with a
/// probability of 2^-53, and since nobody is ever shown a hash, nobody can look for a pair.
final class ClientKey {
    private static final int BITS = 61;
    private static final long PRIME = (1L << BITS) - 1;
    private static final int ETHERNET = 1;
    private static final int STATION_BITS = 48;
    private static final int OCTET = 0xff;

    private final long point = 1 + new SecureRandom().nextLong(PRIME - 1);

    /// Tells clients apart.
    ///
    /// @param message address of a valid request
    /// @param options its options
    /// @return above 0
    long of(long message, Dhcpv4Options options) {
        int length = options.length(Dhcpv4Options.CLIENT_IDENTIFIER);
        if (length == 0) {
            return Math.max(1, of(Dhcpv4.chaddr(message)));
        }
        long identifier = options.address(Dhcpv4Options.CLIENT_IDENTIFIER);
        long key = 1;
        for (int i = 0; i < length; i++) {
            key = next(key, NetworkOrder.u8(identifier + i));
        }
        return Math.max(1, key);
    }

    private long of(long chaddr) {
        long key = next(1, ETHERNET);
        for (int shift = STATION_BITS - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            key = next(key, (int) (chaddr >>> shift) & OCTET);
        }
        return key;
    }

    /// `key * point + octet`, reduced.
    private long next(long key, int octet) {
        long low = key * point;
        long high = Math.multiplyHigh(key, point);
        long sum = (low & PRIME) + (low >>> BITS | high << Long.SIZE - BITS) + octet;
        sum = (sum & PRIME) + (sum >>> BITS);
        return sum >= PRIME ? sum - PRIME : sum;
    }
}
