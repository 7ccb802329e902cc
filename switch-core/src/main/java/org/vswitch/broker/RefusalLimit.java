package org.vswitch.broker;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.vswitch.grant.GrantStatus;

/// How many refusals of a user are told one by one: so many in a minute that begins with the first. What is left out is
/// counted by reason, and told in one line when the minute is over. So what a user can have written is bounded, and
/// nothing is lost. Beyond so many users at a time, all further ones count as one.
final class RefusalLimit {
    /// Lines for one user in a minute.
    static final int LINES = 20;
    static final long MINUTE_NS = 60_000_000_000L;
    static final int MAX_USERS = 256;
    private static final long FURTHER = -1;

    /// In the order in which they began, which is that in which they end.
    private final Map<Long, Minute> minutes = new LinkedHashMap<>();

    private static final class Minute {
        private final long endNs;
        private final Map<GrantStatus, Long> leftOut = new EnumMap<>(GrantStatus.class);
        private int told;

        Minute(long endNs) {
            this.endNs = endNs;
        }
    }

    /// Counts a refusal.
    ///
    /// @param uid user id
    /// @param status why
    /// @param nowNs the time
    /// @return whether it is to be told
    boolean admits(int uid, GrantStatus status, long nowNs) {
        long known = Integer.toUnsignedLong(uid);
        long user = minutes.containsKey(known) || minutes.size() < MAX_USERS ? known : FURTHER;
        Minute minute = minutes.computeIfAbsent(user, _ -> new Minute(nowNs + MINUTE_NS));
        if (minute.told < LINES) {
            minute.told++;
            return true;
        }
        minute.leftOut.merge(status, 1L, Long::sum);
        return false;
    }

    /// When something may have to be told next.
    ///
    /// @return a time, if anything is counted
    OptionalLong deadlineNs() {
        return minutes.values().stream().mapToLong(each -> each.endNs).findFirst();
    }

    /// Ends the minutes that are over.
    ///
    /// @param nowNs the time
    /// @return a line for each user of whom something was left out
    List<String> over(long nowNs) {
        List<String> lines = new ArrayList<>();
        minutes.entrySet().removeIf(each -> {
            boolean over = nowNs - each.getValue().endNs >= 0;
            if (over) {
                tell(each.getKey(), each.getValue(), lines);
            }
            return over;
        });
        return lines;
    }

    /// Ends all minutes.
    ///
    /// @return as above
    List<String> rest() {
        List<String> lines = new ArrayList<>();
        minutes.forEach((user, minute) -> tell(user, minute, lines));
        minutes.clear();
        return lines;
    }

    private static void tell(long user, Minute minute, List<String> lines) {
        if (minute.leftOut.isEmpty()) {
            return;
        }
        StringBuilder line = new StringBuilder("left out uid=").append(user == FURTHER ? "others" : user)
                .append(" refusals=").append(minute.leftOut.values().stream().mapToLong(Long::longValue).sum());
        minute.leftOut.forEach((status, count) -> line.append(' ').append(status).append('=').append(count));
        lines.add(line.toString());
    }
}
