package org.vswitch.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A link's URL, not yet taken apart beyond its scheme: how options are written is the scheme's affair.
///
/// @param scheme lower case
/// @param rest what stands behind `://`
public record LinkUrl(String scheme, String rest) {
    /// Takes a URL apart; without `://` it is a VDE network, as libvdeplug has it.
    ///
    /// @param text for example `tap://t0[mtu=9000]` or `/run/user/1000/vnet0`
    /// @return scheme and rest
    public static LinkUrl parse(String text) {
        int mark = text.indexOf("://");
        return mark < 0 ? new LinkUrl("vde", text) : new LinkUrl(text.substring(0, mark), text.substring(mark + 3));
    }

    /// Finds what a name stands for, as libvdeplug does: a URL; a file whose first line is one; nothing, which is the
    /// default network of the user, or else of the machine; or the directory of a VDE switch.
    ///
    /// @param name as a user gives it, may be empty
    /// @param home the user's home directory
    /// @return what to open
    /// @throws IOException if the file cannot be read or is empty
    public static LinkUrl resolve(String name, Path home) throws IOException {
        if (name.isEmpty()) {
            for (String standard : List.of(".vdeplug/default", ".vde2/default.switch")) {
                if (Files.exists(home.resolve(standard))) {
                    return resolve(home.resolve(standard).toString(), home);
                }
            }
        }
        if (name.isEmpty() || name.contains("://") || !Files.isRegularFile(Path.of(name))) {
            return parse(name);
        }
        try (var lines = Files.newBufferedReader(Path.of(name))) {
            String first = lines.readLine();
            if (first == null || first.isBlank()) {
                throw new IOException("no network in " + name);
            }
            return parse(first.strip());
        }
    }

    @Override
    public String toString() {
        return scheme + "://" + rest;
    }
}
