package org.vswitch.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/// The session on standard input. Replies go to standard output, prompts to where the input comes from, so that a
/// terminal shows them and pipes do not get them: so it is with VDE. `logout` does nothing here.
///
/// [#run] reads and blocks, on a thread of its own; the session lives on an executor, which blocks while nobody reads
/// the output, so it must not be anybody else's.
public final class StdinConsole implements Runnable {
    private static final int READ_BYTES = 4096;

    private final Streams streams;
    private final ConsoleHost host;
    private final Executor executor;
    private final ConsoleSession session;
    private final Semaphore wanted = new Semaphore(0);
    private volatile boolean shutDown;

    /// The three streams.
    ///
    /// @param input lines
    /// @param output replies
    /// @param prompts prompts; trouble there is passed over
    public record Streams(InputStream input, OutputStream output, OutputStream prompts) {
    }

    /// A console that waits to be run.
    ///
    /// @param streams not closed here
    /// @param host what the session is about
    /// @param executor runs one task at a time, in order
    public StdinConsole(Streams streams, ConsoleHost host, Executor executor) {
        this.streams = streams;
        this.host = host;
        this.executor = executor;
        this.session = new ConsoleSession(host, new Standard(), executor);
    }

    /// Reads until the input ends or somebody shuts the switch down; returns when all was answered.
    @Override
    public void run() {
        executor.execute(session::start);
        try {
            byte[] buffer = new byte[READ_BYTES];
            int count = 0;
            while (count >= 0 && !shutDown) {
                wanted.acquire();
                count = shutDown ? -1 : streams.input.read(buffer);
                if (count > 0) {
                    byte[] bytes = Arrays.copyOf(buffer, count);
                    executor.execute(() -> session.receive(bytes, bytes.length));
                }
            }
            if (!shutDown) {
                executor.execute(session::flush);
                wanted.acquire();
            }
        } catch (IOException unreadable) {
            host.log().accept("console: stdin: " + unreadable.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        executor.execute(session::close);
    }

    private final class Standard implements Terminal {
        private boolean broken;

        @Override
        public void write(String text) {
            if (!broken) {
                broken = !write(streams.output, text);
                if (broken) {
                    host.log().accept("console: stdout: nobody reads");
                }
            }
        }

        @Override
        public void prompt() {
            write(streams.prompts, Reply.PROMPT);
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void wantsInput() {
            wanted.drainPermits();
            wanted.release();
        }

        @Override
        public boolean end(boolean ofSwitch) {
            if (ofSwitch) {
                shutDown = true;
                host.shutdown().run();
                wantsInput();
            }
            return ofSwitch;
        }

        @Override
        public void overflowed() {
            host.log().accept("console: events not read=" + ConsoleSession.MAX_EVENTS + ", no more are shown");
        }

        private static boolean write(OutputStream stream, String text) {
            try {
                stream.write(text.getBytes(StandardCharsets.UTF_8));
                stream.flush();
                return true;
            } catch (IOException unwritable) {
                return false;
            }
        }
    }
}
