package org.vswitch.link.vhost;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NativeMemory;

/// A split virtqueue as the device sees it (virtio 1.2, 2.7): which chains the driver made available, which are used,
/// and who is told.
///
/// ```
/// descriptors   N x | addr 8 | len 4 | flags 2 | next 2 |
/// available     | flags 2 | idx 2 | N x head 2           | used_event 2  |
/// used          | flags 2 | idx 2 | N x | id 4 | len 4 | | avail_event 2 |
/// ```
///
/// Theory of operation. Chains are used in the order in which they came, so that the used index alone says what is
/// done, also to whoever comes after a crash. A caller looks at chains by how far they are ahead of [#next]; it may
/// write used entries for them at once, since the driver does not look behind the used index. That index is stored once
/// a batch ([#publish]), with release order, and the driver's loaded with acquire order.
///
/// Neither side says anything to one that is awake. With EVENT_IDX, each writes the index whose coming it wants to be
/// told of, and this one leaves an old index there while it polls; otherwise there is a flag. Behind a store that the
/// other side may wait for, and in front of the load that tells whether it does, stands a full fence, on both sides; so
/// one of the two sees the other.
///
/// A broken ring is not touched any more: it may lie in memory that has gone. Integers are little-endian, as the
/// machine is. Used by the data-plane thread.
final class SplitRing {
    /// Flag of a descriptor: another one follows.
    static final int NEXT = 1;
    /// Flag of a descriptor: for the device to write.
    static final int WRITE = 2;
    /// Flag of a descriptor: it describes a table of descriptors.
    static final int INDIRECT = 4;
    /// Bytes of a descriptor.
    static final int DESCRIPTOR = 16;

    private static final int INDEX = 2;
    private static final int ENTRIES = 4;
    private static final int USED_ENTRY = 8;
    /// In the used ring: the device wants no kicks. In the available ring: the driver wants no interrupts.
    private static final int SILENT = 1;

    private final int number;
    private final RingFaults faults;
    private RingSetup setup;
    private EventFd call;
    private EventFd error;
    private boolean broken;
    private boolean enabled;
    private boolean tellsEvents;
    private int size;
    private long descriptors;
    private long available;
    private long used;
    private int seen;
    private int next;
    private int done;
    private int toldAt;
    private boolean toldOnce;

    /// A ring that does not run.
    ///
    /// @param number as the session counts
    /// @param faults is told when it breaks
    SplitRing(int number, RingFaults faults) {
        this.number = number;
        this.faults = faults;
    }

    /// Starts it. Until [#askForKicks] the driver is asked not to kick.
    ///
    /// @param place owned by this ring from now on, or still the caller's if this fails
    /// @param memory where it lies
    /// @param eventIdx whether EVENT_IDX was agreed upon
    /// @throws IOException if it does not lie there, or a descriptor is of no use
    void start(RingSetup place, GuestMemory memory, boolean eventIdx) throws IOException {
        tellsEvents = eventIdx;
        if (!RingSetup.isSize(place.size()) || !find(place, memory)) {
            throw new IOException("ring " + number + " size=" + place.size() + " does not lie in the guest's memory");
        }
        EventFd taken = signal(place.call());
        try {
            error = signal(place.error());
        } catch (LinuxException refusal) {
            close(taken);
            throw refusal;
        }
        call = taken;
        setup = place;
        next = NativeMemory.getShortAcquire(used + INDEX);
        done = next;
        seen = next;
        toldOnce = false;
        if (eventIdx) {
            NativeMemory.putShort(used + ENTRIES + (long) USED_ENTRY * size, next - 1);
        } else {
            ignoreKicks();
        }
    }

    /// Finds it anew in memory that replaces the former one; if it is not there it is broken.
    void move(GuestMemory memory) {
        if (isRunning() && !find(setup, memory)) {
            breakDown(RingFault.MOVED);
        }
    }

    /// Stops it and closes its descriptors.
    ///
    /// @return the index of the next chain, or -1 if it did not run
    int stop() {
        if (!isRunning()) {
            return -1;
        }
        setup.close();
        setup = null;
        close(call);
        call = null;
        close(error);
        error = null;
        if (broken) {
            broken = false;
            faults.mended();
        }
        return next;
    }

    /// Replaces the eventfd that interrupts the guest, and signals it once, lest an earlier one has been lost.
    ///
    /// @param fd closed with the ring, or the caller's if this fails; null for none
    /// @throws LinuxException if it is of no use
    void call(Fd fd) throws LinuxException {
        EventFd replaced = call;
        call = signal(fd);
        close(replaced);
        if (call != null) {
            call.signal();
        }
    }

