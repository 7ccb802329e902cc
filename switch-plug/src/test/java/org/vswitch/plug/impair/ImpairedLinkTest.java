package org.vswitch.plug.impair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.ManualNames;
import org.vswitch.fixture.ToldMeasures;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.DatagramLink;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.MemoryLink;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// The contract of links, kept by an impaired one round each kind of link; and where its frames go.
@ParameterizedClass
@EnumSource(ImpairedLinkTest.Kind.class)
class ImpairedLinkTest {
    private static final long MS = 1_000_000;
    private static final Impairment LATE = Impairment.NONE.with(Delay.of(20 * MS));

    private final Station station = new Station();
    private final Kind kind;
    private Link inner;
    private Link far;
    private ImpairedLink near;

    ImpairedLinkTest(Kind kind) {
        this.kind = kind;
    }

    enum Kind {
        /// Polled, carries offloads.
        MEMORY,
        /// With a descriptor.
        UNIX_DATAGRAM
    }

    @AfterEach
    void close() {
        if (near != null) {
            near.close();
        }
        if (far != null) {
            far.close();
        }
    }

    @Test
    void shouldHaveEveryNameInTheManual() throws IOException, LinuxException {
        open(LATE, LATE);
        Set<String> told = ToldMeasures.of(near).keySet().stream()
                .map(name -> name.replaceFirst("^(in|out)-", "").replaceFirst("^lost-", ""))
                .collect(Collectors.toSet());
        Set<String> explained = ManualNames.in("vswitch.1", "COUNTERS");
        assertTrue(explained.remove("lost-"), explained.toString());
        assertEquals(explained, told);
    }

    @Test
    void shouldPassOnWhatWasTransmittedWhenItIsDue() throws LinuxException {
        open(LATE, Impairment.NONE);
        near.now(0);
        assertEquals(3, station.send(near, 100, 101, 102));
        near.now(5 * MS);
        assertEquals(1, station.send(near, 103));
        assertEquals(20 * MS, near.deadlineNs());
        near.now(20 * MS - 1);
        assertEquals(List.of(), station.receive(far));
        near.now(20 * MS);
        assertEquals(List.of(100, 101, 102), station.receive(far));
        assertEquals(25 * MS, near.deadlineNs());
        near.now(25 * MS);
        assertEquals(List.of(103), station.receive(far));
        assertEquals(Long.MAX_VALUE, near.deadlineNs());
        assertEquals(4, near.outgoing().passed());
        assertEquals(4, near.outgoing().delayed());
    }

    @Test
    void shouldLendWhatWasReceivedWhenItIsDue() throws LinuxException {
        open(Impairment.NONE, LATE);
        near.now(0);
        station.send(far, 100, 101);
        assertEquals(List.of(), station.receive(near));
        assertEquals(2, near.incoming().inFlight());
        near.now(20 * MS - 1);
        assertFalse(near.isReady());
        assertEquals(20 * MS, near.deadlineNs());
        near.now(20 * MS);
        assertTrue(near.isReady());
        assertFalse(near.arm(), "frames wait");
        near.disarm();
        assertEquals(List.of(100, 101), station.receive(near));
        assertFalse(near.isReady());
        assertEquals(0, near.incoming().inFlight());
    }

    @Test
    void shouldLendFramesUntilTheyAreReleased() throws LinuxException {
        open(Impairment.NONE, Impairment.NONE.with(Delay.of(1)));
        near.now(0);
        station.send(far, 100, 101, 102);
        near.now(MS);
        FrameBatch lent = FrameBatch.forReceiving();
        assertEquals(0, near.receive(lent));
        near.now(2 * MS);
        lent.clear();
        assertEquals(3, near.receive(lent));
        station.send(far, 200, 201, 202);
        assertEquals(List.of(100, 101, 102), Station.lengths(lent));
        near.release(lent);
        near.now(3 * MS);
        List<Integer> rest = new ArrayList<>(station.receive(near));
        near.now(4 * MS);
        rest.addAll(station.receive(near));
        assertEquals(List.of(200, 201, 202), rest);
    }

    @Test
    void shouldTakeTheRowsItIsGivenInTheirOrder() throws LinuxException {
        open(LATE, Impairment.NONE);
        near.now(0);
        FrameBatch batch = FrameBatch.forReceiving();
        for (int length = 100; length < 110; length++) {
            Frames.receive(batch, Frames.plain(Frames.B, Frames.A, length));
        }
        assertEquals(4, near.transmit(batch, new int[] {99, 7, 3, 8, 2, 99}, 1, 5));
        assertEquals(0, near.transmit(batch, new int[0], 0, 0));
        near.now(20 * MS);
        assertEquals(List.of(107, 103, 108, 102), station.receive(far));
    }

    @Test
    void shouldCarryFramesOfEveryLengthItPromises() throws LinuxException {
        open(LATE, LATE);
        long now = 0;
        for (int length : new int[] {14, 15, 59, 60, 128, 129, 1514, 9234, near.features().maxFrame()}) {
            near.now(now);
            assertEquals(1, station.send(near, length));
            assertEquals(1, station.send(far, length));
            assertEquals(List.of(), station.receive(near));
            now += 20 * MS;
            near.now(now);
            assertEquals(List.of(length), station.receive(far));
            assertEquals(List.of(length), station.receive(near));
        }
    }

