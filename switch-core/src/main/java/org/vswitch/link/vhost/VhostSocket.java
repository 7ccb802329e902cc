package org.vswitch.link.vhost;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// A connection to a front-end: a stream of messages, with descriptors at the head of some.
///
/// Theory of operation. Descriptors belong to the bytes they were sent with, so nothing is read beyond the message at
/// hand: first the header, then as much as it says. Each read may bring a part; what is there stays until the rest
/// comes. Replies are short: a front-end that has left so many unread that the socket is full is given up.
///
/// Non-blocking; used by one thread.
final class VhostSocket implements AutoCloseable {
    private final Fd fd;
    private final List<Fd> descriptors = new ArrayList<>();
    private byte[] header = {};
    private byte[] payload = {};

    /// A connection of which nothing was read.
    ///
    /// @param fd a non-blocking stream socket, owned from now on
    VhostSocket(Fd fd) {
        this.fd = fd;
    }

    /// The descriptor to watch.
    int descriptor() {
        return fd.number();
    }

    /// Who is at the other end.
    Sockets.Credentials peer() throws LinuxException {
        return Sockets.peer(fd.number());
    }

    /// Whether a message has begun that is not complete.
    boolean isHalf() {
        return header.length > 0;
    }

    /// Reads on.
    ///
    /// @return a message; empty if more must come
    /// @throws EOFException if the front-end has gone
    /// @throws IOException with a line about why the connection is to end
    Optional<VhostMessage> read() throws IOException {
        if (header.length < VhostMessage.HEADER_LENGTH) {
            header = grown(header, VhostMessage.HEADER_LENGTH);
        }
        if (header.length < VhostMessage.HEADER_LENGTH) {
            return Optional.empty();
        }
        int length = VhostMessage.payloadLength(header);
        if (payload.length < length) {
            payload = grown(payload, length);
        }
        if (payload.length < length) {
            return Optional.empty();
        }
        VhostMessage message = VhostMessage.of(header, payload);
        header = new byte[0];
        payload = new byte[0];
        return Optional.of(message);
    }

    /// The descriptors that came with the last message.
    ///
    /// @return owned by the caller
    List<Fd> takeDescriptors() {
        List<Fd> taken = List.copyOf(descriptors);
        descriptors.clear();
        return taken;
    }

    /// Sends a reply.
    ///
    /// @param bytes all of it
    /// @throws IOException if it does not go at once
    void send(byte[] bytes) throws IOException {
        int sent = FdPassing.send(fd, bytes, List.of());
        if (sent == -Errno.EPIPE.number() || sent == -Errno.ECONNRESET.number()) {
            throw new EOFException();
        }
        if (sent != bytes.length) {
            throw new IOException("replies are not read");
        }
    }

    @Override
    public void close() {
        takeDescriptors().forEach(Fd::close);
        fd.close();
    }

    /// Adds what has come.
    private byte[] grown(byte[] part, int length) throws IOException {
        byte[] bytes = new byte[length - part.length];
        int count = FdPassing.receive(fd, bytes, descriptors);
        if (descriptors.size() > VhostMessage.MAX_DESCRIPTORS || count == -Errno.EMSGSIZE.number()) {
            throw new VhostRefusal("more than " + VhostMessage.MAX_DESCRIPTORS + " descriptors");
        }
        if (count == -Errno.EAGAIN.number() || count == -Errno.EINTR.number()) {
            return part;
        }
        if (count == 0 || count == -Errno.ECONNRESET.number()) {
            throw new EOFException();
        }
        if (count < 0) {
            throw new LinuxException("recvmsg", -count);
        }
        byte[] more = Arrays.copyOf(part, part.length + count);
        System.arraycopy(bytes, 0, more, part.length, count);
        return more;
    }
}
