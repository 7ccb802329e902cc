package org.vswitch.linux;

/// Prepared arrays for recvmmsg(2) and sendmmsg(2): up to 64 datagrams a system call. Used by one thread.
///
/// Theory of operation. The `mmsghdr` array and a pool of `iovec`s are laid out once; per datagram only addresses and
/// lengths are written. To receive, each message owns one buffer, set once with [#receiveInto]. To send, messages are
/// appended piece by piece: [#begin], then for each datagram [#startMessage] and [#addPiece], then [#send]. A single
/// datagram in one piece goes by recv(2) and send(2): the kernel need not fetch the arrays, nor write into them, which
/// saves a fifth of a microsecond each way where frames come one by one.
public final class MessageBatch {
    /// The most datagrams in one call.
    public static final int CAPACITY = 64;
    /// The most pieces all datagrams of one call may have together.
    public static final int PIECES = CAPACITY * 20;

    // struct mmsghdr { struct msghdr { void *name; u32 namelen; iovec *iov; size_t iovlen; void *control;
    //                  size_t controllen; int flags; } hdr; u32 len; }
    private static final int MESSAGE = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int LENGTH = 56;
    // struct iovec { void *base; size_t len; }
    private static final int VECTOR = 16;

    /// Where datagrams of an unconnected socket go: an address in native memory.
    public static final class Destination implements AutoCloseable {
        private final long address;
        private final int length;

        /// Copies an address.
        ///
        /// @param peer where datagrams shall go
        public Destination(SocketAddress peer) {
            byte[] bytes = peer.bytes();
            length = bytes.length;
            address = NativeMemory.map(length);
            NativeMemory.copyIn(bytes, 0, address, length);
        }

        long address() {
            return address;
        }

        int length() {
            return length;
        }

        /// Unmaps the address. Called once.
        @Override
        public void close() {
            NativeMemory.unmap(address, length);
        }
    }

    private final long messages;
    private final long vectors;
    private long nameAddress;
    private int nameLength;
    private int messageCount;
    private int pieceCount;

    /// Lays the arrays out. They live as long as the process: one batch a data plane and direction.
    public MessageBatch() {
        messages = NativeMemory.map(MESSAGE * CAPACITY + VECTOR * PIECES);
        vectors = messages + MESSAGE * CAPACITY;
        for (int i = 0; i < CAPACITY; i++) {
            NativeMemory.putLong(message(i) + IOV, vectors + (long) i * VECTOR);
            NativeMemory.putLong(message(i) + IOV_COUNT, 1);
        }
    }

    /// Gives a message the buffer that it receives into from now on.
    ///
    /// @param index 0 to 63
    /// @param address the first byte
    /// @param capacity bytes of room
    public void receiveInto(int index, long address, int capacity) {
        NativeMemory.putLong(vector(index), address);
        NativeMemory.putLong(vector(index) + 8, capacity);
    }

    /// Receives what waits, without blocking.
    ///
    /// @param fd a datagram or seqpacket socket
    /// @param count the most datagrams wanted, up to 64
    /// @return how many came, or -errno: EAGAIN if none waits, others about a datagram sent before, which are told of
    ///     only if more than one is wanted
    public int receive(int fd, int count) {
        if (count == 1) {
            int length = LibC.tryRecv(fd, NativeMemory.getLong(vector(0)), NativeMemory.getLong(vector(0) + 8),
                    Constants.MSG_DONTWAIT | Constants.MSG_TRUNC);
            if (length >= 0) {
                NativeMemory.putInt(message(0) + LENGTH, length);
                return 1;
            }
        }
        return LibC.recvmmsg(fd, messages, count, Constants.MSG_DONTWAIT | Constants.MSG_TRUNC);
    }

    /// The true length of a received datagram, also where it exceeded its buffer.
    ///
    /// @param index 0 to one below what [#receive] returned
    /// @return bytes
    public int length(int index) {
        return NativeMemory.getInt(message(index) + LENGTH);
    }

    /// Starts a new set of datagrams to send.
    ///
    /// @param destination where each goes, prepared before, or null on a connected socket
    public void begin(Destination destination) {
        messageCount = 0;
        pieceCount = 0;
        nameAddress = destination == null ? 0 : destination.address;
        nameLength = destination == null ? 0 : destination.length;
    }

    /// Appends a datagram without content; its pieces follow.
    ///
    /// @param pieces how many calls of [#addPiece] follow for it
    public void startMessage(int pieces) {
        long message = message(messageCount++);
        NativeMemory.putLong(message + NAME, nameAddress);
        NativeMemory.putInt(message + NAME_LENGTH, nameLength);
        NativeMemory.putLong(message + IOV, vector(pieceCount));
        NativeMemory.putLong(message + IOV_COUNT, pieces);
    }

    /// Appends a piece to the datagram started last.
    ///
    /// @param address the first byte
    /// @param length how many bytes
    public void addPiece(long address, int length) {
        long vector = vector(pieceCount++);
        NativeMemory.putLong(vector, address);
        NativeMemory.putLong(vector + 8, length);
    }

    /// Whether a further datagram fits.
    ///
    /// @param pieces how many pieces it has
    /// @return false if the set must be sent first
    public boolean hasRoom(int pieces) {
        return messageCount < CAPACITY && pieceCount + pieces <= PIECES;
    }

    /// How many datagrams were appended since [#begin].
    ///
    /// @return 0 to 64
    public int count() {
        return messageCount;
    }

    /// Sends appended datagrams in order, without blocking.
    ///
    /// @param fd a datagram or seqpacket socket
    /// @param from index of the first to send
    /// @return how many went, at least 1; or -errno, which is about the first of them
    public int send(int fd, int from) {
        if (messageCount - from == 1 && nameAddress == 0 && NativeMemory.getLong(message(from) + IOV_COUNT) == 1) {
            long vector = NativeMemory.getLong(message(from) + IOV);
            int sent = LibC.trySend(fd, NativeMemory.getLong(vector), NativeMemory.getLong(vector + 8),
                    Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL);
            if (sent >= 0) {
                return 1;
            }
        }
        return LibC.sendmmsg(fd, message(from), messageCount - from,
                Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL);
    }

    private long message(int index) {
        return messages + (long) index * MESSAGE;
    }

    private long vector(int index) {
        return vectors + (long) index * VECTOR;
    }
}
