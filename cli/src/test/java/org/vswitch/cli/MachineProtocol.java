package org.vswitch.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.vswitch.fixture.Sandbox;

/// A connection to QEMU by its machine protocol (QMP): a line of JSON there, and lines back.
final class MachineProtocol implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader lines;

    private MachineProtocol(SocketChannel channel) {
        this.channel = channel;
        lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    /// Connects as soon as QEMU listens.
    static MachineProtocol connect(Path socket) throws IOException {
        SocketChannel[] channel = new SocketChannel[1];
        Sandbox.await("QEMU's control socket", 60, () -> {
            try {
                channel[0] = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
        MachineProtocol connection = new MachineProtocol(channel[0]);
        connection.execute("{\"execute\":\"qmp_capabilities\"}");
        return connection;
    }

    /// Has QEMU do something, which must succeed.
    ///
    /// @param command in JSON
    void execute(String command) throws IOException {
        channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains("\"return\"")) {
                return;
            }
            if (line.contains("\"error\"")) {
                throw new AssertionError(command + ": " + line);
            }
        }
        throw new AssertionError(command + ": QEMU has gone");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
