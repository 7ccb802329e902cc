package org.vswitch.cli;

import java.util.List;
import java.util.regex.Pattern;

/// Numbers and addresses as vde_switch takes them. What it would read as something else, or as nothing, is refused.
final class OptionValue {
    private static final Pattern COLONS = Pattern.compile("\\p{XDigit}{1,2}(:\\p{XDigit}{1,2}){5}");
    private static final Pattern DOTS = Pattern.compile("\\p{XDigit}{1,2}(\\.\\p{XDigit}{1,2}){5}");
    private static final int MAX_MODE = 07777;

    private OptionValue() {
    }

    /// Refuses empty values: what a shell makes of a variable that is not set.
    ///
    /// @param option for the message
    /// @param values as given
    static void present(String option, List<String> values) throws BadCommandLine {
        if (values.contains("")) {
            throw new BadCommandLine(option + " '': must not be empty");
        }
    }

    /// Reads a number as C writes it: decimal, `0x` hexadecimal, or octal with a leading 0.
    ///
    /// @param option for the message
    /// @param text the value
    /// @param from the smallest that is allowed
    /// @param to the largest
    static long number(String option, String text, long from, long to) throws BadCommandLine {
        long number;
        try {
            number = Long.decode(text);
        } catch (NumberFormatException notOne) {
            throw new BadCommandLine(option + " " + text + ": not a number");
        }
        if (text.indexOf('#') >= 0) {
            throw new BadCommandLine(option + " " + text + ": not a number");
        }
        if (number < from || number > to) {
            throw new BadCommandLine(option + " " + text + ": must be " + from + " to " + to);
        }
        return number;
    }

    /// Reads permission bits in octal.
    ///
    /// @param option for the message
    /// @param text the value
    static int mode(String option, String text) throws BadCommandLine {
        try {
            int mode = Integer.parseUnsignedInt(text, 8);
            if (mode <= MAX_MODE && Character.isDigit(text.charAt(0))) {
                return mode;
            }
        } catch (NumberFormatException notOne) {
            throw new BadCommandLine(option + " " + text + ": not an octal mode");
        }
        throw new BadCommandLine(option + " " + text + ": must be 0 to 07777");
    }

    /// Reads a MAC address: six groups with colons, or with dots.
    ///
    /// @param text the value
    static long macAddress(String text) throws BadCommandLine {
        if (!COLONS.matcher(text).matches() && !DOTS.matcher(text).matches()) {
            throw new BadCommandLine("Invalid MAC Addr " + text);
        }
        long address = 0;
        for (String octet : text.split("[:.]")) {
            address = address << 8 | Integer.parseInt(octet, 16);
        }
        return address;
    }
}
