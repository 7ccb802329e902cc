package org.vswitch.linux;

/// Up to 32 datagrams of one UDP or ping socket for one system call (recvmmsg, sendmmsg), each with its own addresses,
/// TTL and TOS ([InetMessage]). Laid out once, filled anew for each call, which allocates nothing. Used by one thread.
///
/// What the network reports about a datagram (IP_RECVERR) the kernel returns once in place of the next result, whatever
/// that is about, and keeps in the error queue besides. So what fails is tried a second time, and only that answer
/// counts; for the first, errno is not captured, which would allocate until it is compiled ([LibC]).
public final class InetMessageBatch implements AutoCloseable {
    /// The most datagrams of one call.
    public static final int CAPACITY = 32;

    // struct mmsghdr { struct msghdr hdr; u32 len; }, aligned to 8
    private static final int STRIDE = 64;
    private static final int LENGTH = InetMessage.HEADER;
    private static final int SIZE = CAPACITY * (STRIDE + InetMessage.AROUND);

    private final long headers = NativeMemory.map(SIZE);
    private final InetMessage[] messages = new InetMessage[CAPACITY];

    /// Lays the structures out.
    public InetMessageBatch() {
        long around = headers + CAPACITY * STRIDE;
        for (int i = 0; i < CAPACITY; i++) {
            messages[i] = new InetMessage(header(i), around + (long) i * InetMessage.AROUND);
        }
    }

    /// One of the datagrams.
    ///
    /// @param index 0 to 31
    /// @return always the same
    public InetMessage at(int index) {
        return messages[index];
    }

    /// Sends datagrams in order, without blocking, each as its [InetMessage#destination], [InetMessage#delivery] and
    /// [InetMessage#content] say.
    ///
    /// @param socket a UDP or ping socket of the destinations' family
    /// @param from index of the first
    /// @param to index of the last, plus 1
    /// @return how many went, at least 1; or -errno, which is about the first of them
    public int send(int socket, int from, int to) {
        int flags = Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL;
        int sent = to - from == 1 ? toCount(LibC.trySendmsg(socket, header(from), flags))
                : LibC.trySendmmsg(socket, header(from), to - from, flags);
        if (sent < 0) {
            do {
                sent = LibC.sendmmsg(socket, header(from), to - from, flags);
            } while (sent == -Errno.EINTR.number());
        }
        return sent;
    }

    /// Receives what waits, without blocking, into the room that [InetMessage#content] says.
    ///
    /// @param socket a UDP or ping socket
    /// @param count the most datagrams wanted, 1 to 32
    /// @return how many came, of which [#length] tells more; or -errno: -EAGAIN if none waits
    public int receive(int socket, int count) {
        prepare(count);
        int received = LibC.tryRecvmmsg(socket, headers, count, Constants.MSG_DONTWAIT);
        if (received < 0) {
            do {
                prepare(count);
                received = LibC.recvmmsg(socket, headers, count, Constants.MSG_DONTWAIT);
            } while (received == -Errno.EINTR.number());
        }
        for (int i = 0; i < received; i++) {
            messages[i].received();
        }
        return received;
    }

    /// How many bytes of a datagram [#receive] received.
    ///
    /// @param index 0 to one below what was returned
    /// @return bytes, perhaps 0
    public int length(int index) {
        return NativeMemory.getInt(header(index) + LENGTH);
    }

    /// Unmaps the memory, that of the messages, too. Called once.
    @Override
    public void close() {
        NativeMemory.unmap(headers, SIZE);
    }

    private void prepare(int count) {
        for (int i = 0; i < count; i++) {
            messages[i].prepare();
        }
    }

    private long header(int index) {
        return headers + (long) index * STRIDE;
    }

    /// What sendmmsg returns of a datagram that sendmsg has sent.
    private static int toCount(int bytes) {
        return bytes < 0 ? bytes : 1;
    }
}
