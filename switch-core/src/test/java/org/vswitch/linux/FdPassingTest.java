package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;

class FdPassingTest {
    private Sockets.Pair pair;
    private final List<Fd> received = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        pair = Sockets.pair(Sockets.Type.SEQPACKET, true);
    }

    @AfterEach
    void close() {
        pair.first().close();
        pair.second().close();
        received.forEach(Fd::close);
    }

    @Test
    void shouldMapInOneProcessWhatAnotherPassed() throws IOException {
        try (SharedMemory mine = SharedMemory.create("shared", 8192)) {
            NativeMemory.putInt(mine.address() + 5000, 4711);
            FdPassing.send(pair.first(), new byte[] {1}, List.of(mine.file()));
            assertEquals(1, FdPassing.receive(pair.second(), new byte[8], received));
            LinuxException tooShort = assertThrows(LinuxException.class,
                    () -> SharedMemory.map(received.getFirst(), 8193));
            assertEquals("mmap length=8193 file length=8192: Invalid argument", tooShort.getMessage());
            try (SharedMemory theirs = SharedMemory.map(received.getFirst(), 8192)) {
                assertEquals(4711, NativeMemory.getInt(theirs.address() + 5000));
                NativeMemory.putInt(theirs.address(), 1);
                assertEquals(1, NativeMemory.getInt(mine.address()));
            }
        }
    }

    @Test
    void shouldPassAsManyAsItSays() {
        FdPassing.send(pair.first(), new byte[5], Collections.nCopies(FdPassing.MAX_DESCRIPTORS, pair.first()));
        assertEquals(5, FdPassing.receive(pair.second(), new byte[8], received));
        assertEquals(FdPassing.MAX_DESCRIPTORS, received.size());
        assertThrows(IllegalArgumentException.class, () -> FdPassing.send(pair.first(), new byte[5],
                Collections.nCopies(FdPassing.MAX_DESCRIPTORS + 1, pair.first())));
    }

    @Test
    void shouldPassBytesAlone() {
        FdPassing.send(pair.first(), new byte[5], List.of());
        assertEquals(5, FdPassing.receive(pair.second(), new byte[8], received));
        assertTrue(received.isEmpty());
    }

    @Test
    void shouldCloseAllDescriptorsOfAMessageThatHasTooMany() throws IOException {
        received.add(Sockets.open(Sockets.Type.STREAM, true));
        try (Epoll epoll = new Epoll(4)) {
            // closing the last reference to a watched event takes it out of an epoll set: that shows what stays open
            EventFd passed = new EventFd();
            epoll.add(passed.fd(), Epoll.READABLE, 1);
            passed.signal();
            FdPassing.send(pair.first(), new byte[1], Collections.nCopies(8, new Fd(passed.fd())));
            assertEquals(-Errno.EMSGSIZE.number(), FdPassing.receive(pair.second(), new byte[8], received, 4));
            assertEquals(1, received.size(), "what was in the list before stays");
            passed.close();
            Sandbox.await("nothing refers to the event any more", () -> epoll.await(0) == 0);
        }
    }

    @Test
    void shouldReportTheEndAndAnEmptyQueue() {
        assertEquals(-Errno.EAGAIN.number(), FdPassing.receive(pair.second(), new byte[8], received));
        pair.first().close();
        Sandbox.await("the end", () -> FdPassing.receive(pair.second(), new byte[8], received) == 0);
    }
}
