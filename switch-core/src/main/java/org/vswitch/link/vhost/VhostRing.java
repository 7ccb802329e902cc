package org.vswitch.link.vhost;

import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;

/// What a front-end has said of a ring so far, in whatever order, and whether that is enough to start it.
///
/// The descriptors stay here; the device gets duplicates, so that a ring can be started again when something of it is
/// said anew. Used by the control thread alone.
final class VhostRing {
    private static final int DESCRIPTOR_LENGTH = 16;
    // a ring's flags, index and event index around its elements
    private static final int FRAME_LENGTH = 6;
    private static final int AVAILABLE_LENGTH = 2;
    private static final int USED_LENGTH = 8;
    private static final int DESCRIPTOR_ALIGNMENT = 16;
    private static final int AVAILABLE_ALIGNMENT = 2;
    private static final int USED_ALIGNMENT = 4;

    private int size;
    private VhostMessage.RingAddress address;
    private int base;
    private boolean kicked;
    private Fd kick;
    private Fd call;
    private Fd error;
    private boolean running;

    /// Whether the device was told to run it.
    boolean isRunning() {
        return running;
    }

    /// Notes what the device was told.
    void isRunning(boolean now) {
        running = now;
    }

    /// Takes the number of descriptors.
    ///
    /// @return whether that is news
    /// @throws VhostRefusal if no ring has so many
    boolean size(long descriptors) throws VhostRefusal {
        if (!RingSetup.isSize(descriptors)) {
            throw new VhostRefusal("size=" + descriptors + " (a power of two, at most " + RingSetup.MAX_SIZE + ")");
        }
        boolean news = size != (int) descriptors;
        size = (int) descriptors;
        return news;
    }

    /// Takes its place.
    ///
    /// @return whether that is news
    /// @throws VhostRefusal if a part of it is not aligned
    boolean address(VhostMessage.RingAddress place) throws VhostRefusal {
        if (place.descriptors() % DESCRIPTOR_ALIGNMENT != 0 || place.available() % AVAILABLE_ALIGNMENT != 0
                || place.used() % USED_ALIGNMENT != 0) {
            throw new VhostRefusal("not aligned: descriptors=0x" + Long.toHexString(place.descriptors())
                    + " available=0x" + Long.toHexString(place.available()) + " used=0x"
                    + Long.toHexString(place.used()));
        }
        boolean news = !place.equals(address);
        address = place;
        return news;
    }

    /// Where the guest is, as the front-end knows it. A ring that starts knows it better: it looks into its memory.
    int base() {
        return base;
    }

    /// Takes where the guest is.
    ///
    /// @throws VhostRefusal if it is no 16-bit number
    void base(long index) throws VhostRefusal {
        if (index > Character.MAX_VALUE) {
            throw new VhostRefusal("base=" + index);
        }
        base = (int) index;
    }

    /// Takes the eventfd of the guest, which is the sign to start.
    ///
    /// @param fd owned from now on; null where the ring is to be polled
    void kick(Fd fd) {
        close(kick);
        kick = fd;
        kicked = true;
    }

    /// Takes the eventfd for interrupts.
    ///
    /// @param fd owned from now on; null for none
    void call(Fd fd) {
        close(call);
        call = fd;
    }

    /// Takes the eventfd that tells of errors.
    ///
    /// @param fd owned from now on; null for none
    void error(Fd fd) {
        close(error);
        error = fd;
    }

    /// Whether everything was said.
    boolean isSaid() {
        return kicked && size > 0 && address != null;
    }

    /// Whether everything was said, and lies in memory.
    ///
    /// @param memory of the guest, as it is now
    boolean isReady(GuestMemory memory) {
        return isSaid()
                && memory.translateUser(address.descriptors(), (long) DESCRIPTOR_LENGTH * size) != 0
                && memory.translateUser(address.available(), FRAME_LENGTH + (long) AVAILABLE_LENGTH * size) != 0
                && memory.translateUser(address.used(), FRAME_LENGTH + (long) USED_LENGTH * size) != 0;
    }

    /// What the device is to be told.
    ///
    /// @return with duplicates of the descriptors, owned by the caller
    /// @throws LinuxException if there are no descriptors left
    RingSetup setup() throws LinuxException {
        Fd kickCopy = duplicate(kick);
        Fd callCopy = null;
        try {
            callCopy = duplicate(call);
            return new RingSetup(size, address.descriptors(), address.available(), address.used(), kickCopy, callCopy,
                    duplicate(error));
        } catch (LinuxException refusal) {
            close(kickCopy);
            close(callCopy);
            throw refusal;
        }
    }

    /// Forgets what is said anew before each start; how errors are told is not.
    ///
    /// @param index where the guest is now
    void stopped(int index) {
        base = index;
        size = 0;
        address = null;
        kicked = false;
        kick = close(kick);
        call = close(call);
        running = false;
    }

    /// Closes all descriptors.
    void close() {
        stopped(0);
        error = close(error);
    }

    /// A second descriptor of the same file.
    static Fd duplicate(Fd fd) throws LinuxException {
        return fd == null ? null : fd.duplicate();
    }

    private static Fd close(Fd fd) {
        if (fd != null) {
            fd.close();
        }
        return null;
    }
}
