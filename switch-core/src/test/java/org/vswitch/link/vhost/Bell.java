package org.vswitch.link.vhost;

import java.io.IOException;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;

/// An eventfd that a test rings or listens to.
public final class Bell implements AutoCloseable {
    private final EventFd fd = new EventFd();
    private final Epoll epoll = new Epoll(1);

    public Bell() throws IOException {
        epoll.add(fd.fd(), Epoll.READABLE, 0);
    }

    /// For the other side.
    Fd copy() throws IOException {
        Fd own = new Fd(fd.fd());
        Fd copy = FrontEndMemory.copies(own, 1).getFirst();
        own.release();
        return copy;
    }

    /// Rings it.
    public void ring() {
        fd.signal();
    }

    /// Whether it has been rung since the last time this was asked.
    public boolean hasRung() {
        boolean rung = epoll.await(0) == 1;
        if (rung) {
            fd.drain();
        }
        return rung;
    }

    @Override
    public void close() {
        epoll.close();
        fd.close();
    }
}
