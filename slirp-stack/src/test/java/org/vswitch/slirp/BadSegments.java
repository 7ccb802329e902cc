package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.slirp.FuzzFrames.ACK;
import static org.vswitch.slirp.FuzzFrames.FIN;
import static org.vswitch.slirp.FuzzFrames.PSH;
import static org.vswitch.slirp.FuzzFrames.RST;
import static org.vswitch.slirp.FuzzFrames.SYN;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.vswitch.slirp.fixture.GuestPackets;

/// Bad inputs 22 to 28: TCP.
final class BadSegments {
    private static final int URG = 32;
    private static final int ECHO = 80;
    private static final int NOBODY_ANSWERS = 82;
    private static final byte[] NO_TEXT = {};

    private BadSegments() {
    }

    static List<BadInput> all() {
        return Stream.of(heads(), openings(), streams()).flatMap(List::stream).toList();
    }

    private static List<BadInput> heads() {
        List<byte[]> oddOptions = new ArrayList<>();
        for (int[] options : new int[][] {{2, 0, 0, 0}, {2, 1, 0, 0}, {2, 40, 5, 180}, {2, 4, 0, 0}, {2, 4, 0, 1},
            {2, 4, 255, 255}, {3, 3, 15, 1}, {3, 3, 255, 1}, {2, 4, 5, 180, 2, 4, 0, 1}, {253, 3, 1, 0}, {8, 2, 1, 1},
            {5, 10, 0, 0, 0, 9, 0, 0, 0, 1, 1, 1}}) {
            oddOptions.add(syn(30_000 + oddOptions.size(), options));
        }
        oddOptions.add(syn(31_000, IntStream.range(0, 40).map(_ -> 1).toArray()));
        return List.of(
                BadInput.of(22, "TCP cut anywhere", "malformed=20", IntStream.range(0, 20)
                        .mapToObj(length -> frame(new byte[length])).toList()),
                BadInput.of(22, "TCP headers longer than the segment, or too short", "malformed=3", words(0), words(4),
                        words(15)),
                BadInput.of(22, "a wrong checksum", "bad-checksum=1", broken()),
                BadInput.of(22, "options of every bad kind", "", oddOptions),
                BadInput.of(23, "flags that open nothing", "malformed=7", segment(SYN | FIN), segment(SYN | RST),
                        segment(RST), segment(RST | ACK), segment(63), segment(SYN | FIN | URG | PSH),
                        segment(SYN | RST | ACK)),
                BadInput.of(23, "flags without a connection", "", segment(0), segment(FIN), segment(URG), segment(ACK),
                        segment(FIN | PSH | URG), segment(SYN | ACK)),
                BadInput.of(23, "ports 0", "malformed=2", tcp(0, ECHO, SYN), tcp(30_000, 0, SYN)));
    }

    private static List<BadInput> openings() {
        return List.of(
                BadInput.of(24, "10,000 connections that nobody answers", "limit=9488 rate-limit=462",
                        syns(NOBODY_ANSWERS)),
                BadInput.of(25, "10,000 connections that the guest does not complete", "limit=9488", syns(ECHO)),
                new BadInput(28, "10,000 connections that are reset at once", "", other -> {
                    for (int i = 0; i < 10_000; i++) {
                        open(other, 10_000 + i).send(1, RST, NO_TEXT);
                    }
                }),
                new BadInput(28, "10,000 connections that are reset once they are open", "", other -> {
                    for (int i = 0; i < 10_000; i++) {
                        open(other, 10_000 + i).send(1, ACK, NO_TEXT).send(1, RST | ACK, NO_TEXT);
                    }
                }));
    }

