package org.vswitch.broker;

import java.util.function.Consumer;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;

/// What the broker tells of its decisions: one line for each, in which nothing that a client has written can be taken
/// for anything else.
///
/// @param lines takes them
record AuditLog(Consumer<String> lines) {
    /// A tap was handed over.
    void granted(Rule.Peer peer, GrantRequest request, int own) {
        lines.accept("granted " + who(peer) + what(request) + " taps=" + own);
    }

    /// A tap was not handed over.
    void refused(Rule.Peer peer, GrantRequest request, GrantStatus status, String detail) {
        lines.accept("refused " + who(peer) + what(request) + reason(status, detail));
    }

    /// What came was no request, or there was none in time.
    void refused(Rule.Peer peer, GrantStatus status, String detail) {
        lines.accept("refused " + who(peer) + reason(status, detail));
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
