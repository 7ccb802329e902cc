package org.vswitch.grant;

import java.nio.ByteBuffer;
import java.util.Optional;

/// The broker's answer: one packet of 32 bytes, numbers in network byte order; with the tap's descriptor (SCM_RIGHTS)
/// if it is granted.
///
///      0  magic, "VTAP" (4)        4  version = 1 (2)         6  status (2)
///      8  interface name (16)     24  errno, or 0 (4)        28  reserved = 0 (4)
///
/// @param status what has become of the request
/// @param name of the interface
/// @param errno why the kernel refused, or 0
public record GrantAnswer(GrantStatus status, String name, int errno) {
    /// Bytes of an answer.
    public static final int LENGTH = 32;

    /// Reads a packet.
    ///
    /// @param bytes what came
    /// @return empty if it is no answer that this version knows
    public static Optional<GrantAnswer> parse(byte[] bytes) {
        ByteBuffer packet = ByteBuffer.wrap(bytes);
        if (bytes.length != LENGTH || packet.getInt() != GrantRequest.MAGIC
                || packet.getShort() != GrantRequest.VERSION) {
            return Optional.empty();
        }
        Optional<GrantStatus> status = GrantStatus.of(Short.toUnsignedInt(packet.getShort()));
        Optional<String> name = GrantRequest.name(packet);
        int errno = packet.getInt();
        return status.isPresent() && name.isPresent()
                ? Optional.of(new GrantAnswer(status.get(), name.get(), errno)) : Optional.empty();
    }

    /// The bytes of this answer.
    ///
    /// @return one packet
    public byte[] bytes() {
        ByteBuffer packet = ByteBuffer.allocate(LENGTH).putInt(GrantRequest.MAGIC)
                .putShort((short) GrantRequest.VERSION).putShort((short) status.ordinal());
        GrantRequest.putName(packet, name);
        return packet.putInt(errno).array();
    }
}
