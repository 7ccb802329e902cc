package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.FrameBatch;
import org.vswitch.link.Link;
import org.vswitch.linux.NativeMemory;

/// Random frames in random chains over memory that is cut anywhere, against a reference that only knows bytes.
class RandomChainsTest {
    private static final int TX = 1;
    private static final int RX = 0;
    private static final int SIZE = 64;
    private static final long[] FEATURES = {VirtioFeatures.INDIRECT_DESC,
        VirtioFeatures.VERSION_1 | VirtioFeatures.INDIRECT_DESC, TestGuest.LINUX,
        VirtioFeatures.MRG_RXBUF | VirtioFeatures.INDIRECT_DESC};

    /// Stretches of memory, behind each other or not, as a chain describes them.
    private record Stretch(long guest, int length) {
    }

    private static final class Driver {
        final Random random;
        final DeviceRig rig;
        final int number;
        final SplitRingDriver ring;
        long spare;
        int free;

        Driver(Random random, DeviceRig rig, int number) {
            this.random = random;
            this.rig = rig;
            this.number = number;
            ring = rig.guest.ring(number);
        }

        /// Begins a batch: all descriptors and all memory are free.
        void begin() {
            free = 0;
            spare = rig.guest.spare() + random.nextInt(5000);
        }

        /// Cuts memory of a length into stretches.
        List<Stretch> stretches(int length, int most) {
            List<Stretch> stretches = new ArrayList<>();
            int left = length;
            while (left > 0) {
                int part = stretches.size() == most - 1 ? left : 1 + random.nextInt(left);
                spare += random.nextInt(3) * random.nextInt(100);
                stretches.add(new Stretch(spare, part));
                spare += part;
                left -= part;
            }
            return stretches;
        }

        /// Describes stretches by a chain, some or all of them by a table.
        ///
        /// @return the chain's first descriptor
        int chain(List<Stretch> stretches, int flags) {
            int direct = random.nextInt(stretches.size() + 1);
            boolean table = direct < stretches.size() && random.nextBoolean();
            int count = table ? direct + 1 : stretches.size();
            int head = free;
            for (int i = 0; i < (table ? direct : count); i++) {
                int next = i == count - 1 ? 0 : SplitRingDriver.NEXT;
                ring.descriptor(head + i, stretches.get(i).guest, stretches.get(i).length,
                        flags | next | (head + i + 1) << 16);
            }
            if (table) {
                List<Stretch> inTable = stretches.subList(direct, stretches.size());
                spare += random.nextInt(16);
                for (int i = 0; i < inTable.size(); i++) {
                    int next = i == inTable.size() - 1 ? 0 : SplitRingDriver.NEXT;
                    ring.descriptorAt(spare + 16L * i, inTable.get(i).guest, inTable.get(i).length,
                            flags | next | (i + 1) << 16);
                }
                ring.descriptor(head + direct, spare, 16L * inTable.size(), SplitRingDriver.INDIRECT);
                spare += 16L * inTable.size();
            }
            free += count;
            return head;
        }
    }

    @Test
    void shouldReceiveWhatWasSent() {
        Seeds.check(60, this::receive);
    }

    private void receive(Random random) throws Exception {
        try (DeviceRig rig = new DeviceRig(features(random), 1, SIZE, cuts(random))) {
            Driver driver = new Driver(random, rig, TX);
            for (int round = 0; round < 20; round++) {
                driver.begin();
                List<byte[]> sent = new ArrayList<>();
                while (sent.size() < 6 && driver.free < SIZE / 2) {
                    byte[] frame = frame(random);
                    send(driver, frame);
                    sent.add(frame);
                }
                driver.ring.announce();
                assertEquals(sent.size(), rig.link.receive(rig.batch));
                List<byte[]> received = rig.rows();
                rig.link.release(rig.batch);
                DeviceRig.assertFrames(sent, received);
                rig.batch.clear();
                driver.ring.rewind();
            }
            assertEquals(List.of(), rig.log);
        }
    }

    private static void send(Driver driver, byte[] frame) {
        int header = driver.rig.guest.header();
        List<Stretch> stretches = driver.stretches(header + frame.length, 1 + driver.random.nextInt(30));
        byte[] all = new byte[header + frame.length];
        System.arraycopy(frame, 0, all, header, frame.length);
        int done = 0;
        for (Stretch stretch : stretches) {
            driver.rig.guest.memory().put(stretch.guest, Arrays.copyOfRange(all, done, done + stretch.length));
            done += stretch.length;
        }
        driver.ring.offer(driver.chain(stretches, 0));
    }

