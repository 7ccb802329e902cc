package org.vswitch.slirp.tcp;

import java.util.Arrays;
import org.vswitch.slirp.wire.SeqNumber;

/// What has been sent and is not acknowledged (RFC 9293, 3.4, with RFC 6675's scoreboard in it). One per flow.
///
/// Theory of operation. From SND.UNA to SND.NXT it is a list of stretches, in their order and without gaps: each is on
/// its way, reported by a selective acknowledgement, or lost and to be sent again; and each has the time when it was
/// sent last. What is sent in one pass is one stretch, and reported neighbours become one, so a connection without
/// losses has a few and one that loses a hundredth a hundred. The list grows with what a connection needed at most;
/// what all of them together may have is limited ([StretchBudget]), since it is the guest who makes them. When there is
/// no room, reports of parts are forgotten: that costs a needless retransmission at worst.
final class RetransmissionQueue {
    private static final int MOST = 1_024;
    private static final int FIRST = 4;
    private static final int REPORTED = 1;
    private static final int LOST = 2;
    private static final int AGAIN = 4;

    private final StretchBudget budget;
    private final Rack rack;
    private int[] starts = {};
    private long[] sentNs = {};
    private byte[] states = {};
    private int count;
    private int end;
    private int reportedBytes;
    private int lostBytes;

    /// An empty queue.
    ///
    /// @param budget of all queues
    /// @param rack is told what arrives
    RetransmissionQueue(StretchBudget budget, Rack rack) {
        this.budget = budget;
        this.rack = rack;
    }

    /// Begins anew. What an unusual connection needed is kept for the next one, so that nothing is allocated when that
    /// is as unusual, until half of the budget is taken.
    ///
    /// @param sndNxt the number sent next
    void reset(int sndNxt) {
        count = 0;
        end = sndNxt;
        reportedBytes = 0;
        lostBytes = 0;
        if (starts.length > FIRST && !budget.isAmple()) {
            budget.give(starts.length);
            starts = Arrays.copyOf(starts, FIRST);
            sentNs = Arrays.copyOf(sentNs, FIRST);
            states = Arrays.copyOf(states, FIRST);
        }
    }

    /// How much is reported.
    ///
    /// @return bytes
    int reported() {
        return reportedBytes;
    }

    /// How much is lost and not sent again yet.
    ///
    /// @return bytes
    int lost() {
        return lostBytes;
    }

    /// New data was sent.
    ///
    /// @param sndNxt behind its last byte
    /// @param nowNs the time, never less than before
    void append(int sndNxt, long nowNs) {
        int last = count - 1;
        if (last >= 0 && states[last] == 0 && sentNs[last] == nowNs) {
            end = sndNxt;
            return;
        }
        if (hasRoom()) {
            starts[count] = end;
            states[count] = 0;
            last = count++;
        } else {
            uncount(last, length(last));
            states[last] = AGAIN;
        }
        sentNs[last] = nowNs;
        end = sndNxt;
    }

    /// Everything up to here has arrived.
    ///
    /// @param sndUna the first number not acknowledged
    void acknowledged(int sndUna) {
        int gone = 0;
        while (gone < count && SeqNumber.atMost(endOf(gone), sndUna)) {
            arrived(gone, endOf(gone));
            uncount(gone, length(gone));
            gone++;
        }
        remove(0, gone);
        if (count > 0 && SeqNumber.lessThan(starts[0], sndUna)) {
            arrived(0, sndUna);
            uncount(0, SeqNumber.difference(sndUna, starts[0]));
            starts[0] = sndUna;
        }
    }

    /// A stretch is reported.
    ///
    /// @param from its first byte
    /// @param to behind its last byte, at most SND.NXT
    /// @return whether that is news
    boolean report(int from, int to) {
        int known = reportedBytes;
        split(from);
        split(to);
        int first = firstFrom(from);
        int behind = firstFrom(to);
        if (behind > first && SeqNumber.lessThan(to, endOf(behind - 1))) {
            behind--; // no room to split it
        }
        for (int i = first; i < behind; i++) {
            if (states[i] != REPORTED) {
                arrived(i, endOf(i));
                uncount(i, length(i));
                states[i] = REPORTED;
                reportedBytes += length(i);
            }
        }
        if (reportedBytes == known) {
            return false;
        }
        int left = first > 0 && states[first - 1] == REPORTED ? first - 1 : first;
        int right = behind < count && states[behind] == REPORTED ? behind + 1 : behind;
        remove(left + 1, right);
        return true;
    }

