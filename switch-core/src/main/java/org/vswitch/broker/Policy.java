package org.vswitch.broker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vswitch.control.Accounts;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;
import org.vswitch.linux.FileEntry;

/// Who may have which taps: a file of lines, of which each allows something. What no line allows is refused.
///
/// @param rules in the order of the file
/// @param total how many taps there may be at a time
record Policy(List<Rule> rules, int total) {
    /// How many taps there may be where the file does not say.
    static final int DEFAULT_TOTAL = 64;
    private static final int WRITABLE_BY_OTHERS = 0022;

    /// What the policy says of a request.
    ///
    /// @param status [GrantStatus#GRANTED] if it is allowed
    /// @param rule that allows it
    record Decision(GrantStatus status, Optional<Rule> rule) {
        static Decision refused(GrantStatus status) {
            return new Decision(status, Optional.empty());
        }
    }

    /// Reads a file, which nobody but root may have written.
    ///
    /// @param file its path
    /// @param accounts names of users and groups
    /// @throws IOException with one line that names the file, the line and the word at fault
    static Policy load(String file, Accounts accounts) throws IOException {
        FileEntry.Status status = FileEntry.status(file);
        if (status.uid() != 0) {
            throw new IOException(file + ": must belong to root, not to uid " + Integer.toUnsignedString(status.uid()));
        }
        if ((status.mode() & WRITABLE_BY_OTHERS) != 0) {
            throw new IOException(file + ": others than root may write to it (mode "
                    + Integer.toOctalString(status.mode() & 07777) + ")");
        }
        return parse(file, Files.readAllLines(Path.of(file), StandardCharsets.ISO_8859_1), accounts);
    }

    /// Reads lines.
    ///
    /// @param file for messages
    /// @throws IOException as above
    static Policy parse(String file, List<String> lines, Accounts accounts) throws IOException {
        List<Rule> rules = new ArrayList<>();
        int total = DEFAULT_TOTAL;
        for (int i = 0; i < lines.size(); i++) {
            PolicyLine line = new PolicyLine(file + ":" + (i + 1), lines.get(i));
            switch (line.verb()) {
                case "" -> {
                    continue;
                }
                case "total" -> total = line.total();
                case "allow" -> rules.add(line.rule(accounts));
                default -> throw line.complaint(line.verb(), "a line begins with allow, total or #");
            }
        }
        return new Policy(List.copyOf(rules), total);
    }

    /// Decides. Of the lines that fit the user, the first that allows the request counts; if none does, the one that
    /// came nearest to it says why: the order of [GrantStatus] is that of the questions.
    ///
    /// @param peer who asks
    /// @param request for what
    /// @param own how many taps this user has
    /// @param all how many taps there are
    Decision decide(Rule.Peer peer, GrantRequest request, int own, int all) {
        GrantStatus reason = GrantStatus.USER;
        for (Rule rule : rules) {
            if (!rule.who().fits(peer)) {
                continue;
            }
            GrantStatus status = rule.refusal(request).orElse(own >= rule.taps() ? GrantStatus.USER_QUOTA
                    : all >= total ? GrantStatus.TOTAL_QUOTA : GrantStatus.GRANTED);
            if (status == GrantStatus.GRANTED) {
                return new Decision(status, Optional.of(rule));
            }
            reason = status.compareTo(reason) > 0 ? status : reason;
        }
        return Decision.refused(reason);
    }
}
