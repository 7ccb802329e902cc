package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.link.vhost.DeviceRig.assertReceived;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.BridgePort;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.link.Endpoint;
import org.vswitch.wire.VirtioNetHeader;

/// Guests that meet on a bridge of a data plane.
class VhostUserBridgeTest {
    private static final int TX = 1;
    private static final int RX = 0;
    private static final int SIZE = 256;

    private GuestPairRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new GuestPairRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void exchange(TestGuest from, TestGuest to, byte[] frame) {
        from.send(TX, frame);
        rig.pass();
        assertReceived(List.of(frame), to.received(RX));
    }

    @Test
    void shouldCopyFromGuestToGuest() throws IOException {
        TestGuest first = rig.plug(TestGuest.LINUX, 1, SIZE);
        TestGuest second = rig.plug(VirtioFeatures.VERSION_1, 1, SIZE);
        first.give(RX, SIZE, TestGuest.BUFFER);
        second.give(RX, SIZE, TestGuest.BUFFER);
        for (int length : new int[] {60, 64, 128, 129, 500, 1514, 2036}) {
            exchange(first, second, Frames.plain(Frames.B, Frames.A, length));
            exchange(second, first, Frames.plain(Frames.A, Frames.B, length));
        }
        assertBooksBalance();
    }

    @Test
    void shouldPassSuperFramesUntouchedOrSegmentThem() throws IOException {
        TestGuest sender = rig.plug(TestGuest.LINUX, 1, SIZE);
        TestGuest able = rig.plug(TestGuest.LINUX, 1, SIZE);
        TestGuest unable = rig.plug(VirtioFeatures.VERSION_1, 1, SIZE);
        able.give(RX, SIZE, TestGuest.BUFFER);
        unable.give(RX, SIZE, TestGuest.BUFFER);
        byte[] frame = Frames.ethernet(Frames.BROADCAST, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.TCP, Frames.tcp(0x10, new byte[1900])));
        byte[] header = new byte[12];
        header[0] = VirtioNetHeader.NEEDS_CSUM;
        header[1] = VirtioNetHeader.GSO_TCPV4;
        header[4] = (byte) 500;
        header[5] = 500 >> 8;
        header[6] = 34;
        header[8] = 16;
        sender.send(TX, header, frame);
        rig.pass();
        List<TestGuest.Received> whole = able.received(RX);
        assertReceived(List.of(frame), whole);
        assertEquals(VirtioNetHeader.GSO_TCPV4, VirtioNetHeader.gsoType(whole.getFirst().word()));
        assertEquals(34, VirtioNetHeader.csumStart(whole.getFirst().word()));
        List<TestGuest.Received> segments = unable.received(RX);
        assertEquals(4, segments.size());
        for (TestGuest.Received segment : segments) {
            assertEquals(0, segment.word());
            assertTrue(segment.frame().length <= 554);
        }
        assertBooksBalance();
    }

    @Test
    void shouldTakeUpWhatTheGuestAgreesToLater() throws IOException {
        TestGuest sender = rig.plug(TestGuest.LINUX, 1, SIZE);
        TestGuest other = rig.plug(TestGuest.LINUX, 1, SIZE);
        VhostUserLink link = rig.links.get(1);
        AtomicBoolean done = new AtomicBoolean();
        Thread session = new Thread(() -> {
            try {
                link.stop(RX);
                link.features(VirtioFeatures.VERSION_1);
                other.start(link, RX);
            } catch (IOException refusal) {
                throw new IllegalStateException(refusal);
            } finally {
                done.set(true);
                rig.plane.ask(() -> null);
            }
        });
        session.start();
        while (!done.get()) {
            rig.pass(); // woken by a letter, or at the end
        }
        other.give(RX, 4, TestGuest.BUFFER);
        byte[] header = new byte[12];
        header[0] = VirtioNetHeader.NEEDS_CSUM;
        header[6] = 34;
        header[8] = 6;
        sender.send(TX, header, Frames.ethernet(Frames.B, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.UDP, Frames.udp(new byte[100]))));
        rig.pass();
        assertEquals(0, other.received(RX).getFirst().word(), "the checksum is completed");
    }

    @Test
    void shouldStopTheBrokenGuestOnly() throws IOException {
        TestGuest broken = rig.plug(TestGuest.LINUX, 1, SIZE);
        TestGuest first = rig.plug(TestGuest.LINUX, 1, SIZE);
        TestGuest second = rig.plug(TestGuest.LINUX, 1, SIZE);
        for (TestGuest guest : rig.guests) {
            guest.give(RX, SIZE, TestGuest.BUFFER);
        }
        broken.ring(TX).descriptor(0, 1, 100, 0);
        broken.ring(TX).offer(0);
        broken.ring(TX).announce();
        rig.pass();
        assertEquals(1, rig.log.size());
        for (int i = 0; i < 10; i++) {
            exchange(first, second, Frames.plain(Frames.B, Frames.A, 600));
            exchange(second, first, Frames.plain(Frames.A, Frames.B, 600));
        }
        assertEquals(List.of(), broken.received(RX));
        assertTrue(rig.endpoints.getFirst().lost(Drop.LINK_DOWN) > 0, "the first frame was flooded");
        assertEquals(1, rig.log.size());
        assertBooksBalance();
    }

    @Test
    void shouldOutliveMemoryThatIsCutOff(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("memory");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(TestGuest.bytes(1, SIZE));
            TestGuest first = rig.plug(TestGuest.LINUX, 1, SIZE);
            TestGuest second = rig.plug(TestGuest.LINUX, 1, SIZE);
            TestGuest hostile = rig.plug(new TestGuest(TestGuest.LINUX, 1, SIZE, FrontEndMemory.inFile(file, path)), 1);
            first.give(RX, SIZE, TestGuest.BUFFER);
            second.give(RX, SIZE, TestGuest.BUFFER);
            hostile.give(RX, SIZE, TestGuest.BUFFER);
            exchange(first, second, Frames.plain(Frames.B, Frames.A, 600));
            exchange(second, first, Frames.plain(Frames.A, Frames.B, 600));
            byte[] frame = Frames.plain(Frames.A, Frames.C, 2 * 4096 + 200);
            long place = hostile.spare() + 8192 & -4096;
            hostile.memory().put(place - 512 + 12, frame);
            hostile.ring(TX).descriptor(0, place - 512, 12 + frame.length, 0);
            hostile.ring(TX).offer(0);
            hostile.ring(TX).announce();
            file.setLength(place - FrontEndMemory.GUEST);
            rig.pass();
            assertEquals(List.of(), first.received(RX), "a frame whose end has gone");
            exchange(first, second, Frames.plain(Frames.B, Frames.A, 600));
            exchange(second, first, Frames.plain(Frames.A, Frames.B, 600));
            file.setLength(0);
            first.send(TX, Frames.plain(Frames.C, Frames.A, 600));
            first.send(TX, Frames.plain(Frames.B, Frames.A, 601));
            rig.pass();
            assertEquals(601, second.received(RX).getLast().frame().length);
            assertTrue(rig.endpoints.get(2).isGone());
            assertFalse(rig.endpoints.get(0).isGone() || rig.endpoints.get(1).isGone());
            assertBooksBalance();
        }
    }

    @Test
    void shouldKeepWhatWaitsForBuffersInOrder() throws IOException {
        TestGuest sender = rig.plug(VirtioFeatures.VERSION_1, 1, SIZE);
        TestGuest receiver = rig.plug(VirtioFeatures.VERSION_1, 1, SIZE);
        receiver.give(RX, 10, TestGuest.BUFFER);
        byte[][] frames = DeviceRig.frames(64, 300);
        for (byte[] frame : frames) {
            sender.send(TX, frame);
        }
        rig.pass();
        List<TestGuest.Received> received = new ArrayList<>(receiver.received(RX));
        assertEquals(10, received.size());
        while (received.size() < 64) {
            receiver.give(RX, 9, TestGuest.BUFFER);
            rig.pass();
            List<TestGuest.Received> more = receiver.received(RX);
            assertEquals(Math.min(9, 64 - received.size()), more.size());
            received.addAll(more);
        }
        assertReceived(Arrays.asList(frames), received);
        assertBooksBalance();
    }

    /// Each frame waits for the one before: every wake-up, either way, is needed.
    @Test
    void shouldWakeAndBeWoken() throws Exception {
        TestGuest first = rig.plug(TestGuest.LINUX, 2, 16);
        TestGuest second = rig.plug(VirtioFeatures.VERSION_1, 1, 16);
        Thread loop = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                rig.pass();
            }
        });
        loop.start();
        first.give(RX, 16, TestGuest.BUFFER);
        first.give(2, 16, TestGuest.BUFFER);
        second.give(RX, 16, TestGuest.BUFFER);
        for (int i = 0; i < 300; i++) {
            int ring = i % 2 == 0 ? TX : 3;
            sendAndKick(first, ring, Frames.plain(Frames.B, Frames.A, 100 + i));
            Sandbox.await("frame " + i, () -> second.ring(RX).returned() > 0);
            assertEquals(100 + i, second.received(RX).getFirst().frame().length);
            second.give(RX, 1, TestGuest.BUFFER);
            sendAndKick(second, TX, Frames.plain(Frames.A, Frames.B, 100 + i));
            Sandbox.await("answer " + i, () -> first.ring(RX).returned() + first.ring(2).returned() > 0);
            int came = first.ring(RX).returned() > 0 ? RX : 2;
            assertEquals(100 + i, first.received(came).getFirst().frame().length);
            first.give(came, 1, TestGuest.BUFFER);
        }
        loop.interrupt();
        rig.plane.ask(() -> null);
        loop.join(TimeUnit.SECONDS.toMillis(20));
        assertBooksBalance();
    }

    private static void sendAndKick(TestGuest guest, int ring, byte[] frame) {
        guest.send(ring, frame);
        if (guest.ring(ring).wantsKick()) {
            guest.kick(ring).ring();
        }
    }

    private void assertBooksBalance() {
        for (Endpoint endpoint : rig.endpoints) {
            long lost = Drop.ALL.stream().mapToLong(endpoint::lost).sum();
            assertEquals(endpoint.offered(), endpoint.sent() + endpoint.queued() + lost);
        }
        for (int number = 1; number <= rig.guests.size(); number++) {
            BridgePort port = rig.bridge.ports().port(number);
            long discarded = Drop.ALL.stream().mapToLong(port::discarded).sum();
            assertEquals(port.received(), port.consumed() + port.passedOn() + discarded);
        }
    }
}
