package org.vswitch.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Somebody at a management socket.
final class ConsoleClient implements AutoCloseable {
    private final SocketChannel channel;
    private final Selector selector;
    private final String banner;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final ByteBuffer buffer = ByteBuffer.allocate(65536);
    private boolean ended;

    ConsoleClient(Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        banner = readReply();
    }

    /// What came before the first prompt, and the prompt.
    String banner() {
        return banner;
    }

    /// Sends a line and reads until the prompt; the prompt is not returned.
    String ask(String line) throws IOException {
        send(line + "\n");
        String reply = readReply();
        return reply.endsWith(Reply.PROMPT) ? reply.substring(0, reply.length() - Reply.PROMPT.length()) : reply;
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Sends bytes; while the far side does not take them, keeps what it says for later.
    void send(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (buffer.hasRemaining() && System.nanoTime() - deadlineNs < 0) {
            if (channel.write(buffer) == 0) {
                receive(10);
            }
        }
    }

    /// Sends without reading; fails when nothing was taken for a second.
    void sendWithoutWaiting(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        long lastNs = System.nanoTime();
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) > 0) {
                lastNs = System.nanoTime();
            } else if (System.nanoTime() - lastNs > TimeUnit.SECONDS.toNanos(1)) {
                throw new IOException("the far side does not read");
            }
        }
    }

    /// Says that nothing more will be sent.
    void endInput() throws IOException {
        channel.shutdownOutput();
    }

    String readReply() throws IOException {
        return readUntil(text -> text.endsWith(Reply.PROMPT));
    }

    String readToEnd() throws IOException {
        return readUntil(_ -> false);
    }

    /// Reads until the text is as wanted, or the session has ended; fails after 10 seconds.
    String readUntil(Predicate<String> wanted) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!ended && !wanted.test(received.toString(StandardCharsets.UTF_8))) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("not within 10 s; got so far: " + received.toString(StandardCharsets.UTF_8));
            }
            receive(100);
        }
        String text = received.toString(StandardCharsets.UTF_8);
        received.reset();
        return text;
    }

    private void receive(int timeoutMs) throws IOException {
        selector.select(timeoutMs);
        ended = channel.read(buffer) < 0;
        received.write(buffer.array(), 0, buffer.position());
        buffer.clear();
    }

    /// Whether the far side has closed.
    boolean hasEnded() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
