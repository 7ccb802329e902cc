package org.vswitch.linux;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What the kernel takes for the name of an interface (dev_valid_name in net/core/dev.c), so that one which it would
/// refuse with a bare EINVAL is refused with the reason.
public final class InterfaceName {
    private static final int LATIN_BLANK = 0xa0;

    private InterfaceName() {
    }

    /// Why the kernel would not take a name.
    ///
    /// @param name whatever was given; may be a pattern such as `tap%d`
    /// @return what a name must be like; nothing if this one is
    public static Optional<String> fault(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > NetworkDevice.MAX_NAME) {
            return Optional.of("1 to " + NetworkDevice.MAX_NAME + " bytes");
        }
        if (name.equals(".") || name.equals("..")) {
            return Optional.of("not . or ..");
        }
        for (byte each : bytes) {
            if (each == '/' || each == ':') {
                return Optional.of("without " + (char) each);
            }
            if (each == 0 || each == ' ' || each >= '\t' && each <= '\r') {
                return Optional.of("without white space");
            }
            if ((each & 0xff) == LATIN_BLANK) {
                return Optional.of("without the byte a0, a blank to the kernel");
            }
        }
        int percent = name.indexOf('%');
        return percent < 0 || name.startsWith("%d", percent) && name.indexOf('%', percent + 1) < 0 ? Optional.empty()
                : Optional.of("% only once and as %d, which becomes a number");
    }

    /// A name for a line of text.
    ///
    /// @param name whatever was given
    /// @return without control characters
    public static String shown(String name) {
        return name.replaceAll("\\p{Cntrl}", "?");
    }
}
