package org.vswitch.linux;

/// A connected Unix socket by which two processes that share memory wake each other: a packet of one byte says that
/// there is something to look at, and the end of the connection that the other one has gone.
///
/// Theory of operation. No eventfd: whoever shares one can fill its counter, so that our next write waits, or have read
/// what we are waiting for. Here each side has its own receive queue, and no call waits, whatever flags the other side
/// has set on a descriptor that it handed to us. A packet that finds the queue full is dropped: there are others to
/// wake the sleeper then. Allocates nothing but in [#packet].
///
/// Used by one thread at a time.
public final class WakeSocket implements AutoCloseable {
    /// The longest packet that is received as a whole.
    public static final int MAX_PACKET = 256;
    /// The result of [#receive] when nothing is there.
    public static final int NOTHING = -1;

    private final Fd socket;
    private final long buffer = NativeMemory.map(MAX_PACKET + 1);

    /// Takes over a socket.
    ///
    /// @param socket of type SEQPACKET if it comes from this process, and whatever it is otherwise
    public WakeSocket(Fd socket) {
        this.socket = socket;
    }

    /// The descriptor to watch for readability.
    ///
    /// @return the number
    public int fd() {
        return socket.number();
    }

    /// Wakes the other side.
    public void signal() {
        LibC.trySend(socket.number(), buffer + MAX_PACKET, 1, Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL);
    }

    /// Takes one packet.
    ///
    /// @return its length, cut at [#MAX_PACKET]; 0 if the other side has gone; or [#NOTHING]
    public int receive() {
        return LibC.tryRecv(socket.number(), buffer, MAX_PACKET, Constants.MSG_DONTWAIT);
    }

    /// What the last packet said.
    ///
    /// @param length as [#receive] returned it
    /// @return its bytes
    public byte[] packet(int length) {
        byte[] bytes = new byte[length];
        NativeMemory.copyOut(buffer, bytes, 0, length);
        return bytes;
    }

    @Override
    public void close() {
        if (socket.number() >= 0) {
            socket.close();
            NativeMemory.unmap(buffer, MAX_PACKET + 1);
        }
    }
}
