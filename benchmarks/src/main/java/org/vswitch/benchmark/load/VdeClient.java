package org.vswitch.benchmark.load;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A plug as VDE's own library makes it: a control connection that stays open, and a blocking datagram socket with
/// default buffers, connected in both directions.
public final class VdeClient implements AutoCloseable {
    private static final int MAGIC = 0xfeedface;
    private static final int VERSION = 3;
    private static final int HEADER_LENGTH = 122;
    private static final int TIMEOUT_MS = 5000;
    private static int counter;

    private final Fd control;
    private final Fd data;

    private VdeClient(Fd control, Fd data) {
        this.control = control;
        this.data = data;
    }

    /// Attaches to the switch of a directory.
    ///
    /// @param directory where its `ctl` lies
    /// @param port the port number wanted, or 0 for any
    /// @return the plug, owned by the caller
    /// @throws LinuxException if there is no switch or it refuses
    public static VdeClient attach(Path directory, int port) throws LinuxException {
        Fd control = Sockets.open(Sockets.Type.STREAM, false);
        Fd data = Sockets.open(Sockets.Type.DATAGRAM, false);
        Path own = directory.resolve(".%05d-%05d".formatted(ProcessHandle.current().pid(), counter++));
        try {
            Sockets.timeout(control, TIMEOUT_MS);
            Sockets.connect(control, SocketAddress.ofPath(directory.resolve("ctl").toString()));
            SocketAddress ownAddress = SocketAddress.ofPath(own.toString());
            Sockets.bind(data, ownAddress);
            check(Sockets.send(control, request(ownAddress, port)), "send to " + directory);
            byte[] reply = new byte[SocketAddress.UNIX_LENGTH];
            int length = check(Sockets.receive(control, reply), "reply of " + directory);
            if (length != reply.length) {
                throw new LinuxException("attach to " + directory + ": reply length=" + length,
                        Errno.ECONNREFUSED.number());
            }
            Sockets.connect(data, SocketAddress.ofBytes(reply));
            return new VdeClient(control, data);
        } catch (LinuxException failure) {
            control.close();
            data.close();
            throw failure;
        } finally {
            remove(own);
        }
    }

    /// The datagram socket: one frame each way is one datagram.
    ///
    /// @return its descriptor, owned by this plug
    public Fd data() {
        return data;
    }

    @Override
    public void close() {
        data.close();
        control.close();
    }

    /// Passes a result on unless it is a failure.
    static int check(int result, String call) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, -result);
        }
        return result;
    }

    private static byte[] request(SocketAddress own, int port) {
        byte[] description = "benchmark".getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[HEADER_LENGTH + description.length];
        MemorySegment fields = MemorySegment.ofArray(request);
        fields.set(ValueLayout.JAVA_INT_UNALIGNED, 0, MAGIC);
        fields.set(ValueLayout.JAVA_INT_UNALIGNED, 4, VERSION);
        fields.set(ValueLayout.JAVA_INT_UNALIGNED, 8, port << 8);
        System.arraycopy(own.bytes(), 0, request, 12, SocketAddress.UNIX_LENGTH);
        System.arraycopy(description, 0, request, HEADER_LENGTH, description.length);
        return request;
    }

    private static void remove(Path socket) {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException failure) {
            throw new IllegalStateException("cannot remove " + socket, failure);
        }
    }
}
