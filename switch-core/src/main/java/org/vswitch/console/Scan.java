package org.vswitch.console;

import java.util.Optional;

/// Reads numbers as the C library does, since VDE's commands take theirs by `atoi` and `sscanf`: leading blanks are
/// skipped, what follows a number is not looked at, and values wrap into 32 bits.
final class Scan {
    private final String text;
    private int at;

    private Scan(String text) {
        this.text = text;
    }

    /// Reads one decimal number: `atoi`.
    ///
    /// @param text any
    /// @return the number at its beginning, or 0
    static int decimal(String text) {
        return new Scan(text).number(10).map(Long::intValue).orElse(0);
    }

    /// Reads several numbers: `sscanf("%i %i ...")`, so that 0x begins a hexadecimal number and 0 an octal one.
    ///
    /// @param text any
    /// @param count how many are wanted
    /// @return the numbers, or empty if there are fewer
    static Optional<int[]> integers(String text, int count) {
        Scan scan = new Scan(text);
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            Optional<Long> number = scan.number(0);
            if (number.isEmpty()) {
                return Optional.empty();
            }
            numbers[i] = number.get().intValue();
        }
        return Optional.of(numbers);
    }

    /// Reads a MAC address of six hexadecimal numbers and perhaps a VLAN: `sscanf("%x:%x:%x:%x:%x:%x %d")`. If the text
    /// has no colon, dots separate.
    ///
    /// @param text any
    /// @return empty if it does not begin with an address; the VLAN is 0 unless there is one
    static Optional<AddressInVlan> address(String text) {
        char separator = text.indexOf(':') >= 0 ? ':' : '.';
        Scan scan = new Scan(text);
        long address = 0;
        for (int i = 0; i < 6; i++) {
            if (i > 0 && !scan.skip(separator)) {
                return Optional.empty();
            }
            Optional<Long> octet = scan.number(16);
            if (octet.isEmpty()) {
                return Optional.empty();
            }
            address = address << 8 | octet.get() & 0xff;
        }
        return Optional.of(new AddressInVlan(address, scan.number(10).orElse(0L).intValue()));
    }

    /// An address to look for.
    ///
    /// @param address a MAC address
    /// @param vid any number
    record AddressInVlan(long address, int vid) {
    }

    /// Reads a number: `strtol`.
    ///
    /// @param base 8, 10, 16; or 0 to tell by the prefix
    private Optional<Long> number(int base) {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        boolean negative = peek() == '-';
        if (negative || peek() == '+') {
            at++;
        }
        int found = base;
        boolean any = false;
        if ((base == 0 || base == 16) && peek() == '0') {
            at++;
            any = true;
            if (peek() == 'x' || peek() == 'X') {
                at++;
                found = 16;
            } else if (base == 0) {
                found = 8;
            }
        }
        found = found == 0 ? 10 : found;
        long value = 0;
        for (int digit = digit(found); digit >= 0; digit = digit(found)) {
            value = value > (Long.MAX_VALUE - digit) / found ? Long.MAX_VALUE : value * found + digit;
            any = true;
            at++;
        }
        return any ? Optional.of(negative ? -value : value) : Optional.empty();
    }

    private boolean skip(char expected) {
        if (peek() != expected) {
            return false;
        }
        at++;
        return true;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private int digit(int base) {
        char c = peek();
        return c < 128 ? Character.digit(c, base) : -1;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
