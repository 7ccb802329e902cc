package org.vswitch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/// A TCP server of the host, which says hello to whoever connects, and counts.
final class Greeter implements AutoCloseable {
    static final String HELLO = "hello from the host";

    private final ServerSocket server;
    private final AtomicInteger visitors = new AtomicInteger();

    /// Listens at an address, at a port that is free.
    Greeter(String address) {
        try {
            server = new ServerSocket(0, 50, InetAddress.getByName(address));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return server.getLocalPort();
    }

    /// How many have come.
    int visitors() {
        return visitors.get();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void serve() {
        while (true) {
            try (Socket visitor = server.accept()) {
                visitors.incrementAndGet();
                visitor.getOutputStream().write((HELLO + "\n").getBytes(StandardCharsets.US_ASCII));
            } catch (IOException closed) {
                return;
            }
        }
    }
}
