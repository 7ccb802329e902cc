package org.vswitch.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.fixture.Frames.A;
import static org.vswitch.fixture.Frames.B;
import static org.vswitch.fixture.Frames.BROADCAST;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// Guards without a bridge: the test says where stations are and what time it is, and asks about frames. What a frame
/// builder is not told comes from station A, 10.0.0.1 or fe80::a.
final class GuardRig {
    static final int VID = 7;
    static final int OWN = 0x0a00_0001;
    static final int OTHER = 0x0a00_0002;
    static final long LINK_LOCAL = 0xfe80L << 48;
    static final int UDP = 17;
    static final int ICMPV6 = 58;

    final Map<Long, Integer> stations = new HashMap<>();
    final PortGuards guards = new PortGuards((mac, _, port) -> stations.getOrDefault(mac, port) != port);
    final FrameBatch batch = FrameBatch.forReceiving();
    long nowNs = 5_000_000_000L;

    GuardRig() {
        guards.now(nowNs);
    }

    /// The guard of a port, new.
    PortGuard guard(int port, String settings) {
        guards.set(port, settings(settings));
        return guards.active(port);
    }

    static GuardSettings settings(String text) {
        try {
            return GuardSettings.parse(text);
        } catch (IOException wrong) {
            throw new UncheckedIOException(wrong);
        }
    }

    Drop ask(PortGuard guard, byte[] frame) {
        batch.clear();
        Frames.receive(batch, frame);
        return batch.size() == 0 ? null : guard.refusal(batch, 0, VID);
    }

    /// Asks about a train of datagrams.
    Drop askTrain(PortGuard guard, byte[] frame, int gsoSize) {
        batch.clear();
        long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_UDP_L4, 0, gsoSize);
        Frames.receiveOffloaded(batch, frame, VirtioNetHeader.withCsumStart(word, 34), 6);
        assertEquals(1, batch.size());
        return guard.refusal(batch, 0, VID);
    }

    /// A frame with an offload header, which has passed the check at receive.
    Drop askOffloaded(PortGuard guard, byte[] frame, int csumStart, int csumOffset) {
        batch.clear();
        Frames.receiveOffloaded(batch, frame, VirtioNetHeader.withCsumStart(1, csumStart), csumOffset);
        return batch.size() == 0 ? Drop.BAD_OFFLOAD : guard.refusal(batch, 0, VID);
    }

    /// A frame whose first piece has the fewest bytes that it may.
    Drop askInPieces(PortGuard guard, byte[] frame) {
        batch.clear();
        long slot = batch.slot(0);
        NativeMemory.copyIn(frame, 0, slot, FrameBatch.MAX_HEAD);
        NativeMemory.copyIn(frame, FrameBatch.MAX_HEAD, batch.slot(1), frame.length - FrameBatch.MAX_HEAD);
        batch.append(slot, FrameBatch.MAX_HEAD, 0, 0);
        batch.addPiece(batch.slot(1), frame.length - FrameBatch.MAX_HEAD);
        return guard.refusal(batch, 0, VID);
    }

    void pass(long ns) {
        nowNs += ns;
        guards.now(nowNs);
    }

    static byte[] frame(int type, byte[] payload) {
        return Frames.ethernet(B, A, type, payload);
    }

    static byte[] ipv4(int source, int protocol, byte[] payload) {
        return frame(Frames.IPV4, ByteBuffer.wrap(Frames.ipv4(protocol, payload)).putInt(12, source).array());
    }

    static byte[] udp(int from, int to, byte[] payload) {
        return ByteBuffer.wrap(Frames.udp(payload)).putShort((short) from).putShort((short) to).array();
    }

    static byte[] ipv6(long high, long low, int next, byte[] rest) {
        return frame(Frames.IPV6, ByteBuffer.wrap(Frames.ipv6(next, rest)).putLong(8, high).putLong(16, low).array());
    }

    static byte[] arp(int opcode, long hardware, int sender) {
        ByteBuffer arp = ByteBuffer.allocate(28).putShort((short) 1).putShort((short) 0x0800).put((byte) 6)
                .put((byte) 4).putShort((short) opcode);
        arp.putLong(8, hardware << 16).putInt(14, sender).putInt(24, OTHER);
        return frame(Frames.ARP, arp.array());
    }

    /// A neighbor message; option 0 for none.
    static byte[] neighbor(int type, long targetLow, int option, long station) {
        ByteBuffer message = ByteBuffer.allocate(option == 0 ? 24 : 32).put((byte) type);
        message.putLong(8, LINK_LOCAL).putLong(16, targetLow);
        if (option != 0) {
            message.putLong(24, station).put(24, (byte) option).put(25, (byte) 1);
        }
        return message.array();
    }

    /// What a station sends to see whether fe80::low is free.
    static byte[] claim(long low) {
        return ipv6(0, 0, ICMPV6, neighbor(135, low, 0, 0));
    }

    static byte[] extended(int kind, int next, int units, byte[] rest) {
        return ByteBuffer.allocate(8 * units + rest.length).put((byte) next)
                .put((byte) (kind == 44 ? 0 : units - 1)).position(8 * units).put(rest).array();
    }

    static byte[] dhcp(int operation, int messageType, long station, int given) {
        ByteBuffer message = ByteBuffer.allocate(300).put((byte) operation).put((byte) 1).put((byte) 6);
        message.putInt(4, 0x1234_5678).putInt(16, given).putLong(28, station << 16).putInt(236, 0x6382_5363);
        message.position(240).put((byte) 53).put((byte) 1).put((byte) messageType)
                .put((byte) 51).put((byte) 4).putInt(60).put((byte) 255);
        return message.array();
    }

    static byte[] dhcpRequest(long station) {
        return Frames.ethernet(BROADCAST, A, Frames.IPV4, ByteBuffer.wrap(Frames.ipv4(UDP,
                udp(68, 67, dhcp(1, 3, station, 0)))).putInt(12, 0).array());
    }

    static byte[] dhcpAck(long station, int given) {
        return Frames.ethernet(station, B, Frames.IPV4, Frames.ipv4(UDP, udp(67, 68, dhcp(2, 5, station, given))));
    }
}