    /// Marks it as broken and says so, to people and to the front-end.
    void breakDown(RingFault fault) {
        if (!broken) {
            broken = true;
            faults.report(number, fault);
            if (error != null) {
                error.signal();
            }
        }
    }

    boolean isRunning() {
        return setup != null;
    }

    boolean isBroken() {
        return broken;
    }

    boolean isEnabled() {
        return enabled;
    }

    void enable(boolean on) {
        enabled = on;
    }

    /// The eventfd that the guest kicks, or null.
    Fd kick() {
        return setup.kick();
    }

    /// How many descriptors it has.
    int size() {
        return size;
    }

    /// The address of its descriptor table.
    long descriptors() {
        return descriptors;
    }

    /// How many chains the driver has made available that are not consumed, as it was known at the last look.
    int known() {
        return seen - next & 0xffff;
    }

    /// Looks how many chains the driver has made available that are not consumed.
    ///
    /// @return 0 if the ring is broken, perhaps only now
    int waiting() {
        seen = NativeMemory.getShortAcquire(available + INDEX);
        int count = seen - next & 0xffff;
        if (count > size) {
            breakDown(RingFault.AVAILABLE_INDEX);
        }
        return broken ? 0 : count;
    }

    /// Whether there are chains that are not consumed: a look that changes nothing.
    boolean hasWaiting() {
        return NativeMemory.getShortAcquire(available + INDEX) != next;
    }

    /// Whether the driver has made chains available since the last look: it changes nothing either.
    boolean hasMoved() {
        return NativeMemory.getShortAcquire(available + INDEX) != seen;
    }

    /// The first descriptor of a chain, read once.
    ///
    /// @param ahead how many chains it is behind the next one, below [#known]
    /// @return its number, which may be none
    int head(int ahead) {
        return NativeMemory.getShort(available + ENTRIES + 2L * (next + ahead & size - 1));
    }

    /// Writes the used entry of a chain, which the driver sees after [#publish].
    ///
    /// @param ahead how many chains it is behind the first that is not published
    /// @param head its first descriptor
    /// @param length bytes written into it
    void use(int ahead, int head, int length) {
        NativeMemory.putLong(used + ENTRIES + (long) USED_ENTRY * (done + ahead & size - 1),
                (long) length << 32 | head);
    }

    /// Takes chains from the driver.
    void consume(int chains) {
        next = next + chains & 0xffff;
    }

    /// Hands chains back whose used entries are written, and interrupts the guest if it wants that.
    ///
    /// @param chains how many, in the order in which they came
    void publish(int chains) {
        done = done + chains & 0xffff;
        NativeMemory.putShortRelease(used + INDEX, done);
        if (call != null) {
            VarHandle.fullFence();
            if (isCallWanted()) {
                call.signal();
            }
        }
    }

    /// Has the driver kick when it makes further chains available. A full fence and a look have to follow.
    void askForKicks() {
        if (tellsEvents) {
            NativeMemory.putShort(used + ENTRIES + (long) USED_ENTRY * size, seen);
        } else {
            NativeMemory.putShort(used, 0);
        }
    }

    /// Ends what [#askForKicks] began. With EVENT_IDX nothing needs to be done: after one kick the index is an old one.
    void ignoreKicks() {
        if (!tellsEvents) {
            NativeMemory.putShort(used, SILENT);
        }
    }

    private boolean isCallWanted() {
        int before = toldAt;
        boolean first = !toldOnce;
        toldAt = done;
        toldOnce = true;
        if (!tellsEvents) {
            return (NativeMemory.getShort(available) & SILENT) == 0;
        }
        int event = NativeMemory.getShort(available + ENTRIES + 2L * size);
        return first || (done - event - 1 & 0xffff) < (done - before & 0xffff);
    }

    private boolean find(RingSetup place, GuestMemory memory) {
        size = place.size();
        int event = tellsEvents ? Short.BYTES : 0;
        descriptors = memory.translateUser(place.descriptors(), (long) DESCRIPTOR * size);
        available = memory.translateUser(place.available(), ENTRIES + 2L * size + event);
        used = memory.translateUser(place.used(), ENTRIES + (long) USED_ENTRY * size + event);
        boolean found = descriptors != 0 && available != 0 && used != 0;
        return found && descriptors % DESCRIPTOR == 0 && available % 2 == 0 && used % 4 == 0;
    }

    private static EventFd signal(Fd fd) throws LinuxException {
        return fd == null ? null : new EventFd(fd);
    }

    private static void close(EventFd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
