package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.LinuxException;

class EventWaitTest {
    private static final long ALARM = -1;
    private static final long BELL = 7;
    private static final long AT_ONCE = Long.MIN_VALUE;

    private Epoll epoll;
    private EventFd bell;
    private EventWait events;
    private final long nowNs = 1_000_000;

    @BeforeEach
    void open() throws LinuxException {
        epoll = new Epoll(4);
        bell = new EventFd();
        epoll.add(bell.fd(), Epoll.READABLE, BELL);
        events = new EventWait(epoll, ALARM);
    }

    @AfterEach
    void close() {
        events.close();
        bell.close();
        epoll.close();
    }

    @Test
    void shouldRestAfterItHasFoundNothing() {
        assertEquals(0, events.until(AT_ONCE, nowNs));
        bell.signal();
        assertEquals(0, events.until(AT_ONCE, nowNs + EventWait.REST_NS - 1));
        assertEquals(1, events.until(AT_ONCE, nowNs + EventWait.REST_NS));
        assertEquals(BELL, epoll.token(0));
    }

    @Test
    void shouldNotRestWhileThereAreEvents() {
        bell.signal();
        assertEquals(1, events.until(AT_ONCE, nowNs));
        bell.drain();
        assertEquals(0, events.until(AT_ONCE, nowNs));
        bell.signal();
        assertEquals(0, events.until(AT_ONCE, nowNs), "from the first look in vain on");
    }

    @Test
    void shouldLookAllTheSameWhenAsked() {
        assertEquals(0, events.until(AT_ONCE, nowNs));
        bell.signal();
        assertEquals(1, events.look());
    }

    @Test
    void shouldLookBeforeItWaits() {
        assertEquals(0, events.until(AT_ONCE, nowNs));
        bell.signal();
        assertEquals(1, events.until(nowNs + 3_600_000_000_000L, nowNs));
    }

    @Test
    void shouldWaitForTheAlarm() {
        assertEquals(1, events.until(nowNs + 1, nowNs));
        assertEquals(ALARM, epoll.token(0));
    }
}
