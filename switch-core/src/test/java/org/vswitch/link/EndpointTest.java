package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.fixture.Frames.A;
import static org.vswitch.fixture.Frames.B;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.Backlog;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.linux.Errno;
import org.vswitch.wire.VirtioNetHeader;

/// Where each offered frame goes: sent, queued or lost, and never two of them.
class EndpointTest {
    private static final LinkLabel LABEL = new LinkLabel("test", "");
    private static final int TCP_HEADERS = 54;
    private final FrameBatch batch = FrameBatch.forReceiving();
    private final Egress egress = new Egress(new Variants(batch));
    private final PortOrder order = new PortOrder();

    @Nested
    class WithALinkThatObeys {
        private final ProbeLink link = new ProbeLink(LinkFeatures.plain(1518, 100_000));
        private final Endpoint endpoint = new Endpoint(1, 1, link, LABEL, egress);

        @Test
        void shouldSendFramesInOrder() {
            offer(endpoint, Frames.plain(B, A, 60), Frames.plain(B, A, 61));
            List<byte[]> sent = link.sent();
            assertEquals(60, sent.get(0).length);
            assertEquals(61, sent.get(1).length);
            assertLedger(endpoint, 2, 2, 0);
            assertEquals(121, endpoint.sentBytes());
            assertFalse(endpoint.isBacklogged());
        }

        @Test
        void shouldQueueWhatTheLinkDoesNotTakeAndEverythingBehindIt() {
            link.room(1);
            offer(endpoint, Frames.plain(B, A, 60), Frames.plain(B, A, 61));
            link.room(10);
            offer(endpoint, Frames.plain(B, A, 62));
            assertLedger(endpoint, 3, 1, 2);
            assertEquals(60, link.sent().getFirst().length);
            endpoint.flush();
            assertLedger(endpoint, 3, 3, 0);
            assertEquals(List.of(61, 62), link.sent().stream().map(frame -> frame.length).toList());
            assertEquals(183, endpoint.sentBytes());
        }

        @Test
        void shouldHaveTheSourceWaitWhileTheLinkIsFull() {
            Congestion congestion = egress.congestion();
            congestion.beginPass(1000);
            congestion.beginBatch();
            offer(endpoint, Frames.plain(B, A, 60));
            assertFalse(congestion.isSourceToWait(), "nothing waits");
            link.room(0);
            congestion.beginBatch();
            offer(endpoint, Frames.plain(B, A, 60));
            assertTrue(congestion.isSourceToWait(), "the whole batch waits");
            assertFalse(congestion.isRelieved());
            endpoint.flush();
            assertFalse(congestion.isRelieved(), "there is no room");
            link.room(1);
            endpoint.flush();
            assertTrue(congestion.isRelieved(), "the link took a frame");
            congestion.endRelief();
            assertFalse(congestion.isRelieved(), "the sources went on");
        }

        @Test
        void shouldNotHaveTheSourceWaitForALinkThatIsStuck() {
            Congestion congestion = egress.congestion();
            congestion.beginPass(0);
            offer(endpoint, Frames.plain(B, A, 60));
            link.room(0);
            congestion.beginPass(Congestion.PATIENCE_NS - 1);
            congestion.beginBatch();
            offer(endpoint, Frames.plain(B, A, 60));
            assertTrue(congestion.isSourceToWait());
            congestion.beginPass(Congestion.PATIENCE_NS);
            congestion.beginBatch();
            offer(endpoint, Frames.plain(B, A, 60));
            assertFalse(congestion.isSourceToWait());
        }

        @Test
        void shouldNotHaveTheSourceWaitIfItsFramesReachSomebody() {
            Endpoint other = new Endpoint(2, 2, new ProbeLink(link.features()), LABEL, egress);
            Congestion congestion = egress.congestion();
            congestion.beginPass(1000);
            offer(endpoint, Frames.plain(B, A, 60));
            link.room(0);
            congestion.beginBatch();
            offer(endpoint, Frames.plain(B, A, 60));
            offer(other, Frames.plain(B, A, 60));
            assertFalse(congestion.isSourceToWait());
        }

        @Test
        void shouldLoseWhatTheBacklogCannotHold() {
            link.room(0);
            for (int i = 0; i < Backlog.MAX_FRAMES; i++) {
                offer(endpoint, Frames.plain(B, A, 60));
            }
            offer(endpoint, Frames.plain(B, A, 60), Frames.plain(B, A, 60));
            assertLedger(endpoint, Backlog.MAX_FRAMES + 2, 0, Backlog.MAX_FRAMES);
            assertEquals(2, endpoint.lost(Drop.EGRESS_FULL));
        }

        @Test
        void shouldLoseFramesThatAreTooLongAndNoOthers() {
            offer(endpoint, Frames.plain(B, A, 1518), Frames.plain(B, A, 1519), Frames.plain(B, A, 60));
            assertLedger(endpoint, 3, 2, 0);
            assertEquals(1, endpoint.lost(Drop.TOO_LONG));
            assertEquals(List.of(1518, 60), link.sent().stream().map(frame -> frame.length).toList());
        }

