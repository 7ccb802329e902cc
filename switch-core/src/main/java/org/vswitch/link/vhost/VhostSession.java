package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.vswitch.linux.Fd;

/// One connection of a front-end, without its socket: what was said, and what the device is told because of it.
///
/// Theory of operation. Front-ends say the same things in orders of their own: QEMU enables rings before they have a
/// size, Cloud Hypervisor gives the size of all of them before the place of any, and addresses may come before the
/// memory they lie in. So nothing starts a ring by itself. Each message changes a record, and behind each the question
/// is asked anew: is the size known, the place, has the kick come, and does all of it lie in memory? If so the ring
/// runs. GET_VRING_BASE makes the record forget these, and so stops it until all were said again. A ring of which
/// something is said anew while it runs starts again with that.
///
/// What cannot be done is refused: with an answer above 0 where the front-end waits for one, otherwise by the end of
/// the connection, since the front-end goes on as if it were done. Messages of features that were not offered are
/// refused like unknown ones.
///
/// Every descriptor that comes is kept in one place or closed, whatever happens. Used by the control thread alone.
/// Source: QEMU docs/interop/vhost-user.rst, and what front-ends do.
final class VhostSession implements AutoCloseable {
    /// The smallest MTU of a guest (virtio 1.2, 5.1.4.1).
    static final int MIN_MTU = 68;
    private static final byte[] NOTHING = {};
    private static final int REFUSED = 1;
    /// How many refusals of a connection are told: a front-end could go on for ever.
    private static final int TOLD_REFUSALS = 8;
    /// And how many sets of features that are not used.
    private static final int TOLD_DRIVERS = 8;

    private final VhostOffer offer;
    private final VhostRings device;
    private final Consumer<String> log;
    private final VhostRing[] rings;
    private final Set<Long> untaken = new HashSet<>();
    private GuestMemory memory = GuestMemory.NONE;
    private long features;
    private long protocol;
    private boolean unshared;
    private int refusals;
    private boolean hasStarted;

    /// A session in which nothing was said. The device must be attached.
    ///
    /// @param offer what the front-end may use
    /// @param device told what to do, and told to do nothing any more by [#close]
    /// @param log takes lines about the front-end
    /// @throws IOException if the device has ended
    VhostSession(VhostOffer offer, VhostRings device, Consumer<String> log) throws IOException {
        this.offer = offer;
        this.device = device;
        this.log = log;
        rings = new VhostRing[offer.rings()];
        for (int ring = 0; ring < rings.length; ring++) {
            rings[ring] = new VhostRing();
            device.enable(ring, false);
        }
        device.features(0);
        device.mtu(offer.mtu());
    }

    /// Whether a ring was started: that there is a guest behind the connection.
    boolean hasStarted() {
        return hasStarted;
    }

    /// Does what a message says.
    ///
    /// @param message as it came
    /// @param files that came with it; closed, but for those that are kept
    /// @return what to answer; empty for nothing
    /// @throws IOException with a line about why the connection is to end
    byte[] handle(VhostMessage message, List<Fd> files) throws IOException {
        List<Fd> left = new ArrayList<>(files);
        try {
            return answer(message, left);
        } catch (VhostRefusal refusal) {
            String line = message.name() + ": " + refusal.getMessage();
            if (!isAcknowledged(message)) {
                throw new VhostRefusal(line);
            }
            if (refusals++ < TOLD_REFUSALS) {
                log.accept("refused " + line);
            }
            return message.reply(REFUSED);
        } finally {
            left.forEach(Fd::close);
        }
    }

    /// Has the device forget the guest: rings stop, memory goes.
    @Override
    public void close() {
        try {
            for (int ring = 0; ring < rings.length; ring++) {
                if (rings[ring].isRunning()) {
                    device.stop(ring);
                }
            }
            device.memory(GuestMemory.NONE);
        } catch (IOException ended) {
            log.accept(ended.getMessage());
        }
        for (VhostRing ring : rings) {
            ring.close();
        }
        memory.close();
    }