    /// Marks as lost what was overtaken and had the time to arrive.
    ///
    /// @param inOrder whether nothing is expected out of its order
    /// @param nowNs the time
    /// @return when something counts as lost that does not yet, [TcpFlow#NEVER] if nothing will
    long findLost(boolean inOrder, long nowNs) {
        long latestNs = Long.MIN_VALUE;
        for (int i = 0; i < count; i++) {
            if ((states[i] & (REPORTED | LOST)) == 0 && rack.isOvertaken(sentNs[i], endOf(i))) {
                long lostNs = rack.lostNs(sentNs[i], inOrder);
                if (lostNs <= nowNs) {
                    lose(i);
                } else {
                    latestNs = Math.max(latestNs, lostNs);
                }
            }
        }
        return latestNs == Long.MIN_VALUE ? TcpFlow.NEVER : latestNs;
    }

    /// Marks as lost the first stretch, and what else has been on its way for long.
    ///
    /// @param to behind the last byte that is lost
    /// @param latestNs when it was sent at the latest
    void loseUpTo(int to, long latestNs) {
        split(to);
        for (int i = 0; i < count && SeqNumber.lessThan(starts[i], to); i++) {
            if ((states[i] & (REPORTED | LOST)) == 0 && (i == 0 || sentNs[i] <= latestNs)) {
                lose(i);
            }
        }
    }

    /// Takes reports back: the guest may have thrown away what it had reported (RFC 2018, 8).
    void forgetReports() {
        for (int i = 0; i < count; i++) {
            if (states[i] == REPORTED) {
                uncount(i, length(i));
                states[i] = 0;
                lose(i);
            }
        }
    }

    /// The first byte that is to be sent again.
    ///
    /// @param sndNxt what to return if there is none
    /// @return its number
    int firstLost(int sndNxt) {
        if (lostBytes == 0) {
            return sndNxt;
        }
        int i = 0;
        while ((states[i] & LOST) == 0) {
            i++;
        }
        return starts[i];
    }

    /// Where what is to be sent again ends.
    ///
    /// @param lost the first byte of it
    /// @return behind its last byte
    int lostEnd(int lost) {
        int i = firstFrom(lost);
        while (i + 1 < count && (states[i + 1] & LOST) != 0) {
            i++;
        }
        return endOf(i);
    }

    /// Something was sent again.
    ///
    /// @param from its first byte
    /// @param to behind its last byte
    /// @param nowNs the time, later than all before
    void sentAgain(int from, int to, long nowNs) {
        split(from);
        split(to);
        for (int i = firstFrom(from); i < count && SeqNumber.lessThan(starts[i], to); i++) {
            if (states[i] != REPORTED) {
                uncount(i, length(i));
                states[i] = AGAIN;
                sentNs[i] = nowNs;
            }
        }
    }

    private void arrived(int i, int to) {
        if (states[i] != REPORTED) {
            rack.delivered(sentNs[i], to, (states[i] & AGAIN) != 0);
        }
    }

    private void lose(int i) {
        states[i] |= LOST;
        lostBytes += length(i);
    }

    private void uncount(int i, int bytes) {
        reportedBytes -= states[i] == REPORTED ? bytes : 0;
        lostBytes -= (states[i] & LOST) != 0 ? bytes : 0;
    }

    private int endOf(int i) {
        return i + 1 < count ? starts[i + 1] : end;
    }

    private int length(int i) {
        return SeqNumber.difference(endOf(i), starts[i]);
    }

    /// The first stretch that begins here or later.
    private int firstFrom(int number) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (SeqNumber.lessThan(starts[middle], number)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Lets a stretch begin here, if there is one around it and room.
    private void split(int number) {
        int i = firstFrom(number);
        boolean begins = i < count && starts[i] == number;
        if (begins || i == 0 || !SeqNumber.lessThan(number, end) || !hasRoom()) {
            return;
        }
        System.arraycopy(starts, i, starts, i + 1, count - i);
        System.arraycopy(sentNs, i, sentNs, i + 1, count - i);
        System.arraycopy(states, i, states, i + 1, count - i);
        count++;
        starts[i] = number;
        sentNs[i] = sentNs[i - 1];
        states[i] = states[i - 1];
    }

    private void remove(int from, int to) {
        if (to > from) {
            System.arraycopy(starts, to, starts, from, count - to);
            System.arraycopy(sentNs, to, sentNs, from, count - to);
            System.arraycopy(states, to, states, from, count - to);
            count -= to - from;
        }
    }

    private boolean hasRoom() {
        if (count < starts.length) {
            return true;
        }
        int wider = Math.max(FIRST, 2 * count);
        if (wider > MOST || wider > FIRST && !budget.take(wider - (count > FIRST ? count : 0))) {
            return false;
        }
        starts = Arrays.copyOf(starts, wider);
        sentNs = Arrays.copyOf(sentNs, wider);
        states = Arrays.copyOf(states, wider);
        return true;
    }
}
