package org.vswitch.engine;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;
import org.agrona.concurrent.NanoClock;
import org.vswitch.control.DataPlaneGate;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.link.Congestion;
import org.vswitch.link.Egress;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Forwarder;
import org.vswitch.link.Link;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.LinuxException;

/// The only loop that moves frames, one thread, run to completion (invariants 3, 6 and 7).
///
/// Theory of operation. A pass drains the commands of other threads, asks epoll which links have work, and gives each
/// of those one batch: receive, forward, release. A source whose batch went nowhere but to full receivers then waits a
/// little ([Congestion]). What is due by the clock follows. A pass that finds nothing to do blocks in epoll until a
/// link, a command or the alarm for the next deadline wakes it ([EventWait]). Links without a descriptor, and others
/// that ask for it, are polled in each pass and armed before it blocks. The time is read once a pass; links that act by
/// the clock ([org.vswitch.link.TimedLink]) are told it first.
public final class DataPlane implements Agent, DataPlaneGate, Forwarder.Attention {
    private static final int MAX_EVENTS = 256;
    private static final long WAKE_TOKEN = -1;
    private static final long ALARM_TOKEN = -2;
    private static final long AT_ONCE = Long.MIN_VALUE;
    /// What a link may say at its end; enough to reset a few thousand connections.
    private static final int LAST_BATCHES = 64;

    private final ManyToOneConcurrentLinkedQueue<Runnable> commands = new ManyToOneConcurrentLinkedQueue<>();
    private final AtomicBoolean wakePending = new AtomicBoolean();
    private final FrameBatch batch = FrameBatch.forReceiving();
    private final Egress egress = new Egress(new Variants(batch));
    private final List<Attachment> attachments = new ArrayList<>();
    private final List<Attachment> polled = new ArrayList<>();
    private final TimedAttachments timed = new TimedAttachments();
    private final List<Attachment> inNeed = new ArrayList<>();
    private final PausedSources paused = new PausedSources();
    private final PassLoad load = new PassLoad();
    private final String roleName;
    private final NanoClock clock;
    private final Epoll epoll;
    private final EventFd wake;
    private final EventWait events;
    private Forwarder forwarder;
    private long deadlineNs = Long.MAX_VALUE;
    private long nowNs;
    private long pass;
    private volatile boolean closed;

    /// An idle data plane.
    ///
    /// @throws LinuxException if the kernel refuses epoll or eventfd
    public DataPlane() throws LinuxException {
        this("data-plane", System::nanoTime);
    }

    /// An idle data plane for a purpose of its own.
    ///
    /// @param roleName what its thread is called
    /// @throws LinuxException if the kernel refuses epoll or eventfd
    public DataPlane(String roleName) throws LinuxException {
        this(roleName, System::nanoTime);
    }

    /// An idle data plane with a clock of its own.
    ///
    /// @param clock read once a pass
    /// @throws LinuxException if the kernel refuses epoll or eventfd
    DataPlane(NanoClock clock) throws LinuxException {
        this("data-plane", clock);
    }

    private DataPlane(String roleName, NanoClock clock) throws LinuxException {
        this.roleName = roleName;
        this.clock = clock;
        nowNs = clock.nanoTime();
        epoll = new Epoll(MAX_EVENTS);
        EventFd openedWake = null;
        try {
            openedWake = new EventFd();
            epoll.add(openedWake.fd(), Epoll.READABLE, WAKE_TOKEN);
            events = new EventWait(epoll, ALARM_TOKEN);
        } catch (LinuxException refused) { // for want of descriptors: keep none of those that there were
            epoll.close();
            if (openedWake != null) {
                openedWake.close();
            }
            free();
            throw refused;
        }
        wake = openedWake;
    }

    /// Another data plane, of the same clock.
    ///
    /// @param number of its thread
    /// @return an idle one
    /// @throws LinuxException if the kernel refuses epoll or eventfd
    DataPlane sibling(int number) throws LinuxException {
        return new DataPlane(roleName + "-" + number, clock);
    }

    /// What the endpoints of this data plane share.
    ///
    /// @return for the forwarder
    public Egress egress() {
        return egress;
    }

    /// Sets what is done with frames; before the first pass.
    ///
    /// @param chosen a bridge or a cable
    public void forwarder(Forwarder chosen) {
        forwarder = chosen;
    }

    @Override
    public String roleName() {
        return roleName;
    }

