package org.vswitch.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinkDump;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;

/// Taps that a broker before this one has handed out, and that are still there.
///
/// Theory of operation. A broker that ends leaves each tap to its user, and a broker that is started then has no lease
/// for it. So the interface itself says whose it is, in its alias, which takes CAP_NET_ADMIN to change. None is made
/// persistent by a broker: one that is was made so by its user, to stay when he goes, and is removed.
final class EarlierTaps {
    private static final String MARK = "vswitch-tapd uid=";
    private static final Pattern MARKED = Pattern.compile(Pattern.quote(MARK) + "(\\d{1,10})");

    private final Consumer<String> log;
    private List<Long> owners = List.of();

    /// Knows of none yet.
    ///
    /// @param log takes a line for each interface that is removed
    EarlierTaps(Consumer<String> log) {
        this.log = log;
    }

    /// What a tap is marked with.
    ///
    /// @param uid whose it is
    static String mark(int uid) {
        return MARK + Integer.toUnsignedString(uid);
    }

    /// Looks which there are.
    ///
    /// @param own numbers of the interfaces of this broker
    /// @throws LinuxException if the kernel does not tell
    void look(Set<Integer> own) throws LinuxException {
        List<Long> found = new ArrayList<>();
        for (LinkDump.Entry entry : LinkDump.entries()) {
            Matcher marked = MARKED.matcher(entry.alias());
            if (marked.matches() && !own.contains(entry.index()) && !(entry.isPersistentTap() && remove(entry))) {
                found.add(Long.parseLong(marked.group(1)));
            }
        }
        owners = found;
    }

    /// How many there were when last looked.
    ///
    /// @param uid of one user or, with -1, of all
    int count(int uid) {
        return uid == -1 ? owners.size()
                : (int) owners.stream().filter(each -> each == Integer.toUnsignedLong(uid)).count();
    }

    private boolean remove(LinkDump.Entry entry) {
        String name = AuditLog.quoted(entry.name());
        try (NetworkDevice device = NetworkDevice.open(entry.name())) {
            if (device.index() != entry.index()) {
                return false;
            }
            device.remove();
            log.accept("removed name=" + name + ": \"" + entry.alias()
                    + "\" of an earlier broker, made persistent by its user");
            return true;
        } catch (LinuxException refusal) {
            if (!refusal.is(Errno.ENODEV)) {
                log.accept("cannot remove name=" + name + ": " + refusal.getMessage());
            }
            return refusal.is(Errno.ENODEV);
        }
    }
}
