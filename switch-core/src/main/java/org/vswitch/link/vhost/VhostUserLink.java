package org.vswitch.link.vhost;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.MeasuredLink;
import org.vswitch.link.Patience;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Arp;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.FlowHash;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.VirtioNetHeader;

/// A guest's network device, its rings and buffers in memory that its front-end shares: no system call for a frame, and
/// one copy from guest to guest.
///
/// Theory of operation. A guest has pairs of rings. From one of a pair ([GuestSource]) frames are received as rows
/// whose payload stays in the guest's memory until [#release]; into the other ([GuestSink]) rows are copied, from
/// wherever they lie. With several pairs, receiving goes round, and a flow keeps to one pair.
///
/// The guest does not say when it has something, as long as this link is polled, which is in every pass. Before the
/// data plane sleeps, [#arm] asks for kicks: eventfds behind one descriptor that only wakes. For a little while after
/// frames came or went, [#arm] says that there might be more, so that a guest in full flow need not kick.
///
/// What the session says ([VhostRings]) comes by a [Mailbox], which [#receive] looks into first: nothing is lent then,
/// so that rings may stop and memory may go. Before the link is attached the session's own thread does it.
///
/// A guest whose ring makes no sense gets and sends nothing until it starts that ring anew. Memory that vanishes under
/// our hands, which the JVM reports as InternalError, ends the link.
final class VhostUserLink implements MeasuredLink, VhostRings {
    /// The most pairs of rings.
    static final int MAX_PAIRS = 8;
    /// Frames received at a time, half a batch: whom they are for begins with them while we fetch those behind them.
    static final int BURST = 32;
    private static final int MOST_ANNOUNCEMENTS = 16;
    private static final int ANNOUNCEMENT_LENGTH = 60;
    private static final int UNREADABLE = Link.refused(Errno.EFAULT.number());
    private static final int SCRATCH = 16;
    private static final int LEGACY_HEADER = 10;

    private final Mailbox mailbox = new Mailbox();
    private final Patience patience = new Patience();
    private final RingFaults faults;
    private final Chain chain = new Chain();
    private final long scratch = NativeMemory.map(SCRATCH);
    private final Epoll kicks;
    private final GuestSource[] sources;
    private final GuestSink[] sinks;
    private final long[] announcements = new long[MOST_ANNOUNCEMENTS];
    private GuestSource[] running = {};
    private GuestSink[] open = {};
    private GuestMemory memory = GuestMemory.NONE;
    private Runnable refit = () -> { };
    private LinkFeatures features;
    private long acked;
    private int longest = FrameSlab.MAX_FRAME;
    private int announced;
    private int turn;
    private boolean armed;
    private long woken;

    /// A device whose guest has agreed to nothing yet.
    ///
    /// @param pairs how many pairs of rings, 1 to [#MAX_PAIRS]
    /// @param log takes one line for each ring that breaks, on the data-plane thread
    /// @throws LinuxException if the kernel refuses another descriptor
    VhostUserLink(int pairs, Consumer<String> log) throws LinuxException {
        faults = new RingFaults(log);
        kicks = new Epoll(2 * pairs);
        sources = new GuestSource[pairs];
        sinks = new GuestSink[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            sinks[pair] = new GuestSink(new SplitRing(2 * pair, faults), chain, scratch);
            sources[pair] = new GuestSource(new SplitRing(2 * pair + 1, faults), chain);
        }
        agree(0);
    }

    @Override
    public LinkFeatures features() {
        return features;
    }

    @Override
    public void refitBy(Runnable changed) {
        refit = changed;
    }

    @Override
    public int descriptor() {
        return kicks.fd();
    }

    @Override
    public boolean isPolled() {
        return true;
    }

    @Override
    public void wakeBy(Runnable wakeUp) {
        mailbox.open(wakeUp);
    }

    @Override
    public void woken() {
        kicks.await(0);
        woken++;
    }

    @Override
    public int receive(FrameBatch batch) {
        if (mailbox.isFull()) {
            mailbox.empty();
        }
        int count = announced > 0 ? announce(batch) : 0;
        if (faults.isAny()) {
            return count;
        }
        int wanted = Math.min(batch.wanted(), BURST) - count;
        if (running.length == 1) {
            count += running[0].receive(batch, wanted, batch.wantedBytes());
        } else if (running.length > 1) {
            count += receiveInTurn(batch, wanted);
        }
        if (count > 0) {
            patience.begin(count);
        }
        return count;
    }

