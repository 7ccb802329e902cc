package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// What the listener itself does, with guests that are nothing but a descriptor. Guests that talk are in the tests of
/// their schemes.
class SocketListenerTest {
    @TempDir
    private Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Guest> guests = new CopyOnWriteArrayList<>();
    private final List<Fd> clients = new ArrayList<>();
    private SocketListener listener;

    /// A guest that has ended before anybody asks, or stays.
    private record Guest(Fd connection, boolean hasFailed, boolean isOpen) implements SocketListener.Guest {
        @Override
        public boolean hasEnded() {
            return !isOpen;
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    @AfterEach
    void close() {
        clients.forEach(Fd::close);
        listener.close();
        guests.forEach(Guest::close);
    }

    @Test
    void shouldHaveTheNextWaitLongerAndLongerWhileGuestsFail() throws IOException {
        listen(8, true, false);
        long startNs = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            connect();
        }
        Sandbox.await("all guests", () -> guests.size() == 5);
        assertTrue(System.nanoTime() - startNs >= TimeUnit.MILLISECONDS.toNanos(20 + 40 + 80 + 160), "too soon");
    }

    @Test
    void shouldTellOnceThatThereIsNoRoom() throws IOException {
        listen(1, false, true);
        connect();
        Sandbox.await("a guest", () -> guests.size() == 1);
        for (int i = 0; i < 3; i++) {
            Fd refused = connect();
            Sandbox.await("the refusal", () -> Sockets.receive(refused, new byte[1]) == 0);
        }
        assertEquals(List.of("more than guests=1"), log);
        assertEquals(1, guests.size());
    }

    private void listen(int limit, boolean failing, boolean staying) throws IOException {
        Fd socket = Sockets.open(Sockets.Type.STREAM, true);
        Sockets.bind(socket, address());
        Sockets.listen(socket, 16);
        listener = SocketListener.open(new SocketListener.Place(new ListeningSocket(socket, Optional.empty()), limit,
                log::add), connection -> {
            guests.add(new Guest(connection, failing, staying));
            return guests.getLast();
        });
    }

    private Fd connect() throws IOException {
        clients.add(Sockets.open(Sockets.Type.STREAM, true));
        Sockets.connect(clients.getLast(), address());
        return clients.getLast();
    }

    private SocketAddress address() throws IOException {
        return SocketAddress.ofPath(folder.resolve("guests").toString());
    }
}
