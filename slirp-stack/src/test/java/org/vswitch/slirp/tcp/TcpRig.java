package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.vswitch.fixture.Frames;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.IoVector;
import org.vswitch.slirp.ip.Outbox;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.SegmentOutput;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.policy.HostTarget;
import org.vswitch.wire.IpAddress;

/// The TCP side between a guest whose segments the test writes byte by byte and a host that the test plays. Time is a
/// number. Super-frames are cut as an egress port would, checksums verified, numbers shown relative to both SYNs.
final class TcpRig implements AutoCloseable {
    static final int GUEST = 0x0a00_020f;
    static final int REMOTE = 0xc000_0201;
    static final int SYN = 2;
    static final int FIN = 1;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;
    static final int URG = 32;
    static final int MSS = 1460;
    private static final int ROOM = 4 << 20;

    final FakeHost host = new FakeHost();
    final StackCounters counters = new StackCounters();
    final ArrayDeque<Sent> toGuest = new ArrayDeque<>();
    final TcpSplice splice;
    long nowNs = 1_000_000_000L;
    /// The last error that the guest was told by ICMP: errno, type, reporter, and the hop limit in the quote.
    int icmpErrno;
    int icmpType;
    long icmpReporter;
    int icmpHopLimit;
    /// How far the guest's packets go when they come to the router.
    int hopLimit = 64;
    /// Where the choice leads to instead of where the guest wants to; 0: nowhere else.
    long elsewhere;
    int guestIsn = 5_000;
    long guestMac = Frames.A;
    int guestPort = 40_000;
    int remotePort = 80;
    int routerIsn;
    int window = 65_535;
    int outputFrames = 64;
    int superFrames;
    /// How often it was said that the host could not connect to what was chosen.
    int failed;
    boolean permitted = true;
    boolean outboxFull;
    /// Whether the test has several connections, and looks at none of their segments.
    boolean anyPort;
    byte[] nextOptions = {};
    /// The station that the last segment went to.
    long sentTo;

    private final long memory = NativeMemory.map(ROOM);
    private final long slot = memory + ROOM - 2_048;
    private final long headRoom = memory + ROOM - 4_096;
    private int used;
    private int room;
    private final Packet packet = new Packet();

    /// A segment for the guest.
    record Sent(int seq, int ack, int flags, int window, byte[] options, byte[] text) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    TcpRig() {
        this(new TcpSettings(1_500, 64, 256, 1, 2));
    }

    TcpRig(TcpSettings settings) {
        Outbox outbox = new Outbox() {
            private int length;

            @Override
            public long begin(int bytes) {
                length = bytes;
                return outboxFull ? 0 : slot;
            }

            @Override
            public void commit() {
                byte[] frame = new byte[length];
                NativeMemory.copyOut(slot, frame, 0, length);
                assertTrue(length >= 60, "short frame of " + length);
                int ip = 14 + (frame[14] & 15) * 4;
                int total = ByteBuffer.wrap(frame).getShort(16) & 0xffff;
                assertEquals(0xffff, pseudoSum(frame, total - 20, Frames.sum(frame, ip, 14 + total)), "checksum");
                toGuest.add(parse(Arrays.copyOf(frame, 14 + total)));
            }

            @Override
            public void commit(long offloadWord, int checksumOffset) {
                throw new UnsupportedOperationException();
            }
        };
        splice = new TcpSplice(new TcpPorts(host, new IoVector(), outbox, this::told, new Choice(), counters),
                settings);
    }

    /// The guest sends a segment, with `nextOptions`; the batch goes on.
    TcpRig put(int seq, int ack, int flags, byte[] text) {
        byte[] options = nextOptions;
        nextOptions = new byte[0];
        byte[] tcp = ByteBuffer.allocate(20 + options.length + text.length).putShort((short) guestPort)
                .putShort((short) remotePort).putInt(guestIsn + seq).putInt(ack + routerIsn)
                .put((byte) ((20 + options.length) / 4 << 4)).put((byte) flags).putShort((short) window).putInt(0)
                .put(options).put(text).array();
        putRaw(tcp);
        return this;
    }

    /// The guest sends any bytes as a TCP segment.
    void putRaw(byte[] tcp) {
        long at = memory + used;
        used += tcp.length + 64;
        assertTrue(used < ROOM - 8_192, "a batch too large for the test");
        NativeMemory.copyIn(tcp, 0, at, tcp.length);
        packet.sourceMac = guestMac;
        packet.destinationMac = Frames.B;
        packet.v4 = true;
        packet.sourceLow = IpAddress.v4(GUEST);
        packet.destinationLow = IpAddress.v4(REMOTE);
        packet.protocol = 6;
        packet.hopLimit = hopLimit;
        packet.frame = at - 34;
        packet.payload = at;
        packet.payloadLength = tcp.length;
        packet.checksumTrusted = true;
        splice.receive(packet, nowNs);
    }

    /// The guest sends a segment, alone in its batch.
    TcpRig send(int seq, int ack, int flags, String text) {
        put(seq, ack, flags, text.getBytes());
        return turn();
    }

    /// The rest of a pass: the batch ends, the host is polled, deadlines are looked at, frames are fetched.
    TcpRig turn() {
        pass();
        // acknowledgements that waited for data to go with
        nowNs += ControlSegments.ACK_DELAY_NS;
        splice.expire(nowNs);
        return this;
    }

