package org.vswitch.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.vswitch.fixture.Processes;

/// Debian's vde_plug as a client that a test plays: each frame on its stdin and stdout is two bytes of length, then the
/// frame.
final class StreamPlug implements AutoCloseable {
    private static final byte[] END = {};

    private final Process process;
    private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();

    private StreamPlug(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "frames of vde_plug");
        reader.setDaemon(true);
        reader.start();
    }

    /// Starts vde_plug; it may take a moment until it is plugged in.
    static StreamPlug start(String... arguments) {
        Child.assumeInstalled("vde_plug");
        String[] command = new String[arguments.length + 1];
        command[0] = "vde_plug";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            return new StreamPlug(Processes.start(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void send(byte[] frame) throws IOException {
        process.getOutputStream().write(ByteBuffer.allocate(2 + frame.length).putShort((short) frame.length).put(frame)
                .array());
        process.getOutputStream().flush();
    }

    /// Waits for a frame.
    byte[] receive() throws InterruptedException {
        byte[] frame = frames.poll(Child.DEADLINE_SECONDS, TimeUnit.SECONDS);
        if (frame == null || frame == END) {
            throw new AssertionError("vde_plug " + (frame == END ? "has ended" : "brings no frame"));
        }
        return frame;
    }

    /// Takes the next frame if there is one already.
    Optional<byte[]> poll() {
        return Optional.ofNullable(frames.poll());
    }

    private void read() {
        try (DataInputStream in = new DataInputStream(process.getInputStream())) {
            while (true) {
                frames.add(in.readNBytes(in.readUnsignedShort()));
            }
        } catch (IOException end) {
            frames.add(END);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
