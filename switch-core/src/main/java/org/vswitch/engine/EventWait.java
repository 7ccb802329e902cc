package org.vswitch.engine;

import org.vswitch.linux.Epoll;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.TimerFd;

/// How a data plane waits for events: not at all, or until there is one or a time has come.
///
/// A time is the alarm of a [TimerFd], one more event; an alarm that is set too early is left as it is, and set anew
/// when it has gone off. While rings are polled, pass after pass, not each of them looks for events ([#REST_NS]).
/// Before the thread sleeps it may look for events for a while ([BusyPolling]). Used by one thread.
final class EventWait implements AutoCloseable {
    private static final int NOT_AT_ALL = 0;
    private static final int UNTIL_AN_EVENT = -1;
    /// How long nobody looks again after there was nothing: what an event of a socket may have to wait while rings are
    /// polled, in exchange for passes without a system call.
    static final long REST_NS = 5_000;
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final Epoll epoll;
    private final TimerFd alarm;
    private final BusyPolling polling = new BusyPolling();
    private long alarmNs = Long.MAX_VALUE;
    private long emptyNs = NEVER;

    /// Watches an alarm besides what is watched already.
    ///
    /// @param epoll stays the caller's
    /// @param alarmToken of the alarm's event
    /// @throws LinuxException if the kernel refuses
    EventWait(Epoll epoll, long alarmToken) throws LinuxException {
        this.epoll = epoll;
        alarm = new TimerFd();
        epoll.add(alarm.fd(), Epoll.READABLE | Epoll.EDGE, alarmToken);
    }

    /// What there is.
    ///
    /// @return how many events, or -1
    int look() {
        return epoll.await(NOT_AT_ALL);
    }

    /// Waits for an event.
    ///
    /// @param untilNs when there is one at the latest, or [Long#MAX_VALUE]
    /// @param nowNs the time
    /// @return how many events, or -1
    int until(long untilNs, long nowNs) {
        if (untilNs <= nowNs) {
            return glance(nowNs);
        }
        if (untilNs < alarmNs) {
            alarm.set(untilNs - nowNs);
            alarmNs = untilNs;
        }
        return pollThenSleep();
    }

    /// The last pass moved much.
    void streams() {
        polling.streams();
    }

    /// The alarm's event has come.
    void wentOff() {
        alarmNs = Long.MAX_VALUE;
    }

    @Override
    public void close() {
        alarm.close();
    }

    /// For a pass that has other work: nobody looks again for a while where there was nothing.
    private int glance(long nowNs) {
        if (nowNs - emptyNs < REST_NS) {
            Thread.onSpinWait(); // whoever has the rest of this core may be the one whose frames are looked for
            return 0;
        }
        int events = look();
        emptyNs = events == 0 ? nowNs : NEVER;
        return events;
    }

    /// Real time, whatever clock the data plane has: what is waited for is outside.
    private int pollThenSleep() {
        long startNs = System.nanoTime();
        polling.begin(startNs);
        int events = 0;
        boolean offered = false;
        for (long nowNs = startNs; events == 0 && polling.goesOn(nowNs); nowNs = System.nanoTime()) {
            events = look();
            if (events == 0 && !offered) {
                Thread.yield();
                offered = true;
            }
        }
        if (events == 0) {
            events = epoll.await(UNTIL_AN_EVENT);
        }
        polling.ended(System.nanoTime());
        return events;
    }
}