    /// One pass, in which no time goes by.
    TcpRig pass() {
        splice.endBatch(nowNs);
        used = 0;
        host.poll((token, readiness) -> splice.ready(token, readiness, nowNs));
        splice.expire(nowNs);
        room = outputFrames;
        splice.gather(new Output(), nowNs);
        return this;
    }

    /// Lets time pass, from deadline to deadline.
    TcpRig pass(long ms) {
        long endNs = nowNs + ms * 1_000_000;
        while (splice.nextDeadlineNs() <= endNs) {
            nowNs = Math.max(nowNs, splice.nextDeadlineNs());
            turn();
        }
        nowNs = endNs;
        return turn();
    }

    /// Through the handshake of a Linux guest.
    TcpRig connect() {
        syn(0, 2, 4, 5, 180, 4, 2, 1, 3, 3, 7);
        host.accept();
        turn();
        Sent synAck = expect(SYN | ACK);
        routerIsn += synAck.seq;
        assertEquals(1, synAck.ack);
        return send(1, 1, ACK, "").nothing();
    }

    /// The guest's SYN, with options.
    TcpRig syn(int seq, int... options) {
        byte[] bytes = new byte[(options.length + 3) / 4 * 4];
        for (int i = 0; i < options.length; i++) {
            bytes[i] = (byte) options[i];
        }
        nextOptions = bytes;
        put(seq, -routerIsn, SYN, new byte[0]);
        return turn();
    }

    /// The next segment for the guest, which has these flags (PSH does not matter).
    Sent expect(int flags) {
        Sent sent = toGuest.poll();
        assertNotEquals(null, sent, "nothing was sent");
        assertEquals(flags, sent.flags & ~PSH, "flags of " + sent);
        return sent;
    }

    TcpRig expectAck(int ack) {
        assertEquals(ack, expect(ACK).ack);
        return this;
    }

    TcpRig expectText(int seq, String text) {
        Sent sent = expect(ACK);
        assertEquals(seq, sent.seq);
        assertEquals(text, new String(sent.text));
        return this;
    }

    TcpRig nothing() {
        assertEquals("[]", toGuest.toString());
        return this;
    }

    private void told(FlowPath path, int sequence, int hops, HostError error) {
        icmpErrno = error.errno;
        icmpType = error.type;
        icmpReporter = error.reporterLow;
        icmpHopLimit = hops;
    }

    private Sent parse(byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        sentTo = buffer.getLong(0) >>> 16;
        int tcp = 34;
        assertTrue(anyPort || guestPort == (buffer.getShort(tcp + 2) & 0xffff), "port of another connection");
        int headerLength = (frame[tcp + 12] >> 4 & 15) * 4;
        return new Sent(buffer.getInt(tcp + 4) - routerIsn, buffer.getInt(tcp + 8) - guestIsn, frame[tcp + 13],
                buffer.getShort(tcp + 14) & 0xffff, Arrays.copyOfRange(frame, tcp + 20, tcp + headerLength),
                Arrays.copyOfRange(frame, tcp + headerLength, frame.length));
    }

    private static int pseudoSum(byte[] frame, int tcpLength, int sum) {
        int all = Frames.sum(frame, 26, 34) + 6 + tcpLength + sum;
        return (all & 0xffff) + (all >>> 16) & 0xffff;
    }

    @Override
    public void close() {
        splice.close();
        NativeMemory.unmap(memory, ROOM);
    }

    /// Everything leads to where the guest wants to.
    private final class Choice implements HostChoice {
        @Override
        public boolean choose(FlowPath path, HostTarget into, long timeNs) {
            into.low = elsewhere != 0 ? elsewhere : path.remoteLow;
            into.port = path.remotePort;
            return permitted;
        }

        @Override
        public void failed(FlowPath path, long timeNs) {
            failed++;
        }
    }

    /// Cuts what is gathered into segments of the wire.
    private final class Output implements SegmentOutput {
        @Override
        public boolean hasRoom() {
            return room > 0;
        }

        @Override
        public long head() {
            return headRoom;
        }

        @Override
        public void send(int headLength, long payload, int payloadLength, int segmentSize) {
            room--;
            superFrames += payloadLength > segmentSize ? 1 : 0;
            byte[] head = new byte[headLength];
            NativeMemory.copyOut(headRoom, head, 0, headLength);
            assertEquals(headLength - 14 + payloadLength, ByteBuffer.wrap(head).getShort(16) & 0xffff);
            int partial = ByteBuffer.wrap(head).getShort(50) & 0xffff;
            assertEquals(pseudoSum(head, headLength - 34 + payloadLength, 0), partial);
            int done = 0;
            do {
                int length = Math.min(segmentSize, payloadLength - done);
                byte[] frame = Arrays.copyOf(head, headLength + length);
                if (length > 0) {
                    NativeMemory.copyOut(payload + done, frame, headLength, length);
                }
                ByteBuffer.wrap(frame).putInt(38, ByteBuffer.wrap(head).getInt(38) + done);
                done += length;
                if (done < payloadLength) {
                    frame[47] &= ~(FIN | PSH);
                }
                toGuest.add(parse(frame));
            } while (done < payloadLength);
        }
    }
}
