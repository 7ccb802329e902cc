package org.vswitch.slirp.service;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.vswitch.slirp.fixture.GuestPackets;

/// DNS messages, byte by byte, without any of the router's own code.
final class DnsMessages {
    static final int A = 1;
    static final int NXDOMAIN = 3;

    private DnsMessages() {
    }

    /// A query with recursion desired and checking disabled; records go into the additional section.
    static byte[] query(int id, String name, int type, byte[]... records) {
        return GuestPackets.join(header(id, 0x0110, 1, records.length), question(name, type),
                GuestPackets.join(records));
    }

    static byte[] header(int id, int flags, int questions, int additional) {
        return ByteBuffer.allocate(12).putShort((short) id).putShort((short) flags).putShort((short) questions)
                .putInt(0).putShort((short) additional).array();
    }

    static byte[] question(String name, int type) {
        ByteBuffer question = ByteBuffer.allocate(name.length() + 6);
        for (String label : name.split("\\.")) {
            question.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return question.put((byte) 0).putShort((short) type).putShort((short) 1).array();
    }

    /// EDNS with DO and an option that nobody knows.
    static byte[] opt(int size, int version) {
        return ByteBuffer.allocate(17).put((byte) 0).putShort((short) 41).putShort((short) size).put((byte) 0)
                .put((byte) version).putShort((short) 0x8000).putShort((short) 6).putShort((short) 0xfde9)
                .putShort((short) 2).putShort((short) 0xcafe).array();
    }

    /// What a server answers: the query with QR, RA and an RCODE, and one record of so many bytes.
    static byte[] answer(byte[] query, int rcode, int recordLength) {
        byte[] record = new byte[12 + recordLength];
        ByteBuffer.wrap(record).putShort((short) 0xc00c).putShort((short) 65_280).putShort((short) 1).putInt(60)
                .putShort((short) recordLength);
        int end = questionEnd(query);
        byte[] answer = GuestPackets.join(Arrays.copyOf(query, end), record,
                Arrays.copyOfRange(query, end, query.length));
        answer[2] |= (byte) 0x80;
        answer[3] |= (byte) (0x80 | rcode);
        answer[7] = 1;
        return answer;
    }

    private static int questionEnd(byte[] message) {
        int at = 12;
        while (message[at] != 0) {
            at += 1 + message[at];
        }
        return at + 5;
    }

    /// The same message with another ID.
    static byte[] withId(byte[] message, int id) {
        byte[] other = message.clone();
        ByteBuffer.wrap(other).putShort((short) id);
        return other;
    }

    static int id(byte[] message) {
        return ByteBuffer.wrap(message).getShort() & 0xffff;
    }

    static int rcode(byte[] message) {
        return message[3] & 15;
    }

    static boolean isTruncated(byte[] message) {
        return (message[2] & 2) != 0;
    }
}