        @Test
        void shouldCountAFrameOnceHoweverManySegmentsItHas() {
            link.room(3);
            offer(endpoint, superFrame(10_000), 1000, Frames.plain(B, A, 60));
            assertLedger(endpoint, 2, 0, 2);
            assertEquals(3, link.sent().size());
            link.room(7);
            endpoint.flush();
            assertLedger(endpoint, 2, 1, 1);
            link.room(1);
            endpoint.flush();
            assertLedger(endpoint, 2, 2, 0);
            assertEquals(8, link.sent().size());
        }

        @Test
        void shouldLoseAFrameOnceWhoseSegmentsDoNotAllFit() {
            link.room(0);
            for (int i = 0; i < Backlog.MAX_FRAMES - 4; i++) {
                offer(endpoint, Frames.plain(B, A, 60));
            }
            offer(endpoint, superFrame(10_000), 1000, Frames.plain(B, A, 60));
            assertEquals(2, endpoint.lost(Drop.EGRESS_FULL), "the super-frame, and the one for which no room is left");
            assertLedger(endpoint, Backlog.MAX_FRAMES - 2, 0, Backlog.MAX_FRAMES - 4);
            link.room(Integer.MAX_VALUE);
            endpoint.flush();
            assertLedger(endpoint, Backlog.MAX_FRAMES - 2, Backlog.MAX_FRAMES - 4, 0);
        }

        @Test
        void shouldLoseSuperFramesWhoseSegmentsAreTooLong() {
            offer(endpoint, superFrame(10_000), 1465);
            assertLedger(endpoint, 1, 0, 0);
            assertEquals(1, endpoint.lost(Drop.TOO_LONG));
        }

        @Test
        void shouldCompleteAChecksumThatTheLinkCannotLeaveUndone() {
            byte[] frame = Frames.ethernet(B, A, Frames.IPV4, Frames.ipv4(Frames.UDP, Frames.udp(new byte[20])));
            batch.clear();
            long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0);
            Frames.receiveOffloaded(batch, frame, VirtioNetHeader.withCsumStart(word, 34), 6);
            transmit(endpoint);
            byte[] sent = link.sent().getFirst();
            assertTrue(sent[40] != 0 || sent[41] != 0);
            sent[40] = 0;
            sent[41] = 0;
            assertArrayEquals(frame, sent);
        }

