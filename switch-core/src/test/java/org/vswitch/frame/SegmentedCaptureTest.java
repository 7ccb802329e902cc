package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Seeds;

/// Somebody else's opinion of our segments: tshark dissects each and verifies its checksums.
class SegmentedCaptureTest {
    private static final int CAPTURE_MAGIC = 0xa1b2_c3d4;
    private static final int LINK_TYPE_ETHERNET = 1;

    private static final Path TSHARK = Path.of("/usr/bin/tshark");
    private static final String GOOD = "1";
    private static final String BAD = "0";

    @TempDir
    private Path folder;

    @Test
    void shouldSendSegmentsThatTsharkFindsNothingWrongWith() {
        assumeTrue(Files.isExecutable(TSHARK), "tshark is not installed");
        Seeds.check(1, random -> {
            Path capture = folder.resolve("segments.pcap");
            List<String> expected = write(capture, random);
            assertEquals(expected, dissect(capture));
        });
    }

    /// Writes segments of super-frames, and last frames with bad checksums, to see that they are looked at.
    private static List<String> write(Path capture, Random random) throws IOException {
        FrameBatch batch = FrameBatch.forReceiving();
        Variants variants = new Variants(batch);
        List<String> expected = new ArrayList<>();
        try (OutputStream out = Files.newOutputStream(capture);
                ScatteredMemory guest = new ScatteredMemory(random)) {
            out.write(fileHeader());
            for (int pass = 0; pass < 60; pass++) {
                batch.clear();
                SuperFrame frame = SuperFrame.dissectable(random);
                guest.append(batch, frame.bytes(), frame.canonicalWord(), frame.csumOffset());
                variants.begin();
                int row = random.nextBoolean() ? 0 : variants.tagged(0, 9);
                int first = variants.segmented(row);
                int left = frame.bytes().length - frame.headers();
                for (int i = 0; i < variants.segmentCount(row); i++) {
                    out.write(record(Frames.bytes(batch, first + i)));
                    String ip = frame.isIpv6() ? "" : GOOD;
                    int payload = Math.min(left, frame.gsoSize());
                    expected.add(ip + "," + (frame.isUdp() ? ",," + GOOD + "," + (8 + payload)
                            : GOOD + "," + payload + ",,"));
                    left -= frame.gsoSize();
                }
            }
            byte[] packet = Frames.ipv4(Frames.TCP, Frames.tcp(0, Frames.counting(100)));
            out.write(record(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet)));
            expected.add(GOOD + "," + BAD + ",100,,");
            byte[] datagram = Frames.udp(Frames.counting(100));
            datagram[6] = 1;
            out.write(record(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, Frames.ipv4(Frames.UDP, datagram))));
            expected.add(GOOD + ",,," + BAD + ",108");
        }
        return expected;
    }

    private static byte[] fileHeader() {
        return ByteBuffer.allocate(24).putInt(CAPTURE_MAGIC).putShort((short) 2).putShort((short) 4).putLong(0)
                .putInt(1 << 18).putInt(LINK_TYPE_ETHERNET).array();
    }

    private static byte[] record(byte[] frame) {
        return ByteBuffer.allocate(16 + frame.length).putLong(0).putInt(frame.length).putInt(frame.length).put(frame)
                .array();
    }

    /// Per frame: whether the checksums of IPv4, TCP and UDP are good, how long TCP's payload is, and UDP's datagram.
    private static List<String> dissect(Path capture) throws IOException, InterruptedException {
        List<String> command = List.of(TSHARK.toString(), "-o", "tcp.check_checksum:TRUE", "-o",
                "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-d", "udp.port==40000,data",
                "-n", "-r", capture.toString(), "-T", "fields", "-E", "separator=,",
                "-e", "ip.checksum.status", "-e", "tcp.checksum.status", "-e", "tcp.len",
                "-e", "udp.checksum.status", "-e", "udp.length");
        Process tshark = Processes.start(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD));
        try {
            List<String> lines = tshark.inputReader().lines().toList();
            assertTrue(tshark.waitFor(60, TimeUnit.SECONDS), "tshark does not end");
            assertEquals(0, tshark.exitValue());
            return lines;
        } finally {
            tshark.destroyForcibly();
        }
    }
}
