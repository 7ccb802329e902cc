package org.vswitch.broker;

import java.util.LinkedHashMap;
import java.util.Map;
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
/// persistent by a broker: one that is was made so by its user, to stay when he goes, and is removed. Nobody tells when
/// one ends; that is found by the next look.
final class EarlierTaps {
    private static final String MARK = "vswitch-tapd uid=";
    private static final Pattern MARKED = Pattern.compile(Pattern.quote(MARK) + "(\\d{1,10})");

    private final Consumer<String> log;
    /// By the number of the interface, which it keeps when it is renamed.
    private Map<Integer, Tap> taps = new LinkedHashMap<>();

    /// Knows of none yet.
    ///
    /// @param log takes a line for each interface that is removed or has ended
    EarlierTaps(Consumer<String> log) {
        this.log = log;
    }

    /// One that was there when last looked.
    private record Tap(String name, long uid) {
    }

    /// What a tap is marked with.
    ///
    /// @param uid whose it is
    static String mark(int uid) {
        return MARK + Integer.toUnsignedString(uid);
    }

    /// Looks which there are, and tells which have ended since the last look.
    ///
    /// @param own numbers of the interfaces of this broker
    /// @throws LinuxException if the kernel does not tell
    void look(Set<Integer> own) throws LinuxException {
        Map<Integer, Tap> found = new LinkedHashMap<>();
        for (LinkDump.Entry entry : LinkDump.entries()) {
            Matcher marked = MARKED.matcher(entry.alias());
            if (marked.matches() && !own.contains(entry.index()) && !(entry.isPersistentTap() && remove(entry))) {
                found.put(entry.index(), new Tap(entry.name(), Long.parseLong(marked.group(1))));
            }
        }
        taps.keySet().removeAll(found.keySet());
        taps.values().forEach(ended -> log.accept("returned uid=" + ended.uid + " name=" + AuditLog.quoted(ended.name)
                + " of another broker"));
        taps = found;
    }

    /// How many there were when last looked.
    ///
    /// @param uid of one user or, with -1, of all
    int count(int uid) {
        return uid == -1 ? taps.size()
                : (int) taps.values().stream().filter(each -> each.uid == Integer.toUnsignedLong(uid)).count();
    }

    private boolean remove(LinkDump.Entry entry) {
        String name = AuditLog.quoted(entry.name());
        try (NetworkDevice device = NetworkDevice.open(entry.name())) {
            if (device.index() != entry.index()) {
                return false;
            }
            device.remove();
            taps.remove(entry.index());
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
