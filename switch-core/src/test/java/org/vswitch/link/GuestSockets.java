package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// Datagram sockets of guests in a folder, beside `sw`, which is the switch's.
final class GuestSockets implements AutoCloseable {
    private final Path folder;
    private final FrameTray tray;
    private final List<Fd> opened = new ArrayList<>();

    /// @param tray used to send; stays the caller's
    GuestSockets(Path folder, FrameTray tray) {
        this.folder = folder;
        this.tray = tray;
    }

    /// The path of a name.
    String at(String name) {
        return folder.resolve(name).toString();
    }

    /// A socket without a name.
    Fd socket() throws IOException {
        opened.add(Sockets.open(Sockets.Type.DATAGRAM, true));
        return opened.getLast();
    }

    /// A socket with a name, which must be free.
    Fd bound(String name) throws IOException {
        Fd socket = socket();
        Sockets.bind(socket, SocketAddress.ofPath(at(name)));
        return socket;
    }

    /// Sends a frame to the switch from a socket that is not connected to it.
    void send(Fd guest, byte[] frame) throws IOException {
        try (var ours = new MessageBatch.Destination(SocketAddress.ofPath(at("sw")))) {
            tray.batch().clear();
            tray.add(frame);
            var link = new DatagramLink(guest, LinkFeatures.plain(9000, 0), ours);
            assertEquals(1, link.transmit(tray.batch(), new int[] {0}, 0, 1));
        }
    }

    /// Waits for a frame, which must be this one.
    static void assertFrame(byte[] expected, Fd guest) {
        byte[] room = new byte[expected.length + 1];
        int[] count = {0};
        Sandbox.await("a frame", () -> {
            count[0] = Sockets.receive(guest, room);
            return count[0] != -Errno.EAGAIN.number();
        });
        assertEquals(expected.length, count[0]);
        assertArrayEquals(expected, Arrays.copyOf(room, expected.length));
    }

    /// Closes all of them; those that are closed stay so.
    @Override
    public void close() {
        opened.forEach(Fd::close);
    }
}
