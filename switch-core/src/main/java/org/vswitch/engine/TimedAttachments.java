package org.vswitch.engine;

import java.util.ArrayList;
import java.util.List;

/// The attachments whose links act by the clock ([org.vswitch.link.TimedLink]); the others cost nothing here.
final class TimedAttachments {
    private final List<Attachment> attachments = new ArrayList<>();

    void add(Attachment attachment) {
        attachments.add(attachment);
    }

    void remove(Attachment attachment) {
        attachments.remove(attachment);
    }

    int count() {
        return attachments.size();
    }

    Attachment at(int index) {
        return attachments.get(index);
    }

    /// Whether one of them can be received from now.
    boolean isReady() {
        for (int i = 0; i < attachments.size(); i++) {
            if (!attachments.get(i).paused && attachments.get(i).timed.isReady()) {
                return true;
            }
        }
        return false;
    }

    /// When the first of them is to be told the time, or [Long#MAX_VALUE].
    long deadlineNs() {
        long earliestNs = Long.MAX_VALUE;
        for (int i = 0; i < attachments.size(); i++) {
            earliestNs = Math.min(earliestNs, attachments.get(i).timed.deadlineNs());
        }
        return earliestNs;
    }
}