    @Test
    void shouldTouchNothingUnlessAskedTo() throws LinuxException {
        open(Impairment.NONE, Impairment.NONE);
        assertEquals(inner.features(), near.features());
        assertEquals(inner.descriptor(), near.descriptor());
        near.now(0);
        int taken = 64;
        List<Integer> sent = new ArrayList<>();
        while (taken == 64) {
            taken = station.send(near, IntStream.range(1000, 1064).toArray());
            sent.addAll(IntStream.range(1000, 1000 + taken).boxed().toList());
        }
        assertEquals(0, station.send(near, 1063), "its inner link pushes back");
        assertEquals(sent, all(far));
        station.send(far, 100);
        assertEquals(List.of(100), station.receive(near));
        assertEquals(Long.MAX_VALUE, near.deadlineNs());
        assertEquals(0, near.outgoing().offered() + near.incoming().offered());
    }

    @Test
    void shouldKeepDueFramesInOrderWhileTheInnerLinkHasNoRoom() throws LinuxException {
        open(LATE, Impairment.NONE);
        near.now(0);
        int sent = 0;
        for (; sent < 1024; sent += 64) {
            assertEquals(64, station.send(near, IntStream.range(1000 + sent, 1064 + sent).toArray()));
        }
        near.now(20 * MS);
        assertTrue(near.outgoing().inFlight() > 0, "the inner link took all");
        assertEquals(kind == Kind.UNIX_DATAGRAM, near.awaitsRoom());
        assertEquals(Long.MAX_VALUE, near.deadlineNs(), "no time helps here");
        List<Integer> received = new ArrayList<>();
        for (long now = 21 * MS; received.size() < sent && now < 60 * MS; now += MS) {
            received.addAll(all(far));
            near.now(now);
        }
        assertEquals(IntStream.range(1000, 1000 + sent).boxed().toList(), received);
        assertFalse(near.awaitsRoom());
        assertEquals(sent, near.outgoing().passed());
    }

    @Test
    void shouldAccountForFramesLostAtReceive() throws LinuxException {
        open(Impairment.NONE, Impairment.NONE.with(Loss.independent(0.5)).with(Delay.of(MS)).withQueueFrames(8));
        near.now(0);
        station.send(far, IntStream.range(100, 150).toArray());
        FrameBatch batch = FrameBatch.forReceiving();
        int taken = near.receive(batch);
        assertEquals(0, batch.size());
        assertEquals(taken, batch.discards());
        assertEquals(taken, batch.discarded(Drop.IMPAIRED) + batch.discarded(Drop.DELAY_FULL));
        assertEquals(near.incoming().lost(Drop.IMPAIRED), batch.discarded(Drop.IMPAIRED));
        assertTrue(batch.discarded(Drop.IMPAIRED) > 5 && batch.discarded(Drop.DELAY_FULL) > 5);
        near.release(batch);
        near.now(MS);
        assertEquals(50 - taken, station.receive(near).size());
        DelayLineTest.assertBalanced(near.incoming());
    }

    @Test
    void shouldAccountForFramesLostAtTransmit() throws LinuxException {
        open(Impairment.NONE.with(Loss.bursts(0.3, 3)).withDuplicate(0.3).withSeed(5), Impairment.NONE);
        int received = 0;
        for (int i = 0; i < 100; i++) {
            near.now(i * MS);
            assertEquals(20, station.send(near, IntStream.range(100, 120).toArray()));
            received += all(far).size();
        }
        LineLedger ledger = near.outgoing();
        assertEquals(2000, ledger.offered());
        assertEquals(received, ledger.passed());
        assertTrue(ledger.lost(Drop.IMPAIRED) > 400 && ledger.duplicated() > 300);
        assertEquals(0, ledger.delayed());
        DelayLineTest.assertBalanced(ledger);
    }

    @Test
    void shouldNotTakeSuperFramesItWouldLoseWhole() throws LinuxException {
        open(LATE, Impairment.NONE);
        assertFalse(near.features().tso4() || near.features().tso6() || near.features().uso());
        assertEquals(inner.features().checksum(), near.features().checksum());
        assertEquals(inner.features().maxFrame(), near.features().maxFrame());
    }

    @Test
    void shouldEndWithItsInnerLinkAndCountWhatWasOnItsWay() throws LinuxException {
        open(LATE, LATE);
        near.now(0);
        station.send(far, 100, 101);
        station.send(near, 100, 101, 102);
        station.receive(near);
        far.close();
        far = null;
        near.now(20 * MS);
        if (kind == Kind.MEMORY) {
            assertEquals(3, near.outgoing().lost(Drop.LINK_DOWN));
            assertEquals(2, near.incoming().lost(Drop.LINK_DOWN));
            assertTrue(near.isReady());
            assertEquals(Link.GONE, near.receive(FrameBatch.forReceiving()));
            assertEquals(Link.GONE, station.send(near, 60));
        } else {
            assertEquals(3, near.outgoing().lost(Drop.LINK_ERROR), "refused, one by one");
            assertEquals(List.of(100, 101), station.receive(near));
        }
        DelayLineTest.assertBalanced(near.outgoing());
        DelayLineTest.assertBalanced(near.incoming());
    }