    @Override
    public int doWork() {
        boolean commanded = wakePending.get();
        if (commanded) {
            drainCommands();
            deadlineNs = forwarder.onDeadline(nowNs);
        }
        // a command may have been to end: the caller decides before the next pass blocks
        int ready = commanded ? events.look() : events.until(patienceNs(), nowNs);
        disarm();
        pass++;
        load.begin();
        nowNs = clock.nanoTime();
        forwarder.now(nowNs);
        egress.congestion().beginPass(nowNs);
        tellTime();
        int frames = 0;
        for (int i = 0; i < ready; i++) {
            frames += serve(epoll.token(i), epoll.ready(i));
        }
        for (int i = 0; i < polled.size(); i++) {
            frames += polled.get(i).paused ? 0 : receive(polled.get(i));
        }
        frames += serveTimed();
        resume();
        attend();
        if (nowNs >= deadlineNs || frames > 0) {
            deadlineNs = forwarder.onDeadline(nowNs);
        }
        if (!load.isLight()) {
            events.streams();
        }
        return frames;
    }

    @Override
    public void onClose() {
        if (closed) {
            return;
        }
        closed = true;
        drainCommands();
        for (int i = 0; i < timed.count(); i++) { // first, as they may have something to say, also to each other
            letLeave(timed.at(i));
        }
        while (!attachments.isEmpty()) {
            detach(attachments.getLast().endpoint);
        }
        events.close();
        epoll.close();
        wake.close();
        free();
    }

