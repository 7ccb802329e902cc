package org.vswitch.benchmark.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.link.LinkFeatures;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// The limit: what datagram sockets allow when there is no switch. It attaches VDE clients, and what one of them sends
/// goes to all others: recvmmsg of 64, sendmmsg of 64, nothing else. Its sockets hold as much as the switch's do; a
/// full one is waited for, so that no frame is received in vain.
public final class BareForwarder {
    private static final int BATCH = MessageBatch.CAPACITY;
    private static final int CAPACITY = 2048;
    private static final int STRIDE = CAPACITY + 64;
    private static final int PATH_OFFSET = 12;
    /// As link.DatagramLink asks for.
    private static final int SEND_BUFFER = LinkFeatures.MAX_BUFFERED * 3 / 4;

    private final Path directory;
    private final Epoll epoll = new Epoll(BATCH);
    private final Fd listener = Sockets.open(Sockets.Type.STREAM, true);
    private final MessageBatch input = new MessageBatch();
    private final MessageBatch output = new MessageBatch();
    private final long buffers = NativeMemory.map(BATCH * STRIDE);
    private final List<Plug> plugs = new ArrayList<>();

    private record Plug(Fd control, Fd data, Path path) {
    }

    private BareForwarder(Path directory) throws LinuxException {
        this.directory = directory;
        for (int i = 0; i < BATCH; i++) {
            input.receiveInto(i, buffers + (long) i * STRIDE, CAPACITY);
        }
        Sockets.bind(listener, SocketAddress.ofPath(directory.resolve("ctl").toString()));
        Sockets.listen(listener, BATCH);
        epoll.add(listener.number(), Epoll.READABLE, listener.number());
        epoll.add(0, Epoll.READABLE, 0);
    }

    /// Runs until standard input ends.
    ///
    /// @param arguments the directory for its sockets, which is made
    /// @throws IOException if the directory cannot be made
    /// @throws LinuxException if a socket cannot be
    public static void main(String[] arguments) throws IOException, LinuxException {
        new BareForwarder(Files.createDirectories(Path.of(arguments[0]))).run();
    }

    private void run() throws LinuxException, IOException {
        while (true) {
            int events = epoll.await(-1);
            for (int i = 0; i < events; i++) {
                int ready = (int) epoll.token(i);
                if (ready == 0) {
                    return;
                }
                if (ready == listener.number()) {
                    attach();
                } else if (!forward(ready)) {
                    detach(ready);
                }
            }
        }
    }

    /// @return false if the descriptor is not a plug's data socket
    private boolean forward(int from) {
        boolean found = false;
        for (int i = 0; i < plugs.size(); i++) {
            found |= plugs.get(i).data().number() == from;
        }
        if (!found) {
            return false;
        }
        int count = input.receive(from, BATCH);
        if (count <= 0) {
            return true;
        }
        output.begin(null);
        for (int i = 0; i < count; i++) {
            output.startMessage(1);
            output.addPiece(buffers + (long) i * STRIDE, input.length(i));
        }
        for (int i = 0; i < plugs.size(); i++) {
            int to = plugs.get(i).data().number();
            if (to != from) {
                send(to, count);
            }
        }
        return true;
    }

    /// Frames for a client that has gone are lost.
    private void send(int to, int count) {
        int sent = 0;
        while (sent < count) {
            int taken = output.send(to, sent);
            if (taken < 0) {
                Sockets.send(to, buffers + (long) sent * STRIDE, input.length(sent));
                taken = 1;
            }
            sent += taken;
        }
    }

    private void attach() throws LinuxException {
        int accepted = Sockets.accept(listener);
        if (accepted < 0) {
            return;
        }
        Fd control = new Fd(accepted);
        epoll.add(accepted, Epoll.READABLE, accepted);
        plugs.add(new Plug(control, Sockets.open(Sockets.Type.DATAGRAM, false),
                directory.resolve("%03d.%d".formatted(plugs.size() + 1, accepted))));
    }

    /// The control connection of a plug has something to say: its request, or that it ends.
    private void detach(int control) throws LinuxException, IOException {
        for (Plug plug : List.copyOf(plugs)) {
            if (plug.control().number() == control && !answer(plug)) {
                epoll.remove(control);
                epoll.remove(plug.data().number());
                plug.control().close();
                plug.data().close();
                Files.deleteIfExists(plug.path());
                plugs.remove(plug);
            }
        }
    }

    private boolean answer(Plug plug) throws LinuxException {
        byte[] request = new byte[256];
        int length = Sockets.receive(plug.control(), request);
        if (length < PATH_OFFSET + SocketAddress.UNIX_LENGTH) {
            return false;
        }
        byte[] client = new byte[SocketAddress.UNIX_LENGTH];
        System.arraycopy(request, PATH_OFFSET, client, 0, client.length);
        SocketAddress own = SocketAddress.ofPath(plug.path().toString());
        Sockets.sendBuffer(plug.data(), SEND_BUFFER);
        Sockets.connect(plug.data(), SocketAddress.ofBytes(client));
        Sockets.bind(plug.data(), own);
        epoll.add(plug.data().number(), Epoll.READABLE, plug.data().number());
        Sockets.send(plug.control(), own.bytes());
        return true;
    }
}
