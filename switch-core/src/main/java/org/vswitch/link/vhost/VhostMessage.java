package org.vswitch.link.vhost;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A message of vhost-user. Numbers are in the machine's byte order, which is little-endian on all machines this runs
/// on:
///
///     | request (4) | flags (4) | payload length (4) | payload |
///
/// The flags are the version, 1, in bits 0 and 1; bit 2 for a reply; bit 3 for a message that needs one. A reply has
/// the number of its request, and the flags 5. Source: QEMU docs/interop/vhost-user.rst, and for the order of the
/// addresses of a ring, where that was wrong for years, hw/virtio/vhost-user.c.
///
/// @param number of the request
/// @param flags as they came
/// @param payload its bytes
record VhostMessage(int number, int flags, byte[] payload) {
    /// Bytes in front of the payload.
    static final int HEADER_LENGTH = 12;
    /// The longest payload that is read: more than any request has that is known.
    static final int MAX_PAYLOAD = 512;
    /// The most regions in one message, and so the most descriptors.
    static final int MAX_DESCRIPTORS = 8;

    private static final int VERSION = 1;
    private static final int VERSION_MASK = 3;
    private static final int REPLY = 4;
    private static final int NEEDS_REPLY = 8;
    private static final int FLAGS = 4;
    private static final int LENGTH = 8;
    private static final int TABLE_HEAD = 8;
    private static final int REGION_LENGTH = 32;
    private static final int RING_MASK = 0xff;
    private static final int NO_FILE = 1 << 8;

    /// A ring and a number: u32 index, u32 number.
    ///
    /// @param ring as it came, 0 to 2^32 - 1
    /// @param value as it came, 0 to 2^32 - 1
    record RingState(long ring, long value) {
    }

    /// Where a ring lies: u32 index, u32 flags, u64 descriptor table, u64 used ring, u64 available ring, u64 log.
    ///
    /// @param ring as it came, 0 to 2^32 - 1
    /// @param descriptors user address of the descriptor table
    /// @param used user address of the used ring
    /// @param available user address of the available ring
    record RingAddress(long ring, long descriptors, long used, long available) {
    }

    /// A ring and whether a descriptor comes with the message: u64, the ring in bits 0 to 7, bit 8 for none.
    ///
    /// @param ring as it came, 0 to 255
    /// @param hasFile whether a descriptor belongs to it
    record RingFile(int ring, boolean hasFile) {
    }

    /// Looks at a header.
    ///
    /// @param header 12 bytes
    /// @return how long the payload is
    /// @throws VhostRefusal if nobody who speaks this protocol sends it
    static int payloadLength(byte[] header) throws VhostRefusal {
        int flags = u32(header, FLAGS);
        long length = Integer.toUnsignedLong(u32(header, LENGTH));
        if ((flags & VERSION_MASK) != VERSION || (flags & REPLY) != 0) {
            throw new VhostRefusal("no request: flags=0x" + Integer.toHexString(flags));
        }
        if (length > MAX_PAYLOAD) {
            throw new VhostRefusal("payload of " + length + " bytes, at most " + MAX_PAYLOAD);
        }
        return (int) length;
    }

    /// Puts a message together.
    ///
    /// @param header 12 bytes, which [#payloadLength] has looked at
    /// @param payload as long as it says; the message's from now on
    static VhostMessage of(byte[] header, byte[] payload) {
        return new VhostMessage(u32(header, 0), u32(header, FLAGS), payload);
    }

    /// What is asked for, if it is known.
    Optional<VhostRequest> request() {
        return VhostRequest.of(number);
    }

    /// Whether the sender waits for an answer, even if the request has none of its own.
    boolean needsReply() {
        return (flags & NEEDS_REPLY) != 0;
    }

    /// How the request is called.
    String name() {
        return request().map(VhostRequest::name).orElse("request=" + Integer.toUnsignedString(number));
    }

    /// The payload as a number.
    long value() {
        return u64(payload, 0);
    }

    /// The payload's first six bytes as a MAC address.
    long macAddress() {
        return ByteBuffer.wrap(payload).getLong(0) >>> Short.SIZE;
    }

    /// The payload as a ring and a number.
    RingState ringState() {
        return new RingState(Integer.toUnsignedLong(u32(payload, 0)), Integer.toUnsignedLong(u32(payload, 4)));
    }

    /// The payload as the place of a ring.
    RingAddress ringAddress() {
        return new RingAddress(Integer.toUnsignedLong(u32(payload, 0)), u64(payload, 8), u64(payload, 16),
                u64(payload, 24));
    }

    /// The payload as a ring and whether there is a descriptor.
    ///
    /// @throws VhostRefusal if bits are set that have no meaning
    RingFile ringFile() throws VhostRefusal {
        long value = value();
        if ((value & ~(RING_MASK | NO_FILE)) != 0) {
            throw new VhostRefusal("ring=" + Long.toUnsignedString(value));
        }
        return new RingFile((int) value & RING_MASK, (value & NO_FILE) == 0);
    }

    /// The payload as one region of memory, behind 8 bytes of padding.
    GuestMemory.Region region() {
        return region(TABLE_HEAD);
    }

    /// The payload as a table: u32 count, u32 padding, regions.
    ///
    /// @throws VhostRefusal if there are too many, or the payload has another length
    List<GuestMemory.Region> regions() throws VhostRefusal {
        long count = payload.length < TABLE_HEAD ? 0 : Integer.toUnsignedLong(u32(payload, 0));
        if (count > MAX_DESCRIPTORS) {
            throw new VhostRefusal("regions=" + count + " (at most " + MAX_DESCRIPTORS + ")");
        }
        if (payload.length != TABLE_HEAD + count * REGION_LENGTH) {
            throw new VhostRefusal("regions=" + count + " in " + payload.length + " bytes");
        }
        List<GuestMemory.Region> regions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            regions.add(region(TABLE_HEAD + i * REGION_LENGTH));
        }
        return regions;
    }

    /// An answer: one u64.
    ///
    /// @param value what is asked for; of an acknowledgement, 0 if it was done
    byte[] reply(long value) {
        return reply().putLong(HEADER_LENGTH, Long.reverseBytes(value)).array();
    }

    /// An answer: a ring and a number.
    ///
    /// @param ring its number
    /// @param value 0 to 65,535
    byte[] reply(int ring, int value) {
        return reply().putInt(HEADER_LENGTH, Integer.reverseBytes(ring))
                .putInt(HEADER_LENGTH + Integer.BYTES, Integer.reverseBytes(value)).array();
    }

    /// A reply of 8 bytes, not yet filled in.
    private ByteBuffer reply() {
        return ByteBuffer.allocate(HEADER_LENGTH + Long.BYTES).putInt(0, Integer.reverseBytes(number))
                .putInt(FLAGS, Integer.reverseBytes(VERSION | REPLY)).putInt(LENGTH, Integer.reverseBytes(Long.BYTES));
    }

    private GuestMemory.Region region(int at) {
        return new GuestMemory.Region(u64(payload, at), u64(payload, at + 8), u64(payload, at + 16),
                u64(payload, at + 24));
    }

    private static int u32(byte[] bytes, int at) {
        return Integer.reverseBytes(ByteBuffer.wrap(bytes).getInt(at));
    }

    private static long u64(byte[] bytes, int at) {
        return Long.reverseBytes(ByteBuffer.wrap(bytes).getLong(at));
    }
}
