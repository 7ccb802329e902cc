package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TimerFdTest {
    private static final long FAR_NS = TimeUnit.HOURS.toNanos(1);
    private static final long NEAR_NS = TimeUnit.MILLISECONDS.toNanos(3);

    private TimerFd alarm;
    private Epoll epoll;

    @BeforeEach
    void open() throws LinuxException {
        alarm = new TimerFd();
        epoll = new Epoll(2);
        epoll.add(alarm.fd(), Epoll.READABLE | Epoll.EDGE, 7);
    }

    @AfterEach
    void close() {
        epoll.close();
        alarm.close();
        alarm.close();
    }

    @Test
    void shouldEndAWaitNotBeforeItsTime() {
        long beganNs = System.nanoTime();
        alarm.set(NEAR_NS);
        assertEquals(1, epoll.await(-1));
        assertEquals(7, epoll.token(0));
        long tookNs = System.nanoTime() - beganNs;
        assertTrue(tookNs >= NEAR_NS, () -> "took ns=" + tookNs);
    }

    @Test
    void shouldGoOffOnceAndAgainWhenSetAgain() {
        alarm.set(1);
        assertEquals(1, epoll.await(-1));
        assertEquals(0, epoll.await(0));
        alarm.set(1);
        assertEquals(1, epoll.await(-1));
    }

    @Test
    void shouldForgetATimeWhenItIsSetAnew() {
        alarm.set(1);
        // what the first time has to say may be pending by now
        alarm.set(FAR_NS);
        assertEquals(0, epoll.await(0));
        alarm.set(NEAR_NS);
        assertEquals(1, epoll.await(-1));
    }
}
