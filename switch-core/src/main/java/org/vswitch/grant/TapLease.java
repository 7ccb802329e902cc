package org.vswitch.grant;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A tap from the broker, and the connection to it, with whose end the interface goes.
///
/// @param tap the descriptor of the interface, owned by whoever owns this
/// @param connection to the broker, to be kept open as long as the tap; nothing more is sent or comes
public record TapLease(Fd tap, Fd connection) implements AutoCloseable {
    /// Where the broker listens unless it is told otherwise.
    public static final String DEFAULT_SOCKET = "/run/vswitch-tapd.sock";
    private static final int TIMEOUT_MS = 5000;

    /// Asks for a tap, and waits for the answer, 5 s at most.
    ///
    /// @param socket where the broker listens
    /// @param request what is wanted
    /// @return owned by the caller
    /// @throws IOException with one line that names the request and why it is refused
    public static TapLease ask(String socket, GrantRequest request) throws IOException {
        Fd connection = Sockets.open(Sockets.Type.SEQPACKET, false);
        try {
            Sockets.timeout(connection, TIMEOUT_MS);
            connect(connection, socket, request);
            Fd tap = answer(connection, socket, request);
            return new TapLease(tap, connection);
        } catch (IOException refusal) {
            connection.close();
            throw refusal;
        }
    }

    private static void connect(Fd connection, String socket, GrantRequest request) throws LinuxException {
        try {
            Sockets.connect(connection, SocketAddress.ofPath(socket));
        } catch (LinuxException refusal) {
            String hint = refusal.is(Errno.EACCES) ? "may not be asked (see --mode and --group of vswitch-tapd)"
                    : "nobody to ask (root starts the broker: vswitch-tapd"
                    + (socket.equals(DEFAULT_SOCKET) ? ")" : " --socket " + socket + ")");
            throw new LinuxException("broker " + socket + ": " + request.name() + ": " + hint, refusal.errno());
        }
    }

    private static Fd answer(Fd connection, String socket, GrantRequest request) throws IOException {
        int sent = Sockets.send(connection, request.bytes());
        List<Fd> descriptors = new ArrayList<>();
        byte[] packet = new byte[GrantAnswer.LENGTH + 1];
        int length = sent < 0 ? sent : FdPassing.receive(connection, packet, descriptors);
        GrantAnswer answer = length <= 0 ? null
                : GrantAnswer.parse(Arrays.copyOf(packet, length)).orElse(null);
        if (answer != null && answer.status() == GrantStatus.GRANTED && descriptors.size() == 1) {
            return descriptors.getFirst();
        }
        descriptors.forEach(Fd::close);
        String broker = "broker " + socket + ": ";
        if (answer == null) {
            throw new IOException(broker + (length == 0 ? "closed the connection without an answer"
                    : length == -Errno.EAGAIN.number() ? "no answer within " + TIMEOUT_MS / 1000 + " s"
                    : length < 0 ? Errno.text(-length) : "an answer that is none"));
        }
        Errno unsaid = answer.status() == GrantStatus.EXISTS ? Errno.EEXIST : Errno.EACCES;
        throw new LinuxException(broker + request.name() + ": " + answer.status().text(),
                answer.errno() == 0 ? unsaid.number() : answer.errno());
    }

    @Override
    public void close() {
        tap.close();
        connection.close();
    }
}
