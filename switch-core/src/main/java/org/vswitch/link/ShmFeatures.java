package org.vswitch.link;

import org.vswitch.frame.FrameSlab;

/// What a side of shared memory says that it takes. Bits that are not known mean nothing.
final class ShmFeatures {
    private static final int CHECKSUM = 1;
    private static final int TSO4 = 2;
    private static final int TSO6 = 4;
    private static final int USO = 8;
    /// The least of longest frames: without one of 1,500 bytes and a tag nothing works.
    private static final int LEAST_FRAME = 1518;

    private ShmFeatures() {
    }

    /// The bits for what a URL allows.
    static int bits(Offload offload) {
        return (offload.includes(Offload.CHECKSUM) ? CHECKSUM : 0) | (offload.includes(Offload.TSO) ? TSO4 | TSO6 : 0)
                | (offload.includes(Offload.ALL) ? USO : 0);
    }

    /// Whether a number makes sense as the longest frame.
    static boolean isFrame(int bytes) {
        return bytes >= LEAST_FRAME && bytes <= 1 << 20;
    }

    /// What a link may carry.
    ///
    /// @param bits what the other side takes and we allow
    /// @param maxFrame as the other side says
    static LinkFeatures of(int bits, int maxFrame) {
        boolean checksum = (bits & CHECKSUM) != 0;
        return new LinkFeatures(Math.min(maxFrame, FrameSlab.MAX_FRAME), checksum, checksum && (bits & TSO4) != 0,
                checksum && (bits & TSO6) != 0, checksum && (bits & USO) != 0, LinkFeatures.MAX_BUFFERED);
    }
}