    private byte[] answer(VhostMessage message, List<Fd> files) throws IOException {
        Optional<VhostRequest> request = message.request();
        if (request.isEmpty() || !request.get().isOffered()) {
            throw new VhostRefusal(request.isEmpty() ? "unknown" : "not offered");
        }
        if (!request.get().fits(message.payload().length)) {
            throw new VhostRefusal("payload of " + message.payload().length + " bytes");
        }
        if (request.get().answers()) {
            return question(request.get(), message);
        }
        switch (request.get()) {
            case SET_VRING_NUM, SET_VRING_ADDR, SET_VRING_BASE, SET_VRING_ENABLE -> ring(request.get(), message);
            case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR -> ring(request.get(), message, files);
            case SET_MEM_TABLE, ADD_MEM_REG, REM_MEM_REG -> memory(request.get(), message, files);
            default -> device(request.get(), message);
        }
        return isAcknowledged(message) ? message.reply(0) : NOTHING;
    }

    /// Whether the front-end waits for an acknowledgement.
    private boolean isAcknowledged(VhostMessage message) {
        return message.needsReply() && (protocol & VhostOffer.REPLY_ACK) != 0
                && message.request().filter(VhostRequest::answers).isEmpty();
    }

    private byte[] question(VhostRequest request, VhostMessage message) throws IOException {
        return switch (request) {
            case GET_FEATURES -> message.reply(offer.features());
            case GET_PROTOCOL_FEATURES -> message.reply(offer.protocol());
            case GET_QUEUE_NUM -> message.reply(offer.pairs());
            case GET_MAX_MEM_SLOTS -> message.reply(GuestMemory.MAX_REGIONS);
            case GET_VRING_BASE -> stop(index(message.ringState().ring()), message);
            default -> throw new IllegalStateException(request.name());
        };
    }

    private byte[] stop(int ring, VhostMessage message) throws IOException {
        int index = rings[ring].isRunning() ? device.stop(ring) : -1;
        rings[ring].stopped(index < 0 ? rings[ring].base() : index);
        return message.reply(ring, rings[ring].base());
    }

    private void ring(VhostRequest request, VhostMessage message) throws IOException {
        VhostMessage.RingState state = message.ringState();
        int index = index(state.ring());
        VhostRing ring = rings[index];
        switch (request) {
            case SET_VRING_NUM -> settle(index, ring.size(state.value()));
            case SET_VRING_ADDR -> settle(index, ring.address(message.ringAddress()));
            case SET_VRING_BASE -> ring.base(state.value());
            case SET_VRING_ENABLE -> enable(index, state.value());
            default -> throw new IllegalStateException(request.name());
        }
    }

    private void ring(VhostRequest request, VhostMessage message, List<Fd> files) throws IOException {
        VhostMessage.RingFile which = message.ringFile();
        int index = index(which.ring());
        if (which.hasFile() && files.isEmpty()) {
            throw new VhostRefusal("ring=" + index + " without its descriptor");
        }
        Fd file = which.hasFile() ? files.removeFirst() : null;
        VhostRing ring = rings[index];
        switch (request) {
            case SET_VRING_KICK -> {
                ring.kick(file);
                settle(index, true);
            }
            case SET_VRING_CALL -> {
                ring.call(file);
                if (ring.isRunning()) {
                    device.call(index, VhostRing.duplicate(file));
                }
            }
            default -> ring.error(file);
        }
    }

    /// Starts or stops a ring, if it is time to.
    ///
    /// @param news whether something of it was said that a ring which runs does not know
    private void settle(int index, boolean news) throws IOException {
        VhostRing ring = rings[index];
        boolean ready = ring.isReady(memory);
        if (ready && (news || !ring.isRunning())) {
            device.start(index, ring.setup());
            ring.isRunning(true);
            hasStarted = true;
        } else if (!ready && news && ring.isRunning()) {
            device.stop(index);
            ring.isRunning(false);
        }
        if (!ready && news) {
            tellUnshared(index);
        }
    }

    /// Says why a ring does not start of which everything was said. QEMU does not say that it shares no memory: it says
    /// nothing of memory at all, or nothing of what it keeps to itself.
    private void tellUnshared(int index) {
        if (!unshared && rings[index].isSaid()) {
            unshared = true;
            log.accept("ring=" + index + " lies in no memory that is shared with us; QEMU shares a guest's with "
                    + "-object memory-backend-memfd,id=m,size=SIZE,share=on -machine memory-backend=m");
        }
    }

    private void enable(int index, long value) throws IOException {
        if (value > 1) {
            throw new VhostRefusal("ring=" + index + " enable=" + value);
        }
        device.enable(index, value == 1);
    }

