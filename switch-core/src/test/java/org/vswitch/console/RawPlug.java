package org.vswitch.console;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A VDE client by hand, whose description can be anything.
final class RawPlug implements SwitchWithConsole.Plug {
    private final Fd control = Sockets.open(Sockets.Type.STREAM, false);
    private final Fd frames = Sockets.open(Sockets.Type.DATAGRAM, false);
    private final Path directory;
    private final Path own;

    RawPlug(Path directory, Path own) throws IOException {
        this.directory = directory;
        this.own = own;
    }

    void attach(int port, String description) throws IOException {
        Sockets.bind(frames, SocketAddress.ofPath(own.toString()));
        Sockets.connect(control, SocketAddress.ofPath(directory.resolve("ctl").toString()));
        byte[] text = description.getBytes(StandardCharsets.UTF_8);
        ByteBuffer request = ByteBuffer.allocate(122 + text.length).order(ByteOrder.nativeOrder());
        request.putInt(0xfeedface).putInt(3).putInt(port << 8)
                .put(SocketAddress.ofPath(own.toString()).bytes()).put(text);
        Sockets.send(control, request.array());
        Sockets.timeout(control, 10_000);
        byte[] reply = new byte[SocketAddress.UNIX_LENGTH];
        if (Sockets.receive(control, reply) != reply.length) {
            throw new IOException("refused in port " + port);
        }
        Sockets.connect(frames, SocketAddress.ofBytes(reply));
    }

    @Override
    public void send(byte[] frame) {
        Sockets.send(frames, frame);
    }

    @Override
    public void unplug() {
        control.close();
        frames.close();
    }
}
