package org.vswitch.broker;

import java.util.OptionalLong;
import java.util.function.Consumer;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;

/// What the broker tells of its decisions: one line for each, in which nothing that a client has written can be taken
/// for anything else. Of refusals, as many as [RefusalLimit] admits; what is left out is counted, and told later.
final class AuditLog {
    private final Consumer<String> lines;
    private final RefusalLimit limit = new RefusalLimit();
    private long nowNs;

    /// Begins.
    ///
    /// @param lines takes them
    /// @param nowNs the time
    AuditLog(Consumer<String> lines, long nowNs) {
        this.lines = lines;
        this.nowNs = nowNs;
    }

    /// Tells the time of what follows, and what was left out of a minute that is over.
    void at(long timeNs) {
        nowNs = timeNs;
        limit.over(timeNs).forEach(lines);
    }

    /// When [#at] may have something to tell.
    OptionalLong deadlineNs() {
        return limit.deadlineNs();
    }

    /// Tells what was left out so far.
    void end() {
        limit.rest().forEach(lines);
    }

    /// A tap was handed over.
    void granted(Rule.Peer peer, GrantRequest request, int own) {
        lines.accept("granted " + who(peer) + what(request) + " taps=" + own);
    }

    /// A tap was not handed over.
    void refused(Rule.Peer peer, GrantRequest request, GrantStatus status, String detail) {
        refused(peer, status, what(request) + reason(status, detail), nowNs);
    }

    /// What came was no request, or there was none in time.
    void refused(Rule.Peer peer, GrantStatus status, String detail) {
        refused(peer, status, reason(status, detail), nowNs);
    }

    private void refused(Rule.Peer peer, GrantStatus status, String text, long timeNs) {
        if (limit.admits(peer.uid(), status, timeNs)) {
            lines.accept("refused " + who(peer) + text);
        }
    }

    /// A tap has gone with its owner.
    void returned(Rule.Peer peer, GrantRequest request, int own) {
        lines.accept("returned " + who(peer) + what(request) + " taps=" + own);
    }

    /// The text between quotes, with nothing in it but what is printable in ASCII.
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String who(Rule.Peer peer) {
        return "uid=" + Integer.toUnsignedString(peer.uid()) + " pid=" + peer.pid();
    }

    private static String what(GrantRequest request) {
        return " name=" + quoted(request.name()) + " bridge=" + quoted(request.bridge());
    }

    private static String reason(GrantStatus status, String detail) {
        return " reason=" + status + (detail.isEmpty() ? "" : " " + quoted(detail));
    }
}