    @Override
    public <T> CompletableFuture<T> ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        commands.offer(() -> answer(question, answer));
        if (closed) {
            answer.completeExceptionally(new RejectedExecutionException("the switch has ended"));
        } else {
            wake();
        }
        return answer;
    }

    @Override
    public Endpoint attach(Plug plug) {
        Endpoint endpoint = new Endpoint(plug.id(), plug.port(), plug.link(), plug.label(), egress);
        endpoint.index(attachments.size());
        Attachment attachment = new Attachment(endpoint, plug.onDetached());
        if (attachment.hasDescriptor()) {
            try {
                epoll.add(plug.link().descriptor(), Epoll.READABLE, endpoint.index());
            } catch (LinuxException refused) {
                throw new UncheckedIOException(refused);
            }
        }
        if (attachment.isPolled()) {
            polled.add(attachment);
            plug.link().wakeBy(this::wake);
        }
        attachments.add(attachment);
        if (attachment.timed != null) {
            attachment.timed.now(nowNs);
            timed.add(attachment);
        }
        forwarder.attached(endpoint);
        return endpoint;
    }

    @Override
    public void detach(Endpoint endpoint) {
        Attachment attachment = find(endpoint);
        if (attachment == null) {
            return;
        }
        letLeave(attachment);
        if (attachment.isPolled()) {
            polled.remove(attachment);
        }
        if (attachment.hasDescriptor()) {
            epoll.remove(endpoint.link().descriptor());
        }
        timed.remove(attachment);
        inNeed.remove(attachment);
        paused.remove(attachment);
        Attachment last = attachments.removeLast();
        if (last != attachment) {
            attachments.set(attachment.endpoint.index(), last);
            last.endpoint.index(attachment.endpoint.index());
            watch(last);
        }
        forwarder.detached(endpoint);
        endpoint.fail();
        endpoint.link().close();
        attachment.onDetached.run();
    }

    /// A link that acts by the clock may have something to say at its end.
    private void letLeave(Attachment attachment) {
        if (attachment.timed != null && !attachment.hasLeft && !attachment.endpoint.isGone()) {
            attachment.hasLeft = true;
            attachment.timed.leave();
            for (int i = 0; i < LAST_BATCHES && attachment.timed.isReady(); i++) {
                receive(attachment);
            }
        }
    }

    @Override
    public void needed(Endpoint endpoint) {
        Attachment attachment = find(endpoint);
        if (!attachment.inNeed) {
            attachment.inNeed = true;
            inNeed.add(attachment);
        }
    }

    /// Ends the wait of the data-plane thread. Callable from any thread.
    void wake() {
        if (wakePending.compareAndSet(false, true)) {
            wake.signal();
        }
    }

    private void free() {
        egress.free();
        batch.free();
    }

    private void drainCommands() {
        wakePending.set(false);
        wake.drain();
        Runnable command = commands.poll();
        while (command != null) {
            command.run();
            command = commands.poll();
        }
    }

    private static <T> void answer(Supplier<T> question, CompletableFuture<T> answer) {
        try {
            answer.complete(question.get());
        } catch (RuntimeException refused) {
            answer.completeExceptionally(refused);
        } catch (Error bug) {
            answer.completeExceptionally(bug);
            throw bug;
        }
    }

    private int serve(long token, int ready) {
        if (token == ALARM_TOKEN) {
            events.wentOff();
        }
        if (token < 0 || token >= attachments.size()) {
            return 0;
        }
        Attachment attachment = attachments.get((int) token);
        if (attachment.isPolled()) {
            attachment.endpoint.link().woken();
            return 0;
        }
        if ((ready & Epoll.WRITABLE) != 0 || attachment.awaitsRoomByReading()) {
            attachment.endpoint.flush();
            needed(attachment.endpoint);
        }
        return (ready & (Epoll.READABLE | Epoll.FAILED)) == 0 ? 0 : receive(attachment);
    }

    private void tellTime() {
        for (int i = 0; i < timed.count(); i++) {
            Attachment attachment = timed.at(i);
            try {
                attachment.timed.now(nowNs);
            } catch (InternalError lostMemory) {
                lost(attachment);
            }
        }
    }

    /// What came by the clock, of links whose descriptor tells of the rest. The polled ones have been asked already.
    private int serveTimed() {
        int frames = 0;
        for (int i = 0; i < timed.count(); i++) {
            Attachment attachment = timed.at(i);
            if (!attachment.paused && !attachment.isPolled() && attachment.timed.isReady()) {
                frames += receive(attachment);
            }
        }
        return frames;
    }

    private int receive(Attachment attachment) {
        Link link = attachment.endpoint.link();
        batch.clear();
        // one that had nothing in the last pass has most likely one frame now; if not, the next pass takes the rest
        batch.wanted(attachment.lastPass == pass - 1 ? FrameBatch.CAPACITY : 1);
        batch.wantedBytes(attachment.wantedBytes);
        attachment.lastPass = pass;
        int taken = take(link);
        if (taken == Link.GONE) {
            lost(attachment);
            return 0;
        }
        if (taken > 0) {
            load.add(batch);
            egress.congestion().beginBatch();
            long bytes = batch.hasOffloads() ? batch.bytes() : 0;
            forwarder.forward(batch, attachment.endpoint, taken);
            attachment.forwarded(bytes, egress.congestion().isTakenAtOnce());
            release(attachment);
            if (egress.congestion().isSourceToWait() && !attachment.paused) {
                paused.add(attachment, nowNs);
                needed(attachment.endpoint);
            }
        }
        return taken;
    }

    /// Memory of a guest or a file may vanish under our hands (SIGBUS): that ends this link, nothing else.
    private int take(Link link) {
        try {
            return link.receive(batch);
        } catch (InternalError lostMemory) {
            return Link.GONE;
        }
    }

    private void release(Attachment attachment) {
        try {
            attachment.endpoint.link().release(batch);
        } catch (InternalError lostMemory) {
            lost(attachment);
        }
    }

    private void lost(Attachment attachment) {
        attachment.endpoint.fail();
        needed(attachment.endpoint);
    }

    /// Paused sources go on once a receiver has room, or has had its time.
    private void resume() {
        if (!egress.congestion().isRelieved() && nowNs < paused.untilNs()) {
            return;
        }
        for (Attachment source = paused.removeLast(); source != null; source = paused.removeLast()) {
            needed(source.endpoint);
        }
        egress.congestion().endRelief();
    }

    /// After all batches of a pass: endpoints with a backlog are watched for room, those that ended are detached.
    private void attend() {
        for (int i = inNeed.size() - 1; i >= 0; i--) {
            Attachment attachment = inNeed.remove(i);
            attachment.inNeed = false;
            if (attachment.endpoint.isGone()) {
                detach(attachment.endpoint);
            } else {
                watch(attachment);
            }
        }
        for (int i = 0; i < timed.count(); i++) {
            watch(timed.at(i));
        }
    }

    private void watch(Attachment attachment) {
        if (!attachment.hasDescriptor()) {
            return;
        }
        int interest = attachment.wanted();
        int index = attachment.endpoint.index();
        if (interest != attachment.interest || index != attachment.watchedIndex) {
            attachment.interest = interest;
            attachment.watchedIndex = index;
            epoll.modify(attachment.endpoint.link().descriptor(), interest, index);
        }
    }

    /// Until when the pass may wait for events.
    private long patienceNs() {
        for (int i = 0; i < polled.size(); i++) {
            polled.get(i).endpoint.flush();
        }
        for (int i = 0; i < polled.size(); i++) {
            if (!polled.get(i).paused && !arm(polled.get(i))) {
                return AT_ONCE;
            }
        }
        if (wakePending.get() || timed.isReady() || egress.congestion().isRelieved()) {
            return AT_ONCE;
        }
        return Math.min(Math.min(deadlineNs, paused.untilNs()), timed.deadlineNs());
    }

    private boolean arm(Attachment attachment) {
        try {
            return attachment.endpoint.link().arm();
        } catch (InternalError lostMemory) {
            lost(attachment);
            return false;
        }
    }

    private void disarm() {
        for (int i = 0; i < polled.size(); i++) {
            try {
                polled.get(i).endpoint.link().disarm();
            } catch (InternalError lostMemory) {
                lost(polled.get(i));
            }
        }
    }

    private Attachment find(Endpoint endpoint) {
        int index = endpoint.index();
        return index < attachments.size() && attachments.get(index).endpoint == endpoint
                ? attachments.get(index) : null;
    }
}
