package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;

/// What the tests of a host network's contract share: a network, what surrounds it, and memory.
abstract class HostNetworkRig {
    static final int AGAIN = -Errno.EAGAIN.number();
    static final int READABLE = HostNetwork.READABLE;
    static final int WRITABLE = HostNetwork.WRITABLE;
    static final int BOTH = READABLE | WRITABLE;
    static final int ROOM = 4 << 20;

    final IoVector vector = new IoVector();
    final HostDatagram datagram = new HostDatagram();
    final HostError error = new HostError();
    HostWorld world;
    HostNetwork network;
    long room;

    abstract HostWorld world() throws IOException;

    @BeforeEach
    void open() throws IOException {
        room = NativeMemory.map(ROOM);
        world = world();
        network = world.network();
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        NativeMemory.unmap(room, ROOM);
    }

    static long loopback(boolean v4) {
        return v4 ? 0x0000_ffff_7f00_0001L : 1;
    }

    int awaitReady(int socket, int interest) {
        return awaitReady(socket, interest, 0);
    }

    /// Waits until a socket is ready, with at least some readiness.
    int awaitReady(int socket, int interest, int least) {
        network.watch(socket, interest, socket);
        int[] result = {0};
        Sandbox.await("socket " + socket, () -> {
            network.poll((token, readiness) -> result[0] = token == socket ? readiness : result[0]);
            return result[0] != 0 && (result[0] & least) == least;
        });
        return result[0];
    }

    static <T> T await(String what, Callable<T> source) {
        Object[] result = new Object[1];
        Sandbox.await(what, () -> (result[0] = call(source)) != null);
        @SuppressWarnings("unchecked")
        T found = (T) result[0];
        return found;
    }

    static Object call(Callable<?> source) {
        try {
            return source.call();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    void pieces(int... offsetsAndLengths) {
        vector.clear();
        for (int i = 0; i < offsetsAndLengths.length; i += 2) {
            assertTrue(vector.add(room + offsetsAndLengths[i], offsetsAndLengths[i + 1]));
        }
    }

    void address(boolean v4, int port, int length) {
        datagram.address = room;
        datagram.length = length;
        datagram.peerHigh = 0;
        datagram.peerLow = loopback(v4);
        datagram.peerPort = port;
        datagram.hopLimit = 0;
        datagram.trafficClass = 0;
    }

    /// The next datagram; null if there is none.
    byte[] receiveDatagram(int socket) {
        datagram.address = room + (1 << 20);
        datagram.length = 1 << 16;
        int result = network.receive(socket, datagram);
        if (result < 0) {
            assertEquals(AGAIN, result);
            return null;
        }
        assertEquals(result, datagram.length);
        byte[] bytes = new byte[result];
        NativeMemory.copyOut(datagram.address, bytes, 0, result);
        return bytes;
    }

    void put(int offset, String text) {
        NativeMemory.copyIn(bytes(text), 0, room + offset, text.length());
    }

    String text(long offset, int length) {
        byte[] bytes = new byte[length];
        NativeMemory.copyOut(room + offset, bytes, 0, length);
        return text(bytes);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }
}
