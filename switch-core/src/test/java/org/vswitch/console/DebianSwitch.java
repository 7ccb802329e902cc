package org.vswitch.console;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// Debian's vde_switch.
final class DebianSwitch implements SwitchWithConsole {
    private static final Path PROGRAM = Path.of("/usr/bin/vde_switch");

    private final Path directory;
    private final Process process;
    private final List<Client> clients = new ArrayList<>();

    DebianSwitch(Path directory, String... options) throws IOException {
        assumeTrue(Files.isExecutable(PROGRAM), "vde_switch is not installed");
        this.directory = directory;
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "-s", directory.resolve("ctl").toString(),
                "-M", management().toString()));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command).redirectError(directory.resolve("log").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        Sandbox.await("vde_switch listens", this::answers);
    }

    @Override
    public Path management() {
        return directory.resolve("mgmt");
    }

    @Override
    public Plug plug(int port, String description) throws IOException {
        Client client = new Client(directory.resolve("c" + clients.size()));
        clients.add(client);
        client.attach(port, description);
        return client;
    }

    @Override
    public void close() {
        clients.forEach(Client::unplug);
        process.destroy();
        process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }

    private boolean answers() {
        try (ConsoleClient client = new ConsoleClient(management())) {
            return client.banner().endsWith(Reply.PROMPT);
        } catch (IOException notYet) {
            return false;
        }
    }

    /// A plug by hand, whose description can be anything.
    private final class Client implements Plug {
        private final Fd control = Sockets.open(Sockets.Type.STREAM, false);
        private final Fd frames = Sockets.open(Sockets.Type.DATAGRAM, false);
        private final Path own;

        Client(Path own) throws IOException {
            this.own = own;
        }

        void attach(int port, String description) throws IOException {
            Sockets.bind(frames, SocketAddress.ofPath(own.toString()));
            Sockets.connect(control, SocketAddress.ofPath(directory.resolve("ctl/ctl").toString()));
            byte[] text = description.getBytes(StandardCharsets.UTF_8);
            ByteBuffer request = ByteBuffer.allocate(122 + text.length).order(ByteOrder.nativeOrder());
            request.putInt(0xfeedface).putInt(3).putInt(port << 8)
                    .put(SocketAddress.ofPath(own.toString()).bytes()).put(text);
            Sockets.send(control, request.array());
            Sockets.timeout(control, 10_000);
            byte[] reply = new byte[SocketAddress.UNIX_LENGTH];
            if (Sockets.receive(control, reply) != reply.length) {
                throw new IOException("vde_switch refuses a plug in port " + port);
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
}
