package org.vswitch.linux;

/// An epoll instance (epoll(7)) with room for the events of one wait. Level-triggered. Used by one thread.
public final class Epoll implements AutoCloseable {
    /// Readable, or the peer has gone.
    public static final int READABLE = 1;
    /// Writable.
    public static final int WRITABLE = 4;
    /// The descriptor failed or hung up; reported unasked.
    public static final int FAILED = 8 | 16;
    /// In an interest: report a state once, when it begins, and not for as long as it lasts.
    public static final int EDGE = 1 << 31;

    // struct epoll_event { uint32_t events; epoll_data_t data; }, packed on x86-64 only
    private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));
    private static final int STRIDE = PACKED ? 12 : 16;
    private static final int DATA = PACKED ? 4 : 8;

    private final Fd fd;
    private final long events;
    private final int capacity;

    /// Creates an instance.
    ///
    /// @param capacity the most events one wait returns
    /// @throws LinuxException if the kernel refuses
    public Epoll(int capacity) throws LinuxException {
        this.fd = new Fd(LinuxException.check(LibC.epollCreate1(Constants.EPOLL_CLOEXEC), "epoll_create1"));
        this.capacity = capacity;
        this.events = NativeMemory.map((long) capacity * STRIDE + 64);
    }

    /// The descriptor of this instance, readable while an event is pending; it may be watched by another one.
    ///
    /// @return the number
    public int fd() {
        return fd.number();
    }

    /// Starts to watch a descriptor.
    ///
    /// @param watched what to watch
    /// @param interest [#READABLE], [#WRITABLE], both or 0, which still reports failures; perhaps with [#EDGE]
    /// @param token returned by [#token] with each event
    /// @throws LinuxException if the kernel refuses
    public void add(int watched, int interest, long token) throws LinuxException {
        int result = tryAdd(watched, interest, token);
        if (result < 0) {
            throw new LinuxException("epoll_ctl add fd=" + watched, -result);
        }
    }

    /// The same without a throw.
    ///
    /// @param watched what to watch
    /// @param interest as [#add] takes it
    /// @param token returned by [#token] with each event
    /// @return 0 or -errno
    public int tryAdd(int watched, int interest, long token) {
        return control(Constants.EPOLL_CTL_ADD, watched, interest, token);
    }

    /// Changes what is watched.
    ///
    /// @param watched a descriptor added before
    /// @param interest [#READABLE], [#WRITABLE], both or 0, which still reports failures; perhaps with [#EDGE]
    /// @param token returned by [#token] with each event
    /// @return 0 or -errno
    public int modify(int watched, int interest, long token) {
        return LibC.epollModify(fd.number(), watched, event(interest, token));
    }

    /// Stops watching a descriptor; to be called before it is closed, unless it has no duplicate.
    ///
    /// @param watched a descriptor added before
    public void remove(int watched) {
        control(Constants.EPOLL_CTL_DEL, watched, 0, 0);
    }

    /// Waits for events. Allocates nothing, also where it is called so seldom that the JIT leaves the caller alone.
    ///
    /// @param timeoutMs 0 returns at once, -1 waits without limit
    /// @return how many events there are, or -1 if a signal came first
    public int await(int timeoutMs) {
        return LibC.tryEpollWait(fd.number(), events, capacity, timeoutMs);
    }

    /// The token of an event of the last wait.
    ///
    /// @param index 0 to one below what [#await] returned
    /// @return as given to [#add]
    public long token(int index) {
        return NativeMemory.getLong(events + (long) index * STRIDE + DATA);
    }

    /// What happened.
    ///
    /// @param index 0 to one below what [#await] returned
    /// @return a set of [#READABLE], [#WRITABLE], [#FAILED]
    public int ready(int index) {
        return NativeMemory.getInt(events + (long) index * STRIDE);
    }

    @Override
    public void close() {
        if (fd.number() >= 0) {
            fd.close();
            NativeMemory.unmap(events, (long) capacity * STRIDE + 64);
        }
    }

    private int control(int operation, int watched, int interest, long token) {
        return LibC.epollCtl(fd.number(), operation, watched, event(interest, token));
    }

    private long event(int interest, long token) {
        long event = events + (long) capacity * STRIDE;
        NativeMemory.putInt(event, interest);
        NativeMemory.putLong(event + DATA, token);
        return event;
    }
}