    @Test
    void shouldTransmitIntoAnyBuffers() {
        Seeds.check(60, this::transmit);
    }

    private void transmit(Random random) throws Exception {
        long features = features(random);
        boolean merges = (features & VirtioFeatures.MRG_RXBUF) != 0;
        try (DeviceRig rig = new DeviceRig(features, 1, SIZE, cuts(random))) {
            Driver driver = new Driver(random, rig, RX);
            for (int round = 0; round < 20; round++) {
                driver.begin();
                List<List<Stretch>> chains = new ArrayList<>();
                byte[] frame = frame(random);
                int need = rig.guest.header() + frame.length;
                int count = merges ? 1 + random.nextInt(4) : 1;
                for (int i = 0; i < count; i++) {
                    chains.add(driver.stretches(need / count + random.nextInt(200) + count, 1 + random.nextInt(8)));
                    driver.ring.offer(driver.chain(chains.getLast(), SplitRingDriver.WRITE));
                }
                driver.ring.announce();
                assertEquals(1, transmitCut(rig, random, frame));
                assertArrayEquals(frame, collect(driver, chains, merges));
                rig.link.stop(RX); // what was not needed is no longer there
                driver.ring.begin(driver.ring.usedIndex());
                rig.guest.start(rig.link, RX);
            }
            assertEquals(List.of(), rig.log);
        }
    }

    /// Sends a frame that is in several pieces.
    private static int transmitCut(DeviceRig rig, Random random, byte[] frame) {
        FrameBatch batch = rig.outgoing;
        batch.clear();
        long slot = batch.slot(0);
        NativeMemory.zero(slot - 12, 12);
        NativeMemory.copyIn(frame, 0, slot, frame.length);
        int head = Math.min(frame.length, 128 + random.nextInt(500));
        batch.append(slot, head, 0, 0);
        for (int done = head; done < frame.length;) {
            int part = batch.pieces(0) == 18 ? frame.length - done : 1 + random.nextInt(frame.length - done);
            batch.addPiece(slot + done, part);
            done += part;
        }
        int taken = rig.link.transmit(batch, new int[] {0}, 0, 1);
        assertTrue(taken > Link.GONE, "refused: " + taken);
        return taken;
    }

    /// Puts together what came into the buffers of chains that came back.
    private static byte[] collect(Driver driver, List<List<Stretch>> chains, boolean merges) {
        int header = driver.rig.guest.header();
        byte[] all = new byte[0];
        int used = driver.ring.returned();
        SplitRingDriver ring = driver.ring;
        for (int i = 0; i < used; i++) {
            byte[] bytes = new byte[0];
            for (Stretch stretch : chains.get(i)) {
                byte[] part = driver.rig.guest.memory().get(stretch.guest, stretch.length);
                bytes = Arrays.copyOf(bytes, bytes.length + part.length);
                System.arraycopy(part, 0, bytes, bytes.length - part.length, part.length);
            }
            assertTrue(ring.length() == bytes.length || i == used - 1 && ring.length() <= bytes.length, "filled");
            int before = all.length;
            all = Arrays.copyOf(all, before + ring.length());
            System.arraycopy(bytes, 0, all, before, ring.length());
            ring.take();
        }
        if (header == 12) {
            assertEquals(used, all[10]);
            assertTrue(merges || used == 1);
        }
        return Arrays.copyOfRange(all, header, all.length);
    }

    private static byte[] frame(Random random) {
        byte[] frame = Frames.plain(Frames.B, Frames.A, 14 + random.nextInt(random.nextBoolean() ? 200 : 9000));
        for (int i = 14; i < frame.length; i++) {
            frame[i] = (byte) random.nextInt();
        }
        return frame;
    }

    private static long features(Random random) {
        return FEATURES[random.nextInt(FEATURES.length)];
    }

    /// Cuts through the spare memory that chains are made of; rings have to lie in one region.
    private static long[] cuts(Random random) {
        long rings = 16 * 1024;
        return random.longs(random.nextInt(30), rings, rings + (2L * SIZE * TestGuest.BUFFER) + (1 << 19)).sorted()
                .distinct().toArray();
    }
}
