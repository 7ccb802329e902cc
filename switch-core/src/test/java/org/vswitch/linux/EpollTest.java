package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EpollTest {
    private final List<EventFd> events = new ArrayList<>();

    @AfterEach
    void close() {
        events.forEach(EventFd::close);
    }

    @Test
    void shouldReturnTheTokensOfWhatIsReady() throws IOException {
        try (Epoll epoll = new Epoll(8)) {
            for (int i = 0; i < 5; i++) {
                epoll.add(event().fd(), Epoll.READABLE, 1L << 40 | i);
            }
            events.get(1).signal();
            events.get(4).signal();
            assertEquals(2, epoll.await(-1));
            assertEquals((1L << 40 | 1) + (1L << 40 | 4), epoll.token(0) + epoll.token(1));
            assertEquals(Epoll.READABLE, epoll.ready(1));
        }
    }

    @Test
    void shouldReturnNoMoreThanItHasRoomFor() throws IOException {
        try (Epoll epoll = new Epoll(2)) {
            for (int i = 0; i < 5; i++) {
                epoll.add(event().fd(), Epoll.READABLE, i);
                events.get(i).signal();
            }
            assertEquals(2, epoll.await(0));
        }
    }

    @Test
    void shouldWatchWhatItWasToldLast() throws IOException {
        try (Epoll epoll = new Epoll(2)) {
            int watched = event().fd();
            epoll.add(watched, Epoll.READABLE, 1);
            assertEquals(0, epoll.await(0));
            assertEquals(0, epoll.modify(watched, Epoll.READABLE | Epoll.WRITABLE, 2));
            assertEquals(1, epoll.await(0));
            assertEquals(2, epoll.token(0));
            assertEquals(Epoll.WRITABLE, epoll.ready(0));
            epoll.modify(watched, 0, 2);
            assertEquals(0, epoll.await(0));
            epoll.remove(watched);
            assertEquals(-Errno.ENOENT.number(), epoll.modify(watched, 0, 2));
        }
    }

    @Test
    void shouldReportAHangUpUnasked() throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.STREAM, true);
        try (Epoll epoll = new Epoll(2); Fd first = pair.first()) {
            epoll.add(first.number(), 0, 1);
            assertEquals(0, epoll.await(0));
            pair.second().close();
            assertEquals(1, epoll.await(10_000));
            assertTrue((epoll.ready(0) & Epoll.FAILED) != 0);
        }
    }

    @Test
    void shouldNameTheDescriptorItCannotWatch() throws IOException {
        try (Epoll epoll = new Epoll(2)) {
            LinuxException refusal = assertThrows(LinuxException.class, () -> epoll.add(9999, Epoll.READABLE, 1));
            assertEquals("epoll_ctl add fd=9999: Bad file descriptor", refusal.getMessage());
        }
    }

    @Test
    void shouldCountSignalsAsOneWakeUp() throws IOException {
        EventFd event = event();
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(event.fd(), Epoll.READABLE, 1);
            event.drain();
            assertEquals(0, epoll.await(0));
            event.signal();
            event.signal();
            assertEquals(1, epoll.await(0));
            event.drain();
            assertEquals(0, epoll.await(0));
        }
    }

    private EventFd event() throws IOException {
        EventFd event = new EventFd();
        events.add(event);
        return event;
    }
}