    private int receiveInTurn(FrameBatch batch, int wanted) {
        int left = 0;
        for (GuestSource source : running) {
            left += source.ring().hasWaiting() ? 1 : 0;
        }
        int bytes = batch.wantedBytes() / Math.max(1, left);
        int count = 0;
        int first = turn;
        for (int i = 0; i < running.length && left > 0; i++) {
            int index = (first + i) % running.length;
            if (running[index].ring().hasWaiting()) {
                int taken = running[index].receive(batch, (wanted - count + left - 1) / left--, bytes);
                count += taken;
                turn = taken > 0 ? index + 1 : turn;
            }
        }
        return count;
    }

    @Override
    public void release(FrameBatch batch) {
        for (GuestSource source : running) {
            source.release();
        }
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        GuestSink[] sinksNow = open;
        if (sinksNow.length == 0 || faults.isAny()) {
            return from < to ? DOWN : 0;
        }
        int taken = 0;
        try {
            if (sinksNow.length > 1) {
                taken = transmitByFlow(batch, rows, from, to);
            } else if (from < to) {
                taken = sinksNow[0].transmit(batch, rows, from, to);
                sinksNow[0].publish();
            }
        } catch (InternalError lostMemory) {
            taken = blame();
        }
        if (taken > 0) {
            patience.begin(taken);
        }
        return taken;
    }

    /// Memory has vanished while frames were copied: this guest's own, which ends the link, or the sender's, which
    /// loses a frame. What was copied before it is forgotten as well, and copied again.
    private int blame() {
        if (!memory.isIntact()) {
            return GONE;
        }
        for (GuestSink sink : open) {
            sink.forget();
        }
        return UNREADABLE;
    }

    private int transmitByFlow(FrameBatch batch, int[] rows, int from, int to) {
        int result = 0;
        int next = from;
        while (next < to) {
            GuestSink sink = sinkOf(batch, rows[next]);
            int end = next + 1;
            while (end < to && sinkOf(batch, rows[end]) == sink) {
                end++;
            }
            result = sink.transmit(batch, rows, next, end);
            next += Math.max(0, result);
            if (next < end) {
                break;
            }
        }
        for (GuestSink sink : open) {
            sink.publish();
        }
        return next > from ? next - from : result;
    }

    private GuestSink sinkOf(FrameBatch batch, int row) {
        return open[FlowHash.share(batch.head(row), batch.headLength(row), open.length)];
    }

    @Override
    public boolean arm() {
        return isIdle() && patience.isOver() && isStillIdleWhenArmed();
    }

    private boolean isIdle() {
        return !mailbox.isFull() && announced == 0 && !hasWork();
    }

    private boolean isStillIdleWhenArmed() {
        if (faults.isAny()) {
            return true;
        }
        armed = true;
        for (GuestSource source : running) {
            source.ring().askForKicks();
        }
        for (GuestSink sink : open) {
            if (sink.isFull()) {
                sink.ring().askForKicks();
            }
        }
        VarHandle.fullFence();
        return !hasWork();
    }

