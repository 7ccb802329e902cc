package org.vswitch.slirp;

import java.nio.ByteBuffer;

/// The numbers in a guest's TCP header.
///
/// @param from the guest's port
/// @param to the other port
/// @param sequence of the first byte
/// @param acknowledgment what the guest expects next
record GuestSegment(int from, int to, int sequence, int acknowledgment) {
    /// A segment without options; the checksum is left to [FuzzFrames#repair].
    byte[] of(int flags, byte... text) {
        return ByteBuffer.allocate(20 + text.length).putShort((short) from).putShort((short) to).putInt(sequence)
                .putInt(acknowledgment).put((byte) 0x50).put((byte) flags).putShort((short) 60_000).putInt(0).put(text)
                .array();
    }
}
