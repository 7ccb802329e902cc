package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.bridge.BridgePort;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;

/// The kernel's network stack on both sides: taps of the switch, moved into namespaces, and VDE clients.
@Timeout(120)
class TapEndToEndTest {
    private static final Pattern RECEIVED = Pattern.compile("\"sum_received\":\\s*\\{[^}]*\"bytes\":\\s*([1-9]\\d*)");
    private static final int LONGEST = 1514;
    private static final int IFF_VNET_HDR = 0x4000;

    @TempDir
    private Path folder;
    private TapPair pair;

    @BeforeEach
    void start() throws Exception {
        Child.assumeInstalled("iperf3");
        pair = new TapPair(folder);
        pair.plug();
    }

    @AfterEach
    void stop() {
        if (pair != null) {
            pair.close();
        }
    }

    @Test
    void shouldPassSuperFramesFromTapToTap() {
        long received = transfer(pair.first(), pair.second(), "10.0.0.2", "64M");
        BridgePort.Traffic traffic = pair.network().ask(bridge -> bridge.ports().port(1).traffic());
        assertTrue(traffic.bytesIn() > received, traffic + ", received=" + received);
        assertTrue(traffic.bytesIn() / traffic.framesIn() > LONGEST, traffic.toString());
        long frames = Long.parseLong(statistic("rx_packets"));
        long bytes = Long.parseLong(statistic("rx_bytes"));
        assertTrue(bytes / frames > LONGEST, bytes + " bytes in " + frames + " frames");
    }

    private String statistic(String name) {
        return Child.run(pair.second().inside("cat", "/sys/class/net/" + pair.secondTap() + "/statistics/" + name))
                .strip();
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1, 10.0.0.3", "fd00::1, fd00::3"})
    void shouldSegmentWhatGoesToVdeClients(String source, String destination) {
        Child.assumeInstalled("vde_plug2tap");
        String directory = pair.network().directory().toString();
        try (Sandbox third = Sandbox.create();
                Child _ = Child.start(third.inside("vde_plug2tap", "-s", directory, "plug0"))) {
            pair.network().awaitActivePorts(3);
            TapPair.up(third, "plug0", 3);
            try (Capture capture = Capture.start(third, "plug0", folder.resolve("there.pcap"), 1000)) {
                transfer(pair.first(), third, destination, "8M");
                assertSegmented(capture.from(source));
            }
            try (Capture capture = Capture.start(pair.first(), pair.tap(), folder.resolve("back.pcap"), 1000)) {
                transfer(third, pair.first(), source, "8M");
                assertSegmented(capture.from(destination));
            }
        }
    }

    private static void assertSegmented(List<Capture.Frame> frames) {
        assertEquals(List.of(), frames.stream().filter(frame -> !frame.intact() || frame.bytes() > LONGEST).toList());
        assertTrue(frames.stream().filter(frame -> frame.bytes() == LONGEST).count() > 100, frames.size() + " frames");
    }

    /// Sends by TCP. The receiver stops when the sender has handed over its last byte, of which some are not sent then.
    ///
    /// @return bytes that the receiver counted
    static long transfer(Sandbox from, Sandbox to, String address, String bytes) {
        try (Child server = Child.start(to.inside("iperf3", "-s", "-1", "--forceflush"))) {
            server.await("Server listening");
            String result = Child.run(from.inside("iperf3", "-J", "-c", address, "-n", bytes));
            Matcher received = RECEIVED.matcher(result);
            assertTrue(received.find(), result);
            return Long.parseLong(received.group(1));
        }
    }

    /// What DHCP servers on taps were known for: the kernel leaves the checksum to the interface.
    @Test
    void shouldCompleteChecksumsOfDatagrams() throws Exception {
        try (PlugClient client = PlugClient.plug(pair.network().directory(), 0)) {
            pair.first().run("ip", "neigh", "add", "10.0.0.9", "lladdr", "02:00:00:00:00:0b", "dev", pair.tap());
            pair.first().run("bash", "-c", "printf hello > /dev/udp/10.0.0.9/67");
            byte[] frame = client.frame();
            while (destination(frame) != Frames.B) {
                frame = client.frame();
            }
            assertEquals(14 + 20 + 8 + 5, frame.length);
            assertArrayEquals("hello".getBytes(StandardCharsets.US_ASCII), Arrays.copyOfRange(frame, 42, 47));
            byte[] pseudoHeader = ByteBuffer.allocate(12).put(frame, 26, 8).putShort((short) Frames.UDP)
                    .putShort((short) (8 + 5)).array();
            int sum = Frames.sum(pseudoHeader, 0, 12) + Frames.sum(frame, 34, frame.length);
            assertEquals(0xffff, (sum & 0xffff) + (sum >>> 16));
        }
    }

    /// The switch takes the interface with an offload header, which is how one sees that it has.
    @Test
    void shouldTakeAnInterfaceThatWasDeletedOnceItIsBack() throws Exception {
        Child.assumeInstalled("ping");
        pair.first().run("ip", "link", "del", pair.tap());
        Sandbox.execute("ip", "tuntap", "add", "mode", "tap", "name", pair.tap());
        Path flags = Path.of("/sys/class/net", pair.tap(), "tun_flags");
        Sandbox.await("the switch has it", () -> (number(flags) & IFF_VNET_HDR) != 0);
        TapPair.take(pair.first(), pair.tap(), 1);
        Child.run(pair.second().inside("ping", "-q", "-c", "1", "-W", "10", "10.0.0.1"));
    }

    private static int number(Path attribute) {
        try {
            return Integer.decode(Files.readString(attribute).strip());
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    private static long destination(byte[] frame) {
        return ByteBuffer.wrap(frame).getLong() >>> 16;
    }

    @Test
    void shouldTakeTapsAlongWhenItEnds() {
        Child.run(pair.first().inside("ip", "link", "show", pair.tap()));
        pair.network().close();
        try (Child show = Child.start(pair.first().inside("ip", "link", "show", pair.tap()))) {
            assertNotEquals(0, show.status());
        }
    }
}
