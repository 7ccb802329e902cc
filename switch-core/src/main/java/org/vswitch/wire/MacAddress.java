package org.vswitch.wire;

/// A 48-bit MAC address as a long, most significant byte first, upper 16 bits zero (IEEE 802 clause 8).
public final class MacAddress {
    /// All ones.
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    private MacAddress() {
    }

    /// Whether the address names a group (the I/G bit), broadcast included.
    ///
    /// @param address a MAC address
    /// @return true for multicast and broadcast
    public static boolean isGroup(long address) {
        return (address >>> 40 & 1) != 0;
    }

    /// The usual text form.
    ///
    /// @param address a MAC address
    /// @return six groups of two hexadecimal digits, lower case, with colons
    public static String toText(long address) {
        StringBuilder text = new StringBuilder(17);
        for (int shift = 40; shift >= 0; shift -= 8) {
            int octet = (int) (address >>> shift) & 0xff;
            text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }

    /// Reads six hexadecimal groups with colons or dots between them, as VDE's tools write them.
    ///
    /// @param text for example `52:54:00:12:34:56`
    /// @return the address, or -1 if the text is none
    public static long parse(String text) {
        String[] groups = text.split("[:.]", -1);
        if (groups.length != 6) {
            return -1;
        }
        long address = 0;
        for (String group : groups) {
            if (group.isEmpty() || group.length() > 2 || !group.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
                return -1;
            }
            address = address << 8 | Integer.parseInt(group, 16);
        }
        return address;
    }
}
