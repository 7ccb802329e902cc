package org.vswitch.guard;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.VirtioNetHeader;

/// The frame that is being looked at: where its network header is, behind all tags and LLC/SNAP headers, and how far it
/// can be read. What hosts take for an IP packet has to be found here, too, however it is wrapped: priority tags and
/// SNAP in any order have led frames past guards (CVE-2021-27853, -27854, -27861, -27862).
///
/// A frame in one piece is read where it lies. Of one in several the first piece is; a look behind it copies the
/// beginning of the frame (invariant 1). One instance serves frame after frame.
final class Sight {
    /// A type that stands for none: the wrapping does not end within the frame, or goes on for too long.
    static final int CUT_OFF = -1;

    private static final int ROOM = 2_048;
    /// With so many tags and SNAP headers all others that are looked at lie within the first piece; nobody needs more.
    private static final int MAX_WRAPPINGS = 4;
    private static final int FIRST_TYPE = 0x600;
    private static final int SNAP_LENGTH = 8;
    private static final long SNAP_MASK = 0xffff_ffff_ffff_0000L;
    private static final long SNAP = 0xaaaa_0300_0000_0000L;
    private static final long SNAP_BRIDGED = 0xaaaa_0300_00f8_0000L;
    private static final int TYPE_OLD_SERVICE_VLAN = 0x9100;

    private final FrameSlab copies = FrameSlab.forHeaders(1, ROOM);
    private FrameBatch batch;
    private int row;
    private int vid;
    private long start;
    private int readable;
    private int offset;
    private int type;

    /// Turns to a frame.
    ///
    /// @param of where it is
    /// @param at its row
    /// @param vlan its VLAN
    void look(FrameBatch of, int at, int vlan) {
        batch = of;
        row = at;
        vid = vlan;
        start = of.pieceAddress(at, 0);
        readable = of.pieceLength(at, 0);
        unwrap();
    }

    /// Makes more of the frame readable; its header is then elsewhere.
    ///
    /// @return false if there is no more, or enough for every header was readable
    boolean widen() {
        if (readable == batch.length(row) || readable >= ROOM) {
            return false;
        }
        long copy = copies.frame(0);
        int copied = 0;
        for (int piece = 0; piece < batch.pieces(row) && copied < ROOM; piece++) {
            int bytes = Math.min(ROOM - copied, batch.pieceLength(row, piece));
            NativeMemory.copy(batch.pieceAddress(row, piece), copy + copied, bytes);
            copied += bytes;
        }
        start = copy;
        readable = copied;
        return true;
    }

    /// What the network header is.
    ///
    /// @return an EtherType, a length below 0x600 for what is none of ours, or [#CUT_OFF]
    int type() {
        return type;
    }

    /// Where the network header begins.
    ///
    /// @return its first byte
    long header() {
        return start + offset;
    }

    /// How much can be read from there.
    ///
    /// @return bytes, 0 or more
    int available() {
        return readable - offset;
    }

    /// Whether anything is left to be done to the frame by others: a checksum, or segments.
    ///
    /// @return false if every receiver gets the bytes that are looked at
    boolean isOffloaded() {
        return batch.offload(row) != 0;
    }

    /// Whether the checksum that is still to be written lies among bytes that were looked at. With a hostile offload
    /// header it is any number, and its place any behind the Ethernet header: a source address, say.
    ///
    /// @param seen how many bytes of the network header and what follows were looked at
    /// @return true if receivers get others
    boolean isRewritten(int seen) {
        return checksumPlace() < seen;
    }

    /// Whether every receiver gets the bytes that are looked at, all in one frame, but for a checksum in its place.
    ///
    /// @param checksum where it belongs, from the network header on
    /// @return false for frames that stand for several, of which only the first can be looked at, and for misplaced
    ///     checksums
    boolean isWhole(int checksum) {
        return !isOffloaded() || batch.segments(row) == 1 && checksumPlace() == checksum;
    }

    /// Bytes from the network header to the checksum that is still to be written, far behind the frame if none is.
    private int checksumPlace() {
        long word = batch.offload(row);
        return word == 0 ? Integer.MAX_VALUE : VirtioNetHeader.csumStart(word) + batch.csumOffset(row) - offset;
    }

    /// The sender's MAC address.
    ///
    /// @return as the column says
    long station() {
        return batch.source(row);
    }

    /// The receiver's MAC address.
    ///
    /// @return as the column says
    long receiver() {
        return batch.destination(row);
    }

    /// The VLAN that the bridge puts the frame into.
    ///
    /// @return 0 to 4,094
    int vid() {
        return vid;
    }

    private void unwrap() {
        int next = Ethernet.HEADER_LENGTH;
        int found = NetworkOrder.u16(start + next - 2);
        for (int wrappings = 0; isTag(found) || found < FIRST_TYPE; wrappings++) {
            int wrapping = isTag(found) ? Ethernet.TAG_LENGTH : snapLength(next);
            if (wrapping == 0) {
                break;
            }
            next += wrapping;
            if (next > readable || wrappings == MAX_WRAPPINGS) {
                offset = readable;
                type = CUT_OFF;
                return;
            }
            found = NetworkOrder.u16(start + next - 2);
        }
        offset = next;
        type = found;
    }

    /// Bytes of an LLC/SNAP header, 0 if there is none.
    private int snapLength(int at) {
        if (at + SNAP_LENGTH > readable) {
            return 0;
        }
        long header = NetworkOrder.u64(start + at) & SNAP_MASK;
        return header == SNAP || header == SNAP_BRIDGED ? SNAP_LENGTH : 0;
    }

    private static boolean isTag(int found) {
        return found == Ethernet.TYPE_VLAN || found == Ethernet.TYPE_SERVICE_VLAN
                || found == TYPE_OLD_SERVICE_VLAN;
    }
}