    private static List<BadInput> streams() {
        return List.of(
                stream(26, "acknowledgements of what was never sent", bad -> bad.acknowledges(1_000_000)
                        .repeat(1_000, 1, ACK, 0)),
                stream(26, "the same acknowledgement 10,000 times", bad -> bad.send(1, ACK, new byte[1_000])
                        .repeat(10_000, 1_001, ACK, 0)),
                stream(26, "a window that never opens", bad -> bad.offers(0).send(1, ACK, new byte[60_000])),
                stream(23, "segments without ACK", "malformed=4", bad -> bad.send(1, 0, NO_TEXT)
                        .send(1, PSH, new byte[100]).send(1, FIN, NO_TEXT).send(1, URG, new byte[1])),
                stream(26, "resets and openings beside the number", "malformed=1", bad -> bad.send(5_000, RST, NO_TEXT)
                        .send(-5_000, RST, NO_TEXT).send(5_000, SYN, NO_TEXT).send(-5_000, SYN, NO_TEXT)),
                stream(26, "single bytes behind a gap", bad -> {
                    for (int i = 0; i < 20_000; i++) {
                        bad.put(3 + 2 * i % 60_000, ACK, new byte[1]);
                    }
                }),
                stream(26, "other bytes in the same place", bad -> bad.send(5, ACK, "efgh".getBytes())
                        .send(3, ACK, "CDEF".getBytes()).send(1, ACK, "ab".getBytes())),
                stream(26, "urgent pointers", bad -> bad.urgent(0).urgent(65_535)),
                stream(27, "the same end 1,000 times", bad -> bad.repeat(1_000, 1, FIN | ACK, 0)),
                stream(27, "an end behind a closed window", bad -> bad.offers(0).send(1, FIN | ACK, NO_TEXT)),
                stream(27, "text behind the end", bad -> bad.send(1, FIN | ACK, NO_TEXT)
                        .repeat(100, 2, ACK, 1_000)),
                stream(27, "an end in front of the text", bad -> bad.send(1_001, FIN | ACK, NO_TEXT)
                        .send(1, ACK, new byte[1_000])),
                stream(27, "a guest that leaves while it is sent to", bad -> bad.send(1, ACK, new byte[60_000])
                        .send(60_001, RST | ACK, NO_TEXT)));
    }

    /// What a guest does with a connection once it is open.
    private static BadInput stream(int number, String what, Consumer<Connection> deed) {
        return stream(number, what, "", deed);
    }

    private static BadInput stream(int number, String what, String counted, Consumer<Connection> deed) {
        return new BadInput(number, what, counted, other -> {
            Connection bad = open(other, 30_000).send(1, ACK, NO_TEXT);
            deed.accept(bad);
            other.turn();
        });
    }

    private static Connection open(GoodGuest other, int port) {
        other.rig.send(tcp(port, ECHO, SYN));
        other.turn();
        byte[] answer = other.lastOfOthers();
        assertEquals(SYN | ACK, answer[47], "what a SYN is answered with");
        return new Connection(other, port, ByteBuffer.wrap(answer).getInt(38) + 1);
    }

    private static byte[] frame(byte[] tcp) {
        return new GuestPackets.V4().payload(GuestPackets.TCP, tcp).frame();
    }

    private static byte[] tcp(int from, int to, int flags) {
        return FuzzFrames.repaired(frame(new GuestSegment(from, to, 0, 0).of(flags)));
    }

    private static byte[] segment(int flags) {
        return tcp(30_000, ECHO, flags);
    }

    private static byte[] broken() {
        byte[] frame = segment(SYN);
        frame[50] ^= 1;
        return frame;
    }

    private static byte[] words(int words) {
        byte[] frame = segment(SYN);
        frame[46] = (byte) (words << 4);
        return FuzzFrames.repaired(frame);
    }

    private static byte[] syn(int port, int... options) {
        byte[] tcp = new GuestSegment(port, ECHO, 0, 0).of(SYN, GuestPackets.octets(options));
        tcp[12] = (byte) (5 + options.length / 4 << 4);
        return FuzzFrames.repaired(frame(tcp));
    }

    private static List<byte[]> syns(int port) {
        return IntStream.range(0, 10_000).mapToObj(i -> tcp(10_000 + i, port, SYN)).toList();
    }

    /// The guest's end of a connection; its SYN had the number 0.
    private static final class Connection {
        private final GoodGuest other;
        private final int port;
        private int acknowledgment;
        private int window = 60_000;

        Connection(GoodGuest other, int port, int acknowledgment) {
            this.other = other;
            this.port = port;
            this.acknowledgment = acknowledgment;
        }

        Connection acknowledges(int bytesAhead) {
            acknowledgment += bytesAhead;
            return this;
        }

        Connection offers(int bytes) {
            window = bytes;
            return this;
        }

        Connection urgent(int pointer) {
            return put(1, ACK | URG, new byte[4], pointer);
        }

        Connection repeat(int times, int sequence, int flags, int length) {
            for (int i = 0; i < times; i++) {
                send(sequence, flags, new byte[length]);
            }
            return this;
        }

        Connection send(int sequence, int flags, byte[] text) {
            put(sequence, flags, text);
            other.turn();
            return this;
        }

        Connection put(int sequence, int flags, byte[] text) {
            return put(sequence, flags, text, 0);
        }

        private Connection put(int sequence, int flags, byte[] text, int urgent) {
            byte[] tcp = new GuestSegment(port, ECHO, sequence, acknowledgment).of(flags, text);
            ByteBuffer.wrap(tcp).putShort(14, (short) window).putShort(18, (short) urgent);
            other.rig.send(FuzzFrames.repaired(frame(tcp)));
            return this;
        }
    }
}