        @Test
        void shouldLoseEverythingOnceTheLinkHasGone() {
            link.room(1);
            offer(endpoint, Frames.plain(B, A, 60), Frames.plain(B, A, 60));
            link.end();
            endpoint.flush();
            assertTrue(endpoint.isGone());
            offer(endpoint, Frames.plain(B, A, 60));
            assertLedger(endpoint, 3, 1, 0);
            assertEquals(2, endpoint.lost(Drop.LINK_DOWN));
        }
    }

    @Test
    void shouldGoOnBehindAFrameThatTheLinkRefuses() {
        MoodyLink link = new MoodyLink(LinkFeatures.plain(1518, 100_000), new Random(1));
        Endpoint endpoint = new Endpoint(1, 1, link, LABEL, egress);
        link.refuseNext = true;
        offer(endpoint, numbered(0, 60), numbered(1, 60));
        assertLedger(endpoint, 2, 1, 0);
        assertEquals(1, endpoint.lost(Drop.LINK_ERROR));
        assertEquals(1, link.last);
        link.refuseNext = true;
        link.refusal = Errno.ENETDOWN;
        offer(endpoint, numbered(2, 60), numbered(3, 60));
        assertEquals(1, endpoint.lost(Drop.LINK_DOWN));
        assertEquals(1, endpoint.lost(Drop.LINK_ERROR));
        assertEquals(3, link.last);
        link.refuseNext = true;
        link.refusal = Errno.EMSGSIZE;
        offer(endpoint, numbered(4, 60), numbered(5, 60));
        assertEquals(1, endpoint.lost(Drop.TOO_LONG));
        assertEquals(1, endpoint.lost(Drop.LINK_ERROR));
        assertEquals(5, link.last);
    }

    @Test
    void shouldKeepItsLedgerWhateverTheLinkDoes() {
        Seeds.check(60, random -> {
            boolean offloads = random.nextInt(3) == 0;
            MoodyLink link = new MoodyLink(new LinkFeatures(random.nextBoolean() ? 1518 : 9234, offloads, offloads,
                    false, false, 1 << 20 >> random.nextInt(10)), random);
            Endpoint endpoint = new Endpoint(1, 1, link, LABEL, egress);
            int number = 0;
            for (int step = 0; step < 100; step++) {
                link.changeMood();
                if (random.nextInt(3) == 0) {
                    endpoint.flush();
                } else {
                    number = offerSome(endpoint, random, number);
                }
                assertLedger(endpoint, endpoint.offered(), endpoint.sent(), endpoint.queued());
            }
            endpoint.fail();
            assertLedger(endpoint, endpoint.offered(), endpoint.sent(), 0);
        });
    }

    @Test
    void shouldCollectRowsUntilItIsFull() {
        for (int i = 0; i < PortOrder.CAPACITY; i++) {
            assertFalse(order.isFull());
            order.add(i * 2);
        }
        assertTrue(order.isFull());
        assertEquals(6, order.rows()[3]);
        order.clear();
        assertEquals(0, order.count());
    }

    private int offerSome(Endpoint endpoint, Random random, int from) {
        int number = from;
        batch.clear();
        for (int i = random.nextInt(FrameBatch.CAPACITY); i >= 0; i--) {
            if (random.nextInt(8) == 0) {
                add(superFrame(1 + random.nextInt(20_000)), 48 + random.nextInt(1500));
            } else {
                Frames.receive(batch, numbered(number++, 20 + random.nextInt(random.nextInt(8) == 0 ? 9500 : 1600)));
            }
        }
        transmit(endpoint);
        return number;
    }

    private void offer(Endpoint endpoint, byte[]... frames) {
        batch.clear();
        Frames.receive(batch, frames);
        transmit(endpoint);
    }

    private void offer(Endpoint endpoint, byte[] superFrame, int gsoSize, byte[]... behind) {
        batch.clear();
        add(superFrame, gsoSize);
        Frames.receive(batch, behind);
        transmit(endpoint);
    }

    private void transmit(Endpoint endpoint) {
        egress.variants().begin();
        order.clear();
        for (int row = 0; row < batch.size(); row++) {
            order.add(row);
        }
        endpoint.transmit(batch, order.rows(), order.count());
    }

    private void add(byte[] superFrame, int gsoSize) {
        long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_TCPV4, TCP_HEADERS, gsoSize);
        Frames.receiveOffloaded(batch, superFrame, VirtioNetHeader.withCsumStart(word, 34), 16);
    }

    private static byte[] superFrame(int payload) {
        return Frames.ethernet(B, A, Frames.IPV4, Frames.ipv4(Frames.TCP, Frames.tcp(0x10, new byte[payload])));
    }

    private static byte[] numbered(int number, int length) {
        return ByteBuffer.wrap(Frames.plain(B, A, length)).putInt(14, number).array();
    }

    private static void assertLedger(Endpoint endpoint, long offered, long sent, long queued) {
        long lost = 0;
        for (Drop reason : Drop.values()) {
            lost += endpoint.lost(reason);
        }
        assertEquals(offered, endpoint.offered());
        assertEquals(sent, endpoint.sent());
        assertEquals(queued, endpoint.queued());
        assertEquals(offered, sent + queued + lost, "lost=" + lost);
    }

    /// Takes a few frames, refuses some, ends now and then, and checks the order of what it takes.
    private static final class MoodyLink implements Link {
        private final LinkFeatures features;
        private final Random random;
        private int room = Integer.MAX_VALUE;
        private boolean refuseNext;
        private Errno refusal = Errno.ENOBUFS;
        private boolean gone;
        private int last = -1;

        MoodyLink(LinkFeatures features, Random random) {
            this.features = features;
            this.random = random;
        }

        void changeMood() {
            room = random.nextInt(3) == 0 ? 0 : random.nextInt(300);
            refuseNext = random.nextInt(5) == 0;
            gone |= random.nextInt(150) == 0;
        }

        @Override
        public LinkFeatures features() {
            return features;
        }

        @Override
        public int descriptor() {
            return NO_DESCRIPTOR;
        }

        @Override
        public int receive(FrameBatch batch) {
            return 0;
        }

        @Override
        public int transmit(FrameBatch batch, int[] rows, int from, int to) {
            if (gone) {
                return GONE;
            }
            if (refuseNext) {
                refuseNext = false;
                return Link.refused(refusal.number());
            }
            int taken = Math.min(room, to - from);
            for (int i = from; i < from + taken; i++) {
                take(batch, rows[i]);
            }
            room -= taken;
            return taken;
        }

        private void take(FrameBatch batch, int row) {
            boolean whole = VirtioNetHeader.gsoType(batch.offload(row)) == VirtioNetHeader.GSO_NONE;
            assertTrue(batch.length(row) <= features.maxFrame() || !whole && features.tso4());
            assertTrue(batch.offload(row) == 0 || features.checksum());
            byte[] frame = Frames.bytes(batch, row);
            if (batch.type(row) == Frames.EXPERIMENTAL) {
                int number = ByteBuffer.wrap(frame).getInt(14);
                assertTrue(number > last, number + " behind " + last);
                last = number;
            }
        }

        @Override
        public void close() {
            gone = true;
        }
    }
}
