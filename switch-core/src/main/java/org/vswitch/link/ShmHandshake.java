package org.vswitch.link;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SharedMemory;
import org.vswitch.linux.WakeSocket;

/// How two processes come to share memory: two messages over a Unix socket that cross.
///
/// Theory of operation. The listening side makes the memory, sealed at its size, and sends its descriptor with a
/// [ShmOffer]; the other says a [ShmHello]. Neither waits for what the other thinks of it: so who connects and says
/// nothing keeps nobody waiting. Who is handed memory believes nothing: the file must be as long as the rings, and
/// sealed, before it is mapped; where it lies is known without asking. No descriptor stays open but the socket.
final class ShmHandshake {
    private static final int OFFER_MS = 2000;
    private static final String MEMORY = "vswitch-shm";

    private ShmHandshake() {
    }

    /// Offers memory to whoever has connected. Does not wait.
    ///
    /// @param socket a seqpacket socket, closed with the link; the caller's if this fails
    /// @param ours what we take and send
    /// @throws LinuxException if the kernel refuses, or nobody is there any more
    static ShmLink offer(Fd socket, Offload ours) throws LinuxException {
        SharedMemory memory = memory();
        try {
            send(socket, List.of(memory.file()), ours);
            memory.file().close();
            return ShmLink.unintroduced(new WakeSocket(socket), memory, side(true, ours));
        } catch (LinuxException refusal) {
            memory.close();
            throw refusal;
        }
    }

    /// Makes memory of a link's size.
    static SharedMemory memory() throws LinuxException {
        return SharedMemory.create(MEMORY, ShmLayout.length(ShmLayout.RING_BYTES));
    }

    /// Our side of memory of that size.
    static ShmLink.Side side(boolean listening, Offload ours) {
        return new ShmLink.Side(listening, ShmLayout.RING_BYTES, ours);
    }

    /// Sends an offer of memory of that size.
    ///
    /// @param descriptors the memory's, and what else belongs to it
    static void send(Fd socket, List<Fd> descriptors, Offload ours) throws LinuxException {
        byte[] offer = ShmOffer.of(ours, ShmLayout.RING_BYTES).emit();
        int sent = FdPassing.send(socket, offer, descriptors);
        if (sent != offer.length) {
            throw new LinuxException("sendmsg", sent < 0 ? -sent : Errno.EAGAIN.number());
        }
    }

    /// Says hello and takes the memory that is offered; waits for it, 2 s at most.
    ///
    /// @param socket a connected seqpacket socket, closed with the link; the caller's if this fails
    /// @param ours what we take and send
    /// @throws IOException with what the other side did, or ECONNRESET if it has gone
    static ShmLink join(Fd socket, Offload ours) throws IOException {
        int sent = FdPassing.send(socket, hello(ours, 0, "").emit(), List.of());
        if (sent < 0) {
            throw new LinuxException("sendmsg", sent == -Errno.EPIPE.number() ? Errno.ECONNRESET.number() : -sent);
        }
        await(socket);
        Offered offered = receive(socket, 1);
        return ShmLink.introduced(new WakeSocket(socket), offered.memory, offered.side(ours),
                offered.offer.features(ours));
    }

    /// Says what we take, and what we want.
    static ShmHello hello(Offload ours, int port, String description) {
        return new ShmHello(ShmFeatures.bits(ours), FrameSlab.MAX_FRAME, port, description);
    }

    /// What was offered.
    ///
    /// @param offer valid
    /// @param memory mapped; owned by the caller
    /// @param rest further descriptors, owned by the caller
    record Offered(ShmOffer offer, SharedMemory memory, List<Fd> rest) {
        ShmLink.Side side(Offload ours) {
            return new ShmLink.Side(false, offer.ringBytes(), ours);
        }

        void close() {
            memory.close();
            rest.forEach(Fd::close);
        }
    }

    /// Takes an offer that has come, or comes within the time that the socket waits.
    ///
    /// @param socket where
    /// @param count how many descriptors belong to it, that of the memory first
    /// @throws IOException with what is wrong with it; then none of its descriptors is open
    static Offered receive(Fd socket, int count) throws IOException {
        byte[] room = new byte[ShmOffer.LENGTH + 1];
        List<Fd> descriptors = new ArrayList<>();
        boolean taken = false;
        try {
            int length = FdPassing.receive(socket, room, descriptors);
            if (length <= 0 && length != -Errno.EMSGSIZE.number()) {
                throw new LinuxException("recvmsg", length == 0 ? Errno.ECONNRESET.number() : -length);
            }
            if (length < 0 || descriptors.size() != count) {
                throw new IOException("offers " + (length < 0 ? "too many" : descriptors.size())
                        + " descriptors instead of " + count);
            }
            ShmOffer offer = ShmOffer.parse(Arrays.copyOf(room, length));
            SharedMemory memory = map(descriptors.getFirst(), offer);
            taken = true;
            memory.file().close();
            return new Offered(offer, memory, List.copyOf(descriptors.subList(1, count)));
        } finally {
            if (!taken) {
                descriptors.forEach(Fd::close);
            }
        }
    }

    private static SharedMemory map(Fd file, ShmOffer offer) throws IOException {
        try {
            return SharedMemory.mapSealed(file, ShmLayout.length(offer.ringBytes()));
        } catch (LinuxException refusal) {
            throw new IOException("offers memory of no use: " + refusal.getMessage(), refusal);
        }
    }

    private static void await(Fd socket) throws IOException {
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(socket.number(), Epoll.READABLE, 0);
            if (epoll.await(OFFER_MS) == 0) {
                throw new IOException("offers nothing within " + OFFER_MS + " ms");
            }
        }
    }
}
