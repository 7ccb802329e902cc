package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// Native memory cut into slots, each with headroom for the offload header directly in front of the frame.
///
/// Theory of operation. A slot holds the longest frame there is (a TCP super-frame of 65,589 bytes), yet most frames
/// are short: the memory is mapped without reservation, so that only touched pages count. The stride is an odd multiple
/// of 64 bytes and no multiple of 4,096: otherwise the headers of all slots would compete for one set of each cache.
/// Frames begin 16 bytes into a cache line, so that the 12-byte offload header and the first 48 bytes of a frame share
/// one. Rejected: slots of several sizes (a frame's length is not known before it is received).
public final class FrameSlab {
    /// Bytes between the start of a slot and its frame; the offload header occupies the last 12.
    public static final int HEADROOM = 16;
    /// Distance between slots of [#forFrames] in bytes.
    public static final int STRIDE = 66 * 1024 + 64;
    /// The longest frame a slot of [#forFrames] holds.
    public static final int MAX_FRAME = STRIDE - 64 - HEADROOM;

    private final long base;
    private final int count;
    private final int stride;

    private FrameSlab(int count, int stride) {
        assert stride % 128 == 64 : "an odd multiple of 64: " + stride;
        this.count = count;
        this.stride = stride;
        this.base = NativeMemory.map((long) count * stride);
    }

    /// Slots for whole frames.
    ///
    /// @param count how many
    /// @return a slab that lives as long as the process, or until [#free]
    public static FrameSlab forFrames(int count) {
        return new FrameSlab(count, STRIDE);
    }

    /// Slots for the headers of derived frames.
    ///
    /// @param count how many
    /// @param room bytes of frame each must hold
    /// @return a slab that lives as long as the process, or until [#free]
    public static FrameSlab forHeaders(int count, int room) {
        int lines = (HEADROOM + room + 63) / 64;
        return new FrameSlab(count, (lines | 1) * 64);
    }

    /// Where the frame of a slot begins.
    ///
    /// @param index 0 to one below the count
    /// @return its first byte; the offload header lies in front
    public long frame(int index) {
        assert index >= 0 && index < count;
        return base + (long) index * stride + HEADROOM;
    }

    /// Where the offload header of a frame in a slot begins.
    ///
    /// @param frame the frame's first byte
    /// @return the header's first byte
    public static long header(long frame) {
        return frame - VirtioNetHeader.LENGTH;
    }

    /// How many slots there are.
    ///
    /// @return as constructed
    public int count() {
        return count;
    }

    /// Unmaps the memory. No frame in it may be in use.
    public void free() {
        NativeMemory.unmap(base, (long) count * stride);
    }
}
