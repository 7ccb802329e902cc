package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.link.Link;
import org.vswitch.linux.Fd;

/// What no driver does. Each stops the device until the guest sets the ring up anew, is said once, and touches nothing.
class BrokenRingTest {
    private static final long FEATURES = TestGuest.LINUX;
    private static final int SIZE = 64;
    private static final int TX = 1;
    private static final int RX = 0;
    private static final byte[] FRAME = Frames.plain(Frames.B, Frames.A, 200);
    private static final long NOWHERE = 0x7000_0000_0000L;

    private DeviceRig rig;

    @BeforeEach
    void plug() throws IOException {
        rig = new DeviceRig(FEATURES, 1, SIZE);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// What is done to a ring, and what is said of it.
    static Stream<Arguments> faults() {
        return Stream.of(
                fault("runs more than a ring ahead", r -> r.ring.availableIndex(SIZE + 1)),
                fault("runs more than a ring ahead", r -> r.ring.availableIndex(-1)),
                fault("there is not", r -> r.offer(SIZE)),
                fault("there is not", r -> r.offer(0xffff)),
                fault("there is not", r -> {
                    r.ring.descriptor(0, r.buffer(0), 5, r.flags | SplitRingDriver.NEXT | SIZE << 16);
                    r.offer(0);
                }),
                fault("longer than the ring", r -> {
                    r.ring.descriptor(0, r.buffer(0), 1, r.flags | SplitRingDriver.NEXT | 1 << 16);
                    r.ring.descriptor(1, r.buffer(1), 1, r.flags | SplitRingDriver.NEXT);
                    r.offer(0);
                }),
                fault("outside", r -> r.offer(0, 100)),
                fault("outside", r -> r.offer(NOWHERE, 100)),
                fault("outside", r -> r.offer(-50, 100)),
                fault("outside", r -> r.offer(FrontEndMemory.GUEST - 50, 1000)),
                fault("outside", r -> r.offer(r.end() - 999, 1000)),
                fault("outside", r -> r.offer(r.end(), 1)),
                fault("outside", r -> r.offer(r.buffer(0), 0xffff_ffffL)),
                fault("outside", r -> r.offer(Long.MAX_VALUE, 0xffff_ffffL)),
                fault("empty", r -> r.offer(r.buffer(0), 0)),
                fault("other direction", r -> {
                    r.ring.descriptor(0, r.buffer(0), 500, r.flags ^ SplitRingDriver.WRITE);
                    r.offer(0);
                }),
                fault("other direction", r -> {
                    r.ring.descriptor(0, r.buffer(0), 50, r.flags | SplitRingDriver.NEXT | 1 << 16);
                    r.ring.descriptor(1, r.buffer(1), 500, r.flags ^ SplitRingDriver.WRITE);
                    r.offer(0);
                }),
                fault("table is malformed", r -> r.offerTable(r.buffer(1), 0)),
                fault("table is malformed", r -> r.offerTable(r.buffer(1), 17)),
                fault("table is malformed", r -> r.offerTable(r.buffer(1), 16 * (SIZE + 1))),
                fault("table is malformed", r -> {
                    r.ring.descriptor(0, r.buffer(1), 16, SplitRingDriver.INDIRECT | SplitRingDriver.NEXT | 1 << 16);
                    r.offer(0);
                }),
                fault("table is malformed", r -> {
                    r.ring.descriptorAt(r.buffer(1), r.buffer(2), 16, SplitRingDriver.INDIRECT);
                    r.offerTable(r.buffer(1), 16);
                }),
                fault("outside", r -> r.offerTable(NOWHERE, 16)),
                fault("outside", r -> r.offerTable(r.end() - 16, 32)),
                fault("outside", r -> {
                    r.ring.descriptorAt(r.buffer(1), NOWHERE, 50, r.flags);
                    r.offerTable(r.buffer(1), 16);
                }),
                fault("there is not", r -> {
                    r.ring.descriptorAt(r.buffer(1), r.buffer(2), 5, r.flags | SplitRingDriver.NEXT | 2 << 16);
                    r.ring.descriptorAt(r.buffer(1) + 16, r.buffer(2), 50, r.flags | 2 << 16);
                    r.offerTable(r.buffer(1), 32);
                }),
                fault("longer than the ring", r -> {
                    r.ring.descriptorAt(r.buffer(1), r.buffer(2), 1, r.flags | SplitRingDriver.NEXT);
                    r.offerTable(r.buffer(1), 16);
                }));
    }

    private static Arguments fault(String said, Consumer<Subject> deed) {
        return Arguments.of(said, deed);
    }

    /// A ring to be maltreated.
    private record Subject(DeviceRig rig, int number, SplitRingDriver ring, int flags) {
        long buffer(int index) {
            return rig.guest.buffer(number, index);
        }

        long end() {
            GuestMemory.Region last = rig.guest.memory().regions().getFirst();
            return last.guest() + last.size();
        }

        void offer(int head) {
            ring.offer(head);
            ring.announce();
        }

        void offer(long guest, long length) {
            ring.descriptor(0, guest, length, flags);
            offer(0);
        }

        void offerTable(long guest, long length) {
            ring.descriptor(0, guest, length, SplitRingDriver.INDIRECT);
            offer(0);
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void shouldStopAtABrokenTransmitRing(String said, Consumer<Subject> deed) throws IOException {
        rig.guest.give(RX, 2, TestGuest.BUFFER);
        deed.accept(new Subject(rig, TX, rig.guest.ring(TX), 0));
        assertFrames(List.of(), rig.receive());
        assertBroken(TX, said);
        assertEquals(Link.DOWN, rig.transmit(FRAME), "the whole device");
        assertMendedBySettingUp(TX);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void shouldStopAtABrokenReceiveRing(String said, Consumer<Subject> deed) throws IOException {
        deed.accept(new Subject(rig, RX, rig.guest.ring(RX), SplitRingDriver.WRITE));
        assertTrue(rig.transmit(FRAME) <= 0);
        assertEquals(Link.DOWN, rig.transmit(FRAME));
        assertBroken(RX, said);
        rig.guest.send(TX, FRAME);
        assertFrames(List.of(), rig.receive());
        assertMendedBySettingUp(RX);
    }

    @Test
    void shouldStopAtAChainWithoutRoomForAHeader() throws IOException {
        rig.guest.ring(TX).descriptor(0, rig.guest.buffer(TX, 0), 11, 0);
        rig.guest.ring(TX).offer(0);
        rig.guest.ring(TX).announce();
        assertFrames(List.of(), rig.receive());
        assertBroken(TX, "shorter than a frame's header");
        assertMendedBySettingUp(TX);
    }

    @Test
    void shouldStopAtATableThatWasNotAgreedUpon() throws IOException {
        rig.close();
        rig = new DeviceRig(FEATURES & ~VirtioFeatures.INDIRECT_DESC, 1, SIZE);
        rig.guest.ring(TX).descriptorAt(rig.guest.buffer(TX, 1), rig.guest.buffer(TX, 2), 100, 0);
        rig.guest.ring(TX).descriptor(0, rig.guest.buffer(TX, 1), 16, SplitRingDriver.INDIRECT);
        rig.guest.ring(TX).offer(0);
        rig.guest.ring(TX).announce();
        assertFrames(List.of(), rig.receive());
        assertBroken(TX, "table is malformed");
    }

    /// Though there are good buffers behind it.
    @Test
    void shouldTouchNoBufferWhereTheIndexRunsAhead() throws IOException {
        rig.guest.give(RX, 8, TestGuest.BUFFER);
        rig.guest.ring(RX).availableIndex(SIZE + 1);
        assertEquals(Link.DOWN, rig.transmit(FRAME));
        assertEquals(0, rig.guest.ring(RX).usedIndex());
        assertBroken(RX, "runs more than a ring ahead");
        rig.link.stop(RX);
        rig.guest.send(TX, FRAME);
        rig.guest.ring(TX).availableIndex(SIZE + 1);
        assertFrames(List.of(), rig.receive());
        assertEquals(0, rig.guest.ring(TX).usedIndex());
    }

    @Test
    void shouldGiveBackWhatCameBeforeTheFault() throws IOException {
        rig.guest.send(TX, FRAME);
        rig.guest.send(TX, FRAME);
        rig.guest.ring(TX).offer(SIZE);
        rig.guest.ring(TX).announce();
        assertFrames(List.of(FRAME, FRAME), rig.receive());
        assertEquals(2, rig.guest.ring(TX).returned());
        assertBroken(TX, "there is not");
        assertEquals(2, rig.link.stop(TX));
    }

    @Test
    void shouldDiscardFramesThatAreTooLongOrShort() throws IOException {
        rig.guest.ring(TX).descriptor(0, rig.guest.spare(), 12, 0);
        rig.guest.ring(TX).descriptor(1, rig.guest.spare(), 70_000, 0);
        rig.guest.ring(TX).descriptor(2, rig.guest.spare(), 100_000, SplitRingDriver.NEXT | 3 << 16);
        rig.guest.ring(TX).descriptor(3, rig.guest.spare(), 100, 0);
        for (int head = 0; head < 3; head++) {
            rig.guest.ring(TX).offer(head);
        }
        rig.guest.ring(TX).announce();
        assertFrames(List.of(), rig.receive());
        assertEquals(1, rig.batch.discarded(Drop.TOO_SHORT));
        assertEquals(2, rig.batch.discarded(Drop.TOO_LONG));
        assertEquals(3, rig.guest.ring(TX).returned());
        assertEquals(List.of(), rig.log);
    }

    /// A guest that changes a descriptor or a header after it was looked at changes nothing.
    @Test
    void shouldReadWhatItChecksOnce() throws IOException {
        rig.guest.send(TX, FRAME);
        FrameBatch batch = rig.batch;
        rig.link.receive(batch);
        rig.guest.ring(TX).descriptor(0, NOWHERE, 0xffff_ffffL, SplitRingDriver.WRITE | 99 << 16);
        assertEquals(200, batch.length(0));
        assertFrames(List.of(FRAME), rig.rows());
        rig.link.release(batch);
        assertEquals(List.of(), rig.log);
    }

    @Test
    void shouldRefuseRingsThatDoNotLieInMemory() throws IOException {
        rig.link.stop(TX);
        RingSetup good = rig.guest.ring(TX).setup(null, null, null);
        long far = good.used() + (1L << 40);
        assertRefused(new RingSetup(SIZE, far, good.available(), good.used(), null, null, null));
        assertRefused(new RingSetup(SIZE, good.descriptors(), far, good.used(), null, null, null));
        assertRefused(new RingSetup(SIZE, good.descriptors(), good.available(), far, null, null, null));
        assertRefused(new RingSetup(SIZE, good.descriptors() + 8, good.available(), good.used(), null, null, null));
        assertRefused(new RingSetup(SIZE, good.descriptors(), good.available() + 1, good.used(), null, null, null));
        assertRefused(new RingSetup(SIZE, good.descriptors(), good.available(), good.used() + 2, null, null, null));
        for (int size : new int[] {0, -1, 63, 65_536, Integer.MIN_VALUE}) {
            assertRefused(new RingSetup(size, good.descriptors(), good.available(), good.used(), null, null, null));
        }
        rig.link.start(TX, good);
        rig.guest.send(TX, FRAME);
        assertFrames(List.of(FRAME), rig.receive());
    }

    private void assertRefused(RingSetup setup) throws IOException {
        Fd kick = rig.guest.kick(TX).copy();
        RingSetup withKick = new RingSetup(setup.size(), setup.descriptors(), setup.available(), setup.used(), kick,
                null, null);
        assertThrows(IOException.class, () -> rig.link.start(TX, withKick));
        assertEquals(-1, kick.number(), "closed");
        assertEquals(-1, rig.link.stop(TX));
    }

    private void assertBroken(int ring, String said) {
        rig.receive();
        assertEquals(1, rig.log.size(), rig.log.toString());
        assertTrue(rig.log.getFirst().startsWith("ring " + ring + " "), rig.log.toString());
        assertTrue(rig.log.getFirst().contains(said), rig.log.toString());
        assertTrue(rig.guest.error(ring).hasRung());
        assertFalse(rig.guest.error(1 - ring).hasRung());
        assertTrue(rig.sleeps(), "nothing to do");
        rig.link.disarm();
    }

    private void assertMendedBySettingUp(int ring) throws IOException {
        rig.link.stop(ring);
        rig.guest.ring(ring).availableIndex(rig.guest.ring(ring).usedIndex());
        rig.guest.start(rig.link, ring);
        rig.guest.ring(TX).rewind();
        rig.guest.ring(RX).rewind();
        rig.guest.send(TX, FRAME);
        assertTrue(rig.receive().size() >= 1);
        rig.guest.give(RX, 1, TestGuest.BUFFER);
        assertEquals(1, rig.transmit(FRAME));
        assertEquals(1, rig.log.size(), rig.log.toString());
    }

    private static void assertFrames(List<byte[]> expected, List<byte[]> actual) {
        DeviceRig.assertFrames(expected, actual);
    }
}
