package org.vswitch.slirp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.vswitch.slirp.service.DnsServers;
import org.vswitch.slirp.service.ResolvConf;

/// The name servers that a file such as `/etc/resolv.conf` lists, as it is now.
///
/// The file is looked at when a guest asks, at most once a second (one stat, 5 to 25 us and 240 bytes), and read only
/// if it is another file or has changed: whoever renames one over it or turns a symbolic link is seen like who writes
/// into it. While there is no file the last one counts: it is being replaced. Nothing watches it otherwise, so that
/// nothing wakes an idle router.
final class ResolvConfFile implements DnsServers {
    /// Where every Linux has it.
    static final Path USUAL = Path.of("/etc/resolv.conf");

    private static final long LOOK_NS = 1_000_000_000L;
    private static final int MAX_LENGTH = 1 << 16;

    private final Path path;
    private ResolvConf conf = ResolvConf.NONE;
    private boolean looked;
    private long lookedNs;
    private Object key;
    private FileTime modified;
    private long length;

    /// Reads the file.
    ///
    /// @param path need not exist
    ResolvConfFile(Path path) {
        this.path = path;
        look();
    }

    /// What it says at the moment.
    ResolvConf conf() {
        return conf;
    }

    @Override
    public ResolvConf current(long nowNs) {
        if (!looked || nowNs - lookedNs >= LOOK_NS) {
            looked = true;
            lookedNs = nowNs;
            look();
        }
        return conf;
    }

    private void look() {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            boolean same = now.size() == length && now.lastModifiedTime().equals(modified)
                    && Objects.equals(now.fileKey(), key);
            if (same || !now.isRegularFile()) {
                return;
            }
            try (var in = Files.newInputStream(path)) {
                conf = ResolvConf.parse(new String(in.readNBytes(MAX_LENGTH), StandardCharsets.ISO_8859_1));
            }
            key = now.fileKey();
            modified = now.lastModifiedTime();
            length = now.size();
        } catch (IOException | SecurityException absent) {
            modified = null; // what is there next is another one, whatever it looks like
        }
    }
}
