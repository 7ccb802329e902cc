package org.vswitch.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/// Servers on the host's loopback that guests reach through the router: each connection in a thread of its own.
final class HostServer implements AutoCloseable {
    private static final int PIECE = 50_000;
    private final ServerSocket listener;
    private final Conversation conversation;

    /// What a server does with a connection, which is closed afterwards.
    @FunctionalInterface
    interface Conversation {
        void hold(InputStream in, OutputStream out) throws IOException;
    }

    private HostServer(String address, Conversation conversation) {
        this.conversation = conversation;
        try {
            listener = new ServerSocket(0, 512, InetAddress.getByName(address));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        Thread acceptor = new Thread(this::accept, "host server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    static HostServer at(String address, Conversation conversation) {
        return new HostServer(address, conversation);
    }

    /// Reads to the end of the stream, then answers with a line: the SHA-256 of what came.
    static HostServer digesting(String address) {
        return at(address, (in, out) -> {
            MessageDigest digest = sha256();
            byte[] piece = new byte[PIECE];
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                digest.update(piece, 0, length);
            }
            out.write((HexFormat.of().formatHex(digest.digest()) + "\n").getBytes(StandardCharsets.US_ASCII));
        });
    }

    /// Sends so many bytes to whoever connects.
    static HostServer sending(String address, byte[] bytes) {
        return at(address, (in, out) -> {
            for (int sent = 0; sent < bytes.length; sent += PIECE) {
                out.write(bytes, sent, Math.min(PIECE, bytes.length - sent));
            }
        });
    }

    /// Answers any request of HTTP with so many bytes.
    static HostServer http(String address, byte[] bytes) {
        return at(address, (in, out) -> {
            int blank = 0;
            for (int octet = in.read(); octet >= 0 && blank < 2; octet = blank < 2 ? in.read() : octet) {
                blank = octet == '\n' ? blank + 1 : octet == '\r' ? blank : 0;
            }
            out.write(("HTTP/1.0 200 OK\r\nContent-Length: " + bytes.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(bytes);
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    /// Bytes that look random, always the same.
    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    /// Their SHA-256 as sha256sum prints it.
    static String digest(byte[] bytes) {
        return HexFormat.of().formatHex(sha256().digest(bytes));
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket accepted = listener.accept();
                Thread.ofVirtual().start(() -> serve(accepted));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            conversation.hold(connection.getInputStream(), connection.getOutputStream());
        } catch (IOException gone) {
            return; // the guest sees it, too
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError(missing);
        }
    }
}