    private boolean hasWork() {
        if (faults.isAny()) {
            return false;
        }
        for (GuestSource source : running) {
            if (source.ring().hasWaiting() || source.ring().kick() == null) {
                return true;
            }
        }
        for (GuestSink sink : open) {
            if (sink.isFull() && (sink.ring().hasMoved() || sink.ring().kick() == null)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void disarm() {
        if (armed && !faults.isAny()) {
            armed = false;
            for (GuestSource source : running) {
                source.ring().ignoreKicks();
            }
            for (GuestSink sink : open) {
                sink.ring().ignoreKicks();
            }
        }
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        into.gauge("rings-sending", running.length, sources.length);
        into.gauge("rings-receiving", open.length, sinks.length);
        into.counter("rings-broken", faults.count());
        into.counter("wake-ups", woken);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        mailbox.close();
        for (int ring = 0; ring < rings(); ring++) {
            ring(ring).stop();
        }
        kicks.close();
        memory.close();
        chain.close();
        NativeMemory.unmap(scratch, SCRATCH);
    }

    @Override
    public int rings() {
        return 2 * sources.length;
    }

    @Override
    public void features(long bits) throws IOException {
        tell(() -> agree(bits));
    }

    @Override
    public void memory(GuestMemory replacement) throws IOException {
        replacement.hold();
        mailbox.ask(() -> {
            move(replacement);
            return null;
        }, replacement::close);
    }

    @Override
    public void start(int ring, RingSetup setup) throws IOException {
        mailbox.ask(() -> {
            try {
                begin(ring, setup);
            } catch (IOException refusal) {
                setup.close();
                throw refusal;
            }
            return null;
        }, setup::close);
    }

    @Override
    public void call(int ring, Fd call) throws IOException {
        Runnable close = call == null ? () -> { } : call::close;
        mailbox.ask(() -> {
            try {
                if (ring(ring).isRunning()) {
                    ring(ring).call(call);
                } else {
                    close.run();
                }
            } catch (LinuxException refusal) {
                close.run();
                throw refusal;
            }
            return null;
        }, close);
    }

    @Override
    public int stop(int ring) throws IOException {
        return mailbox.ask(() -> end(ring), () -> { });
    }

    @Override
    public void enable(int ring, boolean enabled) throws IOException {
        tell(() -> {
            ring(ring).enable(enabled);
            sort();
        });
    }

    @Override
    public void inject(long mac) throws IOException {
        tell(() -> {
            if (announced < MOST_ANNOUNCEMENTS) {
                announcements[announced++] = mac;
            }
        });
    }

    @Override
    public void mtu(int bytes) throws IOException {
        tell(() -> {
            longest = Math.min(bytes + Ethernet.HEADER_LENGTH + Ethernet.TAG_LENGTH, FrameSlab.MAX_FRAME);
            agree(acked);
        });
    }

    private void tell(Runnable deed) throws IOException {
        mailbox.ask(() -> {
            deed.run();
            return null;
        }, () -> { });
    }

    private SplitRing ring(int number) {
        return number % 2 == 0 ? sinks[number / 2].ring() : sources[number / 2].ring();
    }

    private void agree(long bits) {
        acked = bits;
        boolean long12 = (bits & (VirtioFeatures.VERSION_1 | VirtioFeatures.MRG_RXBUF)) != 0;
        int header = long12 ? VirtioNetHeader.LENGTH : LEGACY_HEADER;
        for (int pair = 0; pair < sources.length; pair++) {
            sources[pair].features(header, (bits & VirtioFeatures.INDIRECT_DESC) != 0);
            sinks[pair].features(bits, header);
        }
        boolean checksum = (bits & VirtioFeatures.GUEST_CSUM) != 0;
        features = new LinkFeatures(longest, checksum, checksum && (bits & VirtioFeatures.GUEST_TSO4) != 0,
                checksum && (bits & VirtioFeatures.GUEST_TSO6) != 0, false, LinkFeatures.MAX_BUFFERED);
        refit.run();
    }

    private void move(GuestMemory replacement) {
        GuestMemory former = memory;
        memory = replacement;
        for (int pair = 0; pair < sources.length; pair++) {
            sources[pair].memory(replacement);
            sources[pair].ring().move(replacement);
            sinks[pair].memory(replacement);
            sinks[pair].ring().move(replacement);
        }
        former.close();
    }

    private void begin(int number, RingSetup setup) throws IOException {
        end(number);
        SplitRing ring = ring(number);
        chain.fit(Math.min(setup.size(), RingSetup.MAX_SIZE));
        ring.start(setup, memory, (acked & VirtioFeatures.EVENT_IDX) != 0);
        try {
            if (setup.kick() != null) {
                kicks.add(setup.kick().number(), Epoll.READABLE | Epoll.EDGE, number);
            }
        } catch (LinuxException refusal) {
            ring.stop();
            throw refusal;
        }
        if (number % 2 == 0) {
            sinks[number / 2].start();
        }
        sort();
    }

    private int end(int number) {
        SplitRing ring = ring(number);
        if (ring.isRunning() && ring.kick() != null) {
            kicks.remove(ring.kick().number());
        }
        int next = ring.stop();
        sort();
        return next;
    }

    /// Lists the rings that run, and of those the guest receives through only the enabled ones.
    private void sort() {
        running = Arrays.stream(sources).filter(source -> source.ring().isRunning()).toArray(GuestSource[]::new);
        open = Arrays.stream(sinks).filter(sink -> sink.ring().isRunning() && sink.ring().isEnabled())
                .toArray(GuestSink[]::new);
    }

    /// Reverse ARP requests (RFC 903) in the name of the guest, as it would send them itself.
    private int announce(FrameBatch batch) {
        for (int i = 0; i < announced; i++) {
            long frame = batch.slot(i);
            NativeMemory.zero(frame, ANNOUNCEMENT_LENGTH);
            Ethernet.destination(frame, MacAddress.BROADCAST);
            Ethernet.source(frame, announcements[i]);
            Ethernet.type(frame, Ethernet.TYPE_RARP);
            Arp.emitReverseRequest(frame + Ethernet.HEADER_LENGTH, announcements[i]);
            batch.addFrame(frame, ANNOUNCEMENT_LENGTH);
        }
        int count = announced;
        announced = 0;
        return count;
    }
}
