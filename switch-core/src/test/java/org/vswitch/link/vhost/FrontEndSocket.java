package org.vswitch.link.vhost;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A front-end at the end of a socket, which waits for its answers.
public final class FrontEndSocket implements AutoCloseable {
    private static final int SECONDS = 30;
    private static final int REPLY_LENGTH = 20;

    private final Fd fd;

    /// @param fd a non-blocking socket, owned from now on
    public FrontEndSocket(Fd fd) {
        this.fd = fd;
    }

    /// Connects to a back-end that listens.
    public static FrontEndSocket connect(String path) throws IOException {
        Fd fd = Sockets.open(Sockets.Type.STREAM, true);
        try {
            Sockets.connect(fd, SocketAddress.ofPath(path));
            return new FrontEndSocket(fd);
        } catch (IOException refusal) {
            fd.close();
            throw refusal;
        }
    }

    /// Sends bytes as they are.
    void send(byte[] bytes, Fd... files) {
        FdPassing.send(fd, bytes, List.of(files));
    }

    /// Sends a message.
    void tell(VhostRequest request, byte[] payload, Fd... files) {
        send(FrontEndTalk.joined(FrontEndTalk.u32(request.number(), 1, payload.length), payload), files);
    }

    /// Sends a question and waits for the answer.
    ///
    /// @return a number
    long ask(VhostRequest request) throws IOException {
        tell(request, new byte[0]);
        byte[] reply = receive();
        if (reply.length != REPLY_LENGTH) {
            throw new IOException("reply of " + reply.length + " bytes");
        }
        return Long.reverseBytes(ByteBuffer.wrap(reply).getLong(12));
    }

    /// Waits for the end of the connection.
    ///
    /// @return whether it came, and nothing before it
    boolean isEnded() {
        return receive().length == 0;
    }

    /// Whether the back-end has left, without waiting for it.
    public boolean hasEnded() {
        List<Fd> files = new ArrayList<>();
        int count = FdPassing.receive(fd, new byte[1], files);
        files.forEach(Fd::close);
        return count != -Errno.EAGAIN.number();
    }

    /// At once, even if a program that another test starts holds a copy of the descriptor until it runs.
    @Override
    public void close() {
        Sockets.shutdown(fd);
        fd.close();
    }

    /// What comes: a reply, or nothing at the end.
    private byte[] receive() {
        byte[] room = new byte[REPLY_LENGTH];
        List<Fd> files = new ArrayList<>();
        int[] count = new int[1];
        Sandbox.await("an answer", SECONDS, () -> {
            count[0] = FdPassing.receive(fd, room, files);
            return count[0] != -Errno.EAGAIN.number();
        });
        files.forEach(Fd::close);
        return Arrays.copyOf(room, Math.max(0, count[0]));
    }
}
