package org.vswitch.wire;

import java.nio.ByteBuffer;
import java.util.Optional;

/// A message of VDE's fast spanning tree: a rapid spanning tree BPDU (IEEE 802.1D-2004 clause 9.3.3) with VDE's ideas
/// of times and roles, which only VDE's switches understand.
///
/// ```
/// | 01:80:c2:00:00:00 (6) | switch (6) | [tag (4)] | length 39 (2) | LLC 42 42 03 |
/// | protocol 0 (2) | version 2 | type 2 | flags (1) | root (8) | cost (4) | bridge (8) | port (2) |
/// | age (2) | max age (2) | hello (2) | forward delay (2) | version 1 length 0 (1) |
/// ```
///
/// The times are whole seconds with the low byte first. Flags: 0x01 topology change, 0x02 proposal, 0x0c role (0x04
/// root port, 0x08 alternate or backup, 0x0c designated), 0x10 learning, 0x20 forwarding, 0x40 agreement.
///
/// @param flags a set of the constants below
/// @param rootId 16 bits of priority, 48 of address of the bridge that the sender takes for the root
/// @param rootCost of the sender's way to the root, 32 bits
/// @param bridgeId of the sender
/// @param portId of the sender's port; see [#portId(int)]
/// @param ageSeconds since the sender last heard of the root
public record Bpdu(int flags, long rootId, long rootCost, long bridgeId, int portId, int ageSeconds) {
    /// Group address of spanning tree messages (IEEE 802.1D-2004 table 7-10).
    public static final long ADDRESS = 0x0180_c200_0000L;
    /// Bytes of an untagged message.
    public static final int LENGTH = 53;
    /// Flag: addresses are to be forgotten.
    public static final int TOPOLOGY_CHANGE = 0x01;
    /// Flag: the sender's port waits for an agreement; VDE sets it on every blocked port.
    public static final int PROPOSAL = 0x02;
    /// The bits of the role.
    public static final int ROLE = 0x0c;
    /// Role: the port leads the sender to the root.
    public static final int ROOT_PORT = 0x04;
    /// Role: the port is blocked.
    public static final int BACKUP_PORT = 0x08;
    /// Role: the port leads others to the root.
    public static final int DESIGNATED_PORT = 0x0c;
    /// Flags of a port that forwards.
    public static final int LEARNS_AND_FORWARDS = 0x30;
    /// Flag: the sender agrees; VDE sets it in every periodic message too.
    public static final int AGREEMENT = 0x40;
    /// Seconds between two messages.
    public static final int HELLO_SECONDS = 4;

    private static final int PAYLOAD_LENGTH = 39;
    private static final int MAX_AGE_SECONDS = 10 * HELLO_SECONDS;
    private static final int LLC_AND_PROTOCOL = 0x4242_0300;
    private static final int VERSION_AND_TYPE = 0x0202;

    /// Reads a message.
    ///
    /// @param frame address of its destination; the frame may be tagged, and padded
    /// @param length how many bytes may be read
    /// @return empty if it is malformed, or not of this protocol
    public static Optional<Bpdu> parse(long frame, int length) {
        if (length < LENGTH) {
            return Optional.empty();
        }
        boolean tagged = Ethernet.type(frame) == Ethernet.TYPE_VLAN;
        long body = frame + Ethernet.HEADER_LENGTH + (tagged ? Ethernet.TAG_LENGTH : 0);
        if (tagged && length < LENGTH + Ethernet.TAG_LENGTH
                || NetworkOrder.u16(body - 2) != PAYLOAD_LENGTH
                || NetworkOrder.u32(body) != LLC_AND_PROTOCOL
                || NetworkOrder.u8(body + 4) != 0
                || NetworkOrder.u16(body + 5) != VERSION_AND_TYPE) {
            return Optional.empty();
        }
        return Optional.of(new Bpdu(NetworkOrder.u8(body + 7), NetworkOrder.u64(body + 8),
                Integer.toUnsignedLong(NetworkOrder.u32(body + 16)), NetworkOrder.u64(body + 20),
                NetworkOrder.u16(body + 28), lowByteFirst(NetworkOrder.u16(body + 30))));
    }

    /// Writes the message as an untagged frame; its source is the address within [#bridgeId].
    ///
    /// @return [#LENGTH] bytes
    public byte[] emit() {
        ByteBuffer frame = ByteBuffer.allocate(LENGTH);
        frame.putShort((short) (ADDRESS >>> 32)).putInt((int) ADDRESS);
        frame.putShort((short) (bridgeId >>> 32)).putInt((int) bridgeId);
        frame.putShort((short) PAYLOAD_LENGTH).putInt(LLC_AND_PROTOCOL).put((byte) 0);
        frame.putShort((short) VERSION_AND_TYPE).put((byte) flags);
        frame.putLong(rootId).putInt((int) rootCost).putLong(bridgeId).putShort((short) portId);
        frame.putShort((short) lowByteFirst(Math.min(ageSeconds, 0xffff)));
        frame.putShort((short) lowByteFirst(MAX_AGE_SECONDS)).putShort((short) lowByteFirst(HELLO_SECONDS));
        return frame.array(); // no forward delay: VDE's switches know none
    }

    /// The role of the sender's port.
    ///
    /// @return [#ROOT_PORT], [#BACKUP_PORT], [#DESIGNATED_PORT] or 0
    public int role() {
        return flags & ROLE;
    }

    /// Whether addresses are to be forgotten.
    ///
    /// @return true with [#TOPOLOGY_CHANGE]
    public boolean isTopologyChange() {
        return (flags & TOPOLOGY_CHANGE) != 0;
    }

    /// The port identifier that VDE makes of a port number.
    ///
    /// @param port its number
    /// @return 16 bits; the upper eight hold the number's bits from the fourth on, not from the eighth on
    public static int portId(int port) {
        return (0x80 | port >> 4 & 0xff) << 8 | port & 0xff;
    }

    private static int lowByteFirst(int value) {
        return Short.toUnsignedInt(Short.reverseBytes((short) value));
    }
}