    /// What a link says at its end would come too late otherwise, and so would what another says that leaves with it.
    @Test
    void shouldHandOverWhatIsOnItsWayWhenItLeaves() throws LinuxException {
        open(LATE, LATE);
        near.now(0);
        station.send(near, 100, 101);
        station.send(far, 200);
        assertEquals(List.of(), station.receive(near));
        near.leave();
        assertEquals(List.of(100, 101), station.receive(far));
        assertTrue(near.isReady());
        assertEquals(List.of(200), station.receive(near));
        station.send(near, 102);
        station.send(far, 201);
        assertEquals(List.of(102), station.receive(far));
        assertEquals(List.of(201), station.receive(near));
    }

    @Test
    void shouldKeepWhatIsOnLoanWhenItEndsMeanwhile() throws LinuxException {
        open(Impairment.NONE.withDuplicate(0.01), LATE);
        near.now(0);
        station.send(far, 100, 101);
        station.receive(near);
        near.now(20 * MS);
        station.send(far, 102);
        FrameBatch lent = FrameBatch.forReceiving();
        assertEquals(2, near.receive(lent));
        far.close();
        far = null;
        station.send(near, 60);
        assertEquals(List.of(100, 101), Station.lengths(lent));
        near.release(lent);
        assertEquals(2, near.incoming().passed());
        assertEquals(kind == Kind.MEMORY ? 1 : 0, near.incoming().lost(Drop.LINK_DOWN));
        assertEquals(kind == Kind.MEMORY ? 0 : 1, near.incoming().inFlight());
        assertEquals(1, near.outgoing().lost(kind == Kind.MEMORY ? Drop.LINK_DOWN : Drop.LINK_ERROR));
        DelayLineTest.assertBalanced(near.incoming());
    }

    @Test
    void shouldAllocateNothing() throws LinuxException {
        Impairment bad = new Impairment(Loss.bursts(0.1, 2), new Delay(MS, MS / 2, 0.1), 0.1, 1_000_000_000, 256, 1);
        open(bad, bad);
        FrameBatch frames = FrameBatch.forReceiving();
        Frames.receive(frames, Frames.plain(Frames.B, Frames.A, 60), Frames.plain(Frames.B, Frames.A, 1000));
        FrameBatch received = FrameBatch.forReceiving();
        int[] rows = {0, 1};
        Link[] both = {near, far};
        long[] now = {0};
        long allocated = Allocations.bytesOf(100_000, 50_000, () -> {
            now[0] += 50_000;
            near.now(now[0]);
            near.transmit(frames, rows, 0, 2);
            far.transmit(frames, rows, 0, 2);
            for (Link link : both) {
                received.clear();
                if (link.receive(received) > 0) {
                    link.release(received);
                }
            }
        });
        assertEquals(0, allocated);
        assertTrue(near.outgoing().passed() > 100_000 && near.incoming().passed() > 100_000);
        assertTrue(near.incoming().lost(Drop.IMPAIRED) > 1000);
    }

    @Test
    void shouldImpairAnImpairedLink() throws LinuxException {
        open(LATE, LATE);
        near = new ImpairedLink(near, Impairment.NONE.with(Delay.of(5 * MS)), Impairment.NONE);
        near.now(0);
        station.send(near, 100);
        station.send(far, 200);
        station.receive(near);
        assertEquals(5 * MS, near.deadlineNs());
        near.now(5 * MS);
        assertEquals(20 * MS, near.deadlineNs());
        near.now(20 * MS);
        assertTrue(near.isReady());
        assertEquals(List.of(200), station.receive(near));
        near.now(25 * MS);
        assertEquals(List.of(100), station.receive(far));
    }

    private void open(Impairment outgoing, Impairment incoming) throws LinuxException {
        LinkFeatures all = new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, true, LinkFeatures.MAX_BUFFERED);
        if (kind == Kind.MEMORY) {
            MemoryLink.Pair pair = MemoryLink.pair(all, all);
            inner = pair.first();
            far = pair.second();
        } else {
            Sockets.Pair pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
            inner = DatagramLink.buffered(pair.first(), FrameSlab.MAX_FRAME, null);
            far = DatagramLink.buffered(pair.second(), FrameSlab.MAX_FRAME, null);
        }
        near = new ImpairedLink(inner, outgoing, incoming);
    }

    private List<Integer> all(Link link) {
        List<Integer> lengths = new ArrayList<>();
        List<Integer> some = station.receive(link);
        while (!some.isEmpty()) {
            lengths.addAll(some);
            some = station.receive(link);
        }
        return lengths;
    }
}
