package org.vswitch.linux;

/// Up to 64 datagrams of one call with the names of those who sent them (recvmmsg(2)). Laid out once; receiving
/// allocates nothing. Used by one thread.
public final class NamedDatagrams implements AutoCloseable {
    /// The most datagrams of one call.
    public static final int CAPACITY = 64;

    // struct mmsghdr { struct msghdr hdr; u32 len; }, aligned to 8; struct iovec; struct sockaddr_un, padded
    private static final int MESSAGE = 64;
    private static final int VECTOR = 16;
    private static final int NAME = 112;
    private static final int SIZE = CAPACITY * (MESSAGE + VECTOR + NAME);
    private static final int FAMILY = 2;
    private static final long FNV_OFFSET = 0xcbf2_9ce4_8422_2325L;
    private static final long FNV_PRIME = 0x100_0000_01b3L;

    private final long messages = NativeMemory.map(SIZE);
    private final long vectors = messages + CAPACITY * MESSAGE;
    private final long names = vectors + CAPACITY * VECTOR;

    /// Lays the structures out.
    public NamedDatagrams() {
        for (int i = 0; i < CAPACITY; i++) {
            NativeMemory.putLong(message(i) + InetMessage.NAME, name(i));
            NativeMemory.putLong(message(i) + InetMessage.IOV, vectors + (long) i * VECTOR);
            NativeMemory.putLong(message(i) + InetMessage.IOV_COUNT, 1);
        }
    }

    /// Gives a datagram the buffer that it is received into from now on.
    ///
    /// @param index 0 to 63
    /// @param address the first byte
    /// @param capacity bytes of room
    public void receiveInto(int index, long address, int capacity) {
        NativeMemory.putLong(vectors + (long) index * VECTOR, address);
        NativeMemory.putLong(vectors + (long) index * VECTOR + 8, capacity);
    }

    /// Receives what waits, without blocking.
    ///
    /// @param socket a Unix datagram socket
    /// @return how many came, or -errno: -EAGAIN if none waits
    public int receive(Fd socket) {
        for (int i = 0; i < CAPACITY; i++) {
            NativeMemory.putInt(message(i) + InetMessage.NAME_LENGTH, SocketAddress.UNIX_LENGTH);
        }
        return LibC.recvmmsg(socket.number(), messages, CAPACITY, Constants.MSG_DONTWAIT | Constants.MSG_TRUNC);
    }

    /// The true length of a received datagram, also where it exceeded its buffer.
    ///
    /// @param index 0 to one below what [#receive] returned
    /// @return bytes
    public int length(int index) {
        return NativeMemory.getInt(message(index) + InetMessage.HEADER);
    }

    /// Whether the sender has a name, so that it can be answered.
    ///
    /// @param index as above
    /// @return false for a socket that was never bound
    public boolean hasName(int index) {
        return nameLength(index) > FAMILY;
    }

    /// A number that senders of one name have in common, and others seldom.
    ///
    /// @param index as above
    /// @return FNV-1a of the name's bytes
    public long nameHash(int index) {
        long hash = FNV_OFFSET;
        for (int i = FAMILY; i < nameLength(index); i++) {
            hash = (hash ^ NativeMemory.getByte(name(index) + i)) * FNV_PRIME;
        }
        return hash;
    }

    /// Whether a sender has a certain name.
    ///
    /// @param index as above
    /// @param bytes of a name, as of [#sender]
    /// @return true if they are the same
    public boolean isNamed(int index, byte[] bytes) {
        if (bytes.length != nameLength(index)) {
            return false;
        }
        for (int i = FAMILY; i < bytes.length; i++) {
            if (bytes[i] != (byte) NativeMemory.getByte(name(index) + i)) {
                return false;
            }
        }
        return true;
    }

    /// The name of a sender.
    ///
    /// @param index as above
    /// @return as long as the kernel gave it
    public SocketAddress sender(int index) {
        byte[] bytes = new byte[nameLength(index)];
        NativeMemory.copyOut(name(index), bytes, 0, bytes.length);
        return SocketAddress.ofBytes(bytes);
    }

    /// Unmaps the memory. Called once.
    @Override
    public void close() {
        NativeMemory.unmap(messages, SIZE);
    }

    private int nameLength(int index) {
        return Math.min(SocketAddress.UNIX_LENGTH,
                NativeMemory.getInt(message(index) + InetMessage.NAME_LENGTH));
    }

    private long name(int index) {
        return names + (long) index * NAME;
    }

    private long message(int index) {
        return messages + (long) index * MESSAGE;
    }
}
