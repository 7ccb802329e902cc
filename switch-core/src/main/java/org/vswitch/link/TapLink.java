package org.vswitch.link;

import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Errno;
import org.vswitch.linux.IoVectors;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.TunTap;
import org.vswitch.wire.VirtioNetHeader;

/// A tap interface: the kernel's network stack as a port, with checksums and segmentation left to whoever is last.
///
/// Theory of operation. Each frame is one read and one write with its virtio_net_hdr in front. In a slot the header
/// lies directly before the frame, so both are one buffer; derived forms and foreign frames are gathered. A receive
/// stops after as many bytes as the batch wants. Tap to tap a super-frame passes as it is.
///
/// An interface that is renamed or set down stays a link ([TapState]).
public final class TapLink implements TapPort {
    private static final int TSO = TunTap.OFFLOAD_TSO4 | TunTap.OFFLOAD_TSO6 | TunTap.OFFLOAD_TSO_ECN;

    private final TunTap tap;
    private final LinkFeatures features;
    private final IoVectors vectors;
    private final TapState state;
    private boolean ended;

    /// A link over an open interface.
    ///
    /// @param tap opened with a header of 12 bytes; closed with the link, and the caller's if this fails
    /// @throws LinuxException if the kernel refuses the offloads
    public TapLink(TunTap tap) throws LinuxException {
        this(tap, Offload.ALL);
    }

    /// A link over an open interface.
    ///
    /// @param tap as above
    /// @param offload what is left undone, either way
    /// @throws LinuxException if the kernel refuses the offloads
    TapLink(TunTap tap, Offload offload) throws LinuxException {
        this.tap = tap;
        state = new TapState(tap);
        boolean checksum = offload.includes(Offload.CHECKSUM);
        boolean tso = offload.includes(Offload.TSO);
        int wanted = (checksum ? TunTap.OFFLOAD_CHECKSUM : 0) | (tso ? TSO : 0);
        boolean uso = offload.includes(Offload.ALL) && offloadsUdp(wanted);
        if (!uso) {
            tap.offload(wanted);
        }
        vectors = new IoVectors(FrameBatch.MAX_PIECES);
        features = new LinkFeatures(FrameSlab.MAX_FRAME, checksum, tso, tso, uso, LinkFeatures.MAX_BUFFERED);
    }

    /// A further queue of an interface.
    ///
    /// @param tap the queue; closed with the link
    /// @param first the link over the first one
    TapLink(TunTap tap, TapLink first) {
        this.tap = tap;
        state = first.state;
        features = first.features;
        vectors = new IoVectors(FrameBatch.MAX_PIECES);
    }

    /// Asks for trains of datagrams as well, which kernels before Linux 6.2 do not know.
    private boolean offloadsUdp(int beside) throws LinuxException {
        try {
            tap.offload(beside | TunTap.OFFLOAD_USO);
            return true;
        } catch (LinuxException refusal) {
            if (refusal.is(Errno.EINVAL)) {
                return false;
            }
            throw refusal;
        }
    }

    @Override
    public String name() {
        return tap.name();
    }

    @Override
    public boolean hasEnded() {
        return ended;
    }

    @Override
    public LinkFeatures features() {
        return features;
    }

    @Override
    public int descriptor() {
        return tap.fd();
    }

    @Override
    public int receive(FrameBatch batch) {
        return receive(batch, 0, batch.wanted(), batch.wantedBytes());
    }

    /// Receives a part of a batch.
    ///
    /// @param batch where frames go
    /// @param from the slot of the first
    /// @param to the slot behind the last
    /// @param most bytes after which it stops
    /// @return how many frames were taken, or [#GONE]
    int receive(FrameBatch batch, int from, int to, int most) {
        int bytes = 0;
        int count = 0;
        while (from + count < to && bytes < most) {
            long frame = batch.slot(from + count);
            int length = tap.read(FrameSlab.header(frame), VirtioNetHeader.LENGTH + FrameSlab.MAX_FRAME);
            if (length < 0) {
                return count > 0 || isTransient(-length) ? count : end();
            }
            state.passed();
            batch.addOffloadedFrame(frame, length - VirtioNetHeader.LENGTH);
            bytes += FrameBatch.weight(VirtioNetHeader.word(FrameSlab.header(frame)), length);
            count++;
        }
        return count;
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        for (int i = from; i < to; i++) {
            int result = write(batch, rows[i]);
            if (result < 0) {
                if (i > from || result == -Errno.EAGAIN.number()) {
                    return i - from;
                }
                return refusal(-result);
            }
        }
        if (from < to) {
            state.passed();
        }
        return to - from;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        state.measure(into);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        tap.close();
        vectors.close();
    }

    private int write(FrameBatch batch, int row) {
        long header = FrameSlab.header(batch.head(row));
        int first = VirtioNetHeader.LENGTH + batch.pieceLength(row, 0);
        int pieces = batch.pieces(row);
        if (pieces == 1) {
            return tap.write(header, first);
        }
        vectors.set(0, header, first);
        for (int piece = 1; piece < pieces; piece++) {
            vectors.set(piece, batch.pieceAddress(row, piece), batch.pieceLength(row, piece));
        }
        return tap.write(vectors, pieces);
    }

    private int refusal(int errno) {
        if (errno == Errno.EIO.number()) {
            state.refused();
            return DOWN;
        }
        return errno == Errno.EBADFD.number() ? end() : Link.refused(errno);
    }

    private int end() {
        ended = true;
        return GONE;
    }

    /// EIO says that the interface is down: it may come up again.
    private static boolean isTransient(int errno) {
        return errno == Errno.EAGAIN.number() || errno == Errno.EINTR.number() || errno == Errno.EIO.number();
    }
}