    private int index(long ring) throws VhostRefusal {
        if (ring >= rings.length) {
            throw new VhostRefusal("ring=" + ring + " (0 to " + (rings.length - 1) + ")");
        }
        return (int) ring;
    }

    private void memory(VhostRequest request, VhostMessage message, List<Fd> files) throws IOException {
        GuestMemory next;
        try {
            next = switch (request) {
                case SET_MEM_TABLE -> table(message.regions(), files);
                case ADD_MEM_REG -> added(message.region(), files);
                default -> memory.without(message.region());
            };
        } catch (IOException refusal) {
            throw new VhostRefusal(refusal);
        }
        if (offer.sealed() && !next.isSealed()) {
            next.close();
            throw new VhostRefusal("memory that can be cut short, and sealed is demanded (F_SEAL_SHRINK of a memfd)");
        }
        GuestMemory former = memory;
        memory = next;
        former.close();
        device.memory(memory);
        for (int ring = 0; ring < rings.length; ring++) {
            settle(ring, false);
        }
    }

    private static GuestMemory table(List<GuestMemory.Region> regions, List<Fd> files) throws IOException {
        if (files.size() != regions.size()) {
            throw new VhostRefusal("regions=" + regions.size() + " with descriptors=" + files.size());
        }
        List<Fd> all = List.copyOf(files);
        files.clear();
        return GuestMemory.map(regions, all);
    }

    /// Several queue pairs of QEMU 7.2 each give the same region.
    private GuestMemory added(GuestMemory.Region region, List<Fd> files) throws IOException {
        if (files.isEmpty()) {
            throw new VhostRefusal("without its descriptor");
        }
        return memory.with(region, files.removeFirst());
    }

    private void device(VhostRequest request, VhostMessage message) throws IOException {
        switch (request) {
            case SET_FEATURES -> features(message.value());
            case SET_PROTOCOL_FEATURES -> {
                refuse(message.value() & ~offer.protocol(), "protocol features=0x");
                protocol = message.value();
            }
            case RESET_OWNER -> reset();
            case SEND_RARP -> device.inject(message.macAddress());
            case NET_SET_MTU -> mtu(message.value());
            case SET_OWNER, SET_BACKEND_REQ_FD -> {
                return; // that a front-end begins is known, and nothing is ever asked of it
            }
            default -> throw new IllegalStateException(request.name());
        }
    }

    private static void refuse(long bits, String what) throws VhostRefusal {
        if (bits != 0) {
            throw new VhostRefusal(what + Long.toHexString(bits) + ", which was not offered");
        }
    }

    /// A guest that has another driver, as after its firmware, says something else while its rings stand still. If they
    /// do not, they begin anew.
    private void features(long acked) throws IOException {
        long foreign = acked & ~offer.features();
        if (foreign != 0) {
            throw new VhostRefusal("not offered: " + VhostOffer.names(foreign));
        }
        if (acked != features) {
            for (int ring = 0; ring < rings.length; ring++) {
                if (rings[ring].isRunning()) {
                    device.stop(ring);
                    rings[ring].isRunning(false);
                }
            }
            features = acked;
            device.features(acked & ~VirtioFeatures.PROTOCOL_FEATURES);
            tell(offer.features() & ~acked);
        }
        for (int ring = 0; ring < rings.length; ring++) {
            if ((acked & VirtioFeatures.PROTOCOL_FEATURES) == 0) {
                device.enable(ring, true);
            }
            settle(ring, false);
        }
    }

    /// Once for each driver that the guest has had, as firmware before its system, and that again after a reboot.
    private void tell(long missing) {
        boolean news = missing != 0 || !untaken.isEmpty();
        if (news && untaken.size() < TOLD_DRIVERS && untaken.add(missing)) {
            log.accept(missing == 0 ? "all features are used" : "not used: " + VhostOffer.names(missing));
        }
    }

    private void mtu(long bytes) throws IOException {
        if (bytes < MIN_MTU || bytes > offer.mtu()) {
            throw new VhostRefusal("mtu=" + Long.toUnsignedString(bytes) + " (" + MIN_MTU + " to " + offer.mtu() + ")");
        }
        device.mtu((int) bytes);
    }

    private void reset() throws IOException {
        for (int ring = 0; ring < rings.length; ring++) {
            if (rings[ring].isRunning()) {
                device.stop(ring);
            }
            rings[ring].stopped(0);
            device.enable(ring, false);
        }
    }
}
