package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.control.SwitchLinks;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.Seeds;

/// Nonsense at every door of a switch at once: requests, console lines, frames. After each round a frame must still get
/// from one probe to the other, and in the end all descriptors must have been given back.
///
/// The probes' ports, 30 and 31, are the only thing that console lines leave alone: who may use the console may
/// unplug whom he likes.
@Isolated("counts the descriptors of the process")
@Timeout(120)
class FuzzTest {
    private static final int ROUNDS = 40;
    private static final int PROBE_PORT = 30;

    @TempDir
    private Path folder;

    @Test
    void shouldSurviveNonsense() {
        Seeds.check(1, random -> {
            SwitchConfig plain = SwitchConfig.in(folder.resolve("sw").toString());
            var management = new ManagementSettings(folder.resolve("mgmt").toString(),
                    new SocketPermissions(0600, SocketPermissions.NO_GROUP));
            SwitchConfig config = new SwitchConfig(plain.bridge(), plain.ctl(), Optional.of(management), plain.taps(),
                    plain.links(), plain.limits());
            int before = Sandbox.openDescriptors();
            try (RunningSwitch network = RunningSwitch.start(config)) {
                attack(network, random);
            }
            // classes loaded and an event loop started for the first time hold some for good
            int overhead = Sandbox.openDescriptors() - before;
            try (RunningSwitch network = RunningSwitch.start(config)) {
                attack(network, random);
            }
            Sandbox.await("no more than " + before + " + " + overhead + " descriptors",
                    () -> Sandbox.openDescriptors() <= before + overhead);
        });
    }

    private void attack(RunningSwitch network, Random random) throws Exception {
        Path directory = network.directory();
        try (PlugClient sender = PlugClient.plug(directory, PROBE_PORT);
                ProbeReceiver receiver = new ProbeReceiver(PlugClient.plug(directory, PROBE_PORT + 1))) {
            console("showinfo");
            int before = Sandbox.openDescriptors();
            for (int round = 0; round < ROUNDS; round++) {
                request(directory, random);
                talk(random);
                console("fstp/setfstp " + random.nextInt(2));
                sendFrames(directory, random);
                console("port/sethub 0\nfstp/setfstp 0");
                assertFalse(network.running().ended().isDone(), "the switch has ended: " + network.log());
                receiver.expect(sender, round);
            }
            SwitchLinks links = network.running().links();
            for (SwitchLinks.Opened link : links.list().get(10, TimeUnit.SECONDS)) {
                links.remove(link.name()).get(10, TimeUnit.SECONDS);
            }
            Sandbox.await(before + " descriptors as before", 30, () -> Sandbox.openDescriptors() <= before);
        }
    }

    private static void request(Path directory, Random random) throws IOException {
        for (int i = 0; i < 8; i++) {
            try (PlugClient client = PlugClient.connect(directory)) {
                client.send(Nonsense.request(client, random));
                if (random.nextInt(4) == 0) {
                    client.send(Nonsense.bytes(random, 1 + random.nextInt(300)));
                }
            } catch (IOException refused) {
                // the switch may have closed before everything was said
                assertFalse(refused.getMessage().isEmpty());
            }
        }
    }

    private void talk(Random random) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            lines.append(Nonsense.line(random)).append(random.nextInt(8) == 0 ? "\r\n" : "\n");
        }
        try {
            console(lines.toString());
        } catch (IOException reset) {
            assertTrue(lines.toString().contains("logout"), () -> reset + " of " + lines);
        }
    }

    /// Says something on a console of its own, and reads until the switch closes.
    private void console(String lines) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(folder.resolve("mgmt")));
            channel.write(ByteBuffer.wrap((lines + "\nlogout\n").getBytes(StandardCharsets.ISO_8859_1)));
            ByteBuffer replies = ByteBuffer.allocate(1 << 16);
            while (channel.read(replies) >= 0) {
                replies.clear();
            }
        }
    }

    private static void sendFrames(Path directory, Random random) throws IOException {
        try (PlugClient client = PlugClient.plug(directory, 29)) {
            for (int i = 0; i < 64; i++) {
                client.frame(Nonsense.frame(random));
            }
        }
    }

    /// Takes whatever comes, and waits for the one frame that must.
    private static final class ProbeReceiver implements AutoCloseable {
        private final PlugClient client;

        ProbeReceiver(PlugClient client) {
            this.client = client;
        }

        /// Frames before it may have filled the way, so it is sent until it arrives; each is looked at in turn.
        void expect(PlugClient sender, int round) throws IOException {
            byte[] probe = Frames.plain(Frames.BROADCAST, 0x0200_0000_ff00L + round, 100);
            sender.frame(probe);
            while (!Arrays.equals(probe, client.frame())) {
                sender.frame(probe);
            }
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
