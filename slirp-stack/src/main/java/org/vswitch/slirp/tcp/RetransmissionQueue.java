package org.vswitch.slirp.tcp;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.wire.SeqNumber;

/// What has been sent and is not acknowledged (RFC 9293, 3.4, with RFC 6675's scoreboard in it). One per flow.
///
/// Theory of operation. From SND.UNA to SND.NXT it is a list of stretches, in their order and without gaps: each is on
/// its way, reported by a selective acknowledgement, or lost and to be sent again; and each has the time when it was
/// sent last. What is sent in one pass is one stretch, and reported neighbours become one, so a connection without
/// losses has a few and one that loses a hundredth a hundred. The list is a block of a [StretchPool], taken with the
/// first stretch, doubled when it is full, and given back when nothing is in flight; what all of them together may have
/// is limited, since it is the guest who makes them. When there is no room, reports of parts are forgotten: that costs
/// a needless retransmission at worst.
final class RetransmissionQueue {
    /// A stretch in the list: the number of its first byte, what it is, and when it was sent last, in nanoseconds.
    static final int BYTES = 16;
    private static final int STATE = 4;
    private static final int SENT = 8;

    private static final int REPORTED = 1;
    private static final int LOST = 2;
    private static final int AGAIN = 4;

    private final StretchPool pool;
    private final Rack rack;
    private long list;
    private int capacity;
    private int count;
    private int end;
    private int reportedBytes;
    private int lostBytes;

    /// An empty queue.
    ///
    /// @param pool of the lists of all queues
    /// @param rack is told what arrives
    RetransmissionQueue(StretchPool pool, Rack rack) {
        this.pool = pool;
        this.rack = rack;
    }

    /// Begins anew, and gives the list back.
    ///
    /// @param sndNxt the number sent next
    void reset(int sndNxt) {
        count = 0;
        end = sndNxt;
        reportedBytes = 0;
        lostBytes = 0;
        giveBack();
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
        if (last >= 0 && state(last) == 0 && sentNs(last) == nowNs) {
            end = sndNxt;
            return;
        }
        if (hasRoom()) {
            last = count++;
            start(last, end);
            state(last, 0);
        } else { // not the first: each connection gets the shortest list
            uncount(last, length(last));
            state(last, AGAIN);
        }
        sentNs(last, nowNs);
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
        if (count > 0 && SeqNumber.lessThan(start(0), sndUna)) {
            arrived(0, sndUna);
            uncount(0, SeqNumber.difference(sndUna, start(0)));
            start(0, sndUna);
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
            if (state(i) != REPORTED) {
                arrived(i, endOf(i));
                uncount(i, length(i));
                state(i, REPORTED);
                reportedBytes += length(i);
            }
        }
        if (reportedBytes == known) {
            return false;
        }
        int left = first > 0 && state(first - 1) == REPORTED ? first - 1 : first;
        int right = behind < count && state(behind) == REPORTED ? behind + 1 : behind;
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
            if ((state(i) & (REPORTED | LOST)) == 0 && rack.isOvertaken(sentNs(i), endOf(i))) {
                long lostNs = rack.lostNs(sentNs(i), inOrder);
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
        for (int i = 0; i < count && SeqNumber.lessThan(start(i), to); i++) {
            if ((state(i) & (REPORTED | LOST)) == 0 && (i == 0 || sentNs(i) <= latestNs)) {
                lose(i);
            }
        }
    }

    /// Takes reports back: the guest may have thrown away what it had reported (RFC 2018, 8).
    void forgetReports() {
        for (int i = 0; i < count; i++) {
            if (state(i) == REPORTED) {
                uncount(i, length(i));
                state(i, 0);
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
        while ((state(i) & LOST) == 0) {
            i++;
        }
        return start(i);
    }

    /// Where what is to be sent again ends.
    ///
    /// @param lost the first byte of it
    /// @return behind its last byte
    int lostEnd(int lost) {
        int i = firstFrom(lost);
        while (i + 1 < count && (state(i + 1) & LOST) != 0) {
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
        for (int i = firstFrom(from); i < count && SeqNumber.lessThan(start(i), to); i++) {
            if (state(i) != REPORTED) {
                uncount(i, length(i));
                state(i, AGAIN);
                sentNs(i, nowNs);
            }
        }
    }

    private void arrived(int i, int to) {
        if (state(i) != REPORTED) {
            rack.delivered(sentNs(i), to, (state(i) & AGAIN) != 0);
        }
    }

    private void lose(int i) {
        state(i, state(i) | LOST);
        lostBytes += length(i);
    }

    private void uncount(int i, int bytes) {
        reportedBytes -= state(i) == REPORTED ? bytes : 0;
        lostBytes -= (state(i) & LOST) != 0 ? bytes : 0;
    }

    private int endOf(int i) {
        return i + 1 < count ? start(i + 1) : end;
    }

    private int length(int i) {
        return SeqNumber.difference(endOf(i), start(i));
    }

    /// The first stretch that begins here or later.
    private int firstFrom(int number) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (SeqNumber.lessThan(start(middle), number)) {
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
        boolean begins = i < count && start(i) == number;
        if (begins || i == 0 || !SeqNumber.lessThan(number, end) || !hasRoom()) {
            return;
        }
        NativeMemory.move(at(i), at(i + 1), at(count) - at(i));
        count++;
        start(i, number);
        state(i, state(i - 1));
        sentNs(i, sentNs(i - 1));
    }

    private void remove(int from, int to) {
        if (to > from) {
            NativeMemory.move(at(to), at(from), at(count) - at(to));
            count -= to - from;
        }
        if (count == 0) {
            giveBack();
        }
    }

    private void giveBack() {
        if (capacity > 0) {
            pool.give(list, capacity);
            list = 0;
            capacity = 0;
        }
    }

    private boolean hasRoom() {
        if (count < capacity) {
            return true;
        }
        int wider = capacity == 0 ? StretchPool.FEWEST : 2 * capacity;
        long moved = wider > StretchPool.MOST ? 0 : pool.take(wider);
        if (moved == 0) {
            return false;
        }
        if (capacity > 0) {
            NativeMemory.copy(list, moved, at(count) - list);
            pool.give(list, capacity);
        }
        list = moved;
        capacity = wider;
        return true;
    }

    private long at(int i) {
        return list + i * (long) BYTES;
    }

    private int start(int i) {
        return NativeMemory.getInt(at(i));
    }

    private void start(int i, int number) {
        NativeMemory.putInt(at(i), number);
    }

    private int state(int i) {
        return NativeMemory.getInt(at(i) + STATE);
    }

    private void state(int i, int state) {
        NativeMemory.putInt(at(i) + STATE, state);
    }

    private long sentNs(int i) {
        return NativeMemory.getLong(at(i) + SENT);
    }

    private void sentNs(int i, long ns) {
        NativeMemory.putLong(at(i) + SENT, ns);
    }
}
