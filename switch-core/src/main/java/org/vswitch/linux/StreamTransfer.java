package org.vswitch.linux;

/// Reads and gathered writes on connected stream sockets (recv(2), sendmsg(2)) that never wait, raise no SIGPIPE and
/// allocate nothing. Used by one thread.
///
/// To write, pieces are appended: [#begin], [#add] for each, then [#send], which may take any part of them. What fails
/// is tried a second time, and only that answer counts: for the first, errno is not captured ([LibC]).
public final class StreamTransfer {
    /// The most pieces of one write (UIO_MAXIOV).
    public static final int PIECES = 1024;

    // struct iovec { void *base; size_t len; }
    private static final int VECTOR = 16;

    private final long message = NativeMemory.map(InetMessage.HEADER + VECTOR * PIECES);
    private final long vectors = message + InetMessage.HEADER;
    private int pieces;

    /// Lays the structures out. They live as long as the process: one a data plane.
    public StreamTransfer() {
        NativeMemory.putLong(message + InetMessage.IOV, vectors);
    }

    /// Reads what has come.
    ///
    /// @param fd a connected stream socket
    /// @param address where the first byte goes
    /// @param capacity bytes of room, 1 or more
    /// @return how many bytes came, 0 at the end of the stream, or -errno: -EAGAIN if nothing waits
    public int receive(int fd, long address, int capacity) {
        int count = LibC.tryRecv(fd, address, capacity, Constants.MSG_DONTWAIT);
        if (count < 0) {
            begin();
            add(address, capacity);
            NativeMemory.putLong(message + InetMessage.IOV_COUNT, pieces);
            do {
                count = (int) LibC.recvmsg(fd, message, Constants.MSG_DONTWAIT);
            } while (count == -Errno.EINTR.number());
        }
        return count;
    }

    /// Starts a new write.
    public void begin() {
        pieces = 0;
    }

    /// Whether further pieces fit.
    ///
    /// @param more how many
    /// @return false if the write must be sent first
    public boolean hasRoom(int more) {
        return pieces + more <= PIECES;
    }

    /// Appends a piece.
    ///
    /// @param address the first byte
    /// @param length how many bytes
    public void add(long address, int length) {
        long vector = vectors + (long) pieces++ * VECTOR;
        NativeMemory.putLong(vector, address);
        NativeMemory.putLong(vector + 8, length);
    }

    /// Sends the pieces in order, as far as the kernel takes them.
    ///
    /// @param fd a connected stream socket
    /// @return how many bytes went, or -errno: -EAGAIN if there is no room, -EPIPE or -ECONNRESET if nobody reads
    public int send(int fd) {
        int flags = Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL;
        NativeMemory.putLong(message + InetMessage.IOV_COUNT, pieces);
        int sent = LibC.trySendmsg(fd, message, flags);
        if (sent < 0) {
            do {
                sent = (int) LibC.sendmsg(fd, message, flags);
            } while (sent == -Errno.EINTR.number());
        }
        return sent;
    }
}
