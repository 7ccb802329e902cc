package org.vswitch.slirp.wire;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.NetworkOrder;

/// A DNS message (RFC 1035, 4.1), as far as a proxy looks into it:
///
/// ```
///  0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
/// |                      ID                       |
/// |QR|   OPCODE  |AA|TC|RD|RA|   Z    |   RCODE   |
/// |  QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT (2 each)  |
///
/// question: | name ... | type (2) | class (2) |
/// record:   | name ... | type (2) | class (2) | TTL (4) | RDLENGTH (2) | RDATA ... |
/// OPT:      | 0 (1) | 41 (2) | UDP payload size (2) | upper RCODE (1) | version (1) | DO, Z (2) | RDLENGTH (2) | ...
/// ```
///
/// Static accessors over the address of the first byte; offsets count from there. Names are walked over, not followed:
/// a pointer ends a name (4.1.4), so no message makes the walk longer than itself.
public final class Dns {
    /// The port of servers, over UDP and TCP.
    public static final int PORT = 53;
    /// Bytes in front of the question.
    public static final int LENGTH = 12;
    /// The most bytes of a message over UDP for who does not speak EDNS (RFC 1035, 4.2.1).
    public static final int MIN_UDP_SIZE = 512;

    /// Opcode: a standard query.
    public static final int QUERY = 0;
    /// RCODE: no error.
    public static final int NOERROR = 0;
    /// RCODE: the query makes no sense.
    public static final int FORMERR = 1;
    /// RCODE: the server could not find out.
    public static final int SERVFAIL = 2;
    /// RCODE: the name does not exist.
    public static final int NXDOMAIN = 3;
    /// RCODE: the server does not do such things.
    public static final int NOTIMP = 4;
    /// RCODE: the server does not want to.
    public static final int REFUSED = 5;
    /// RCODE: the version of EDNS is unknown (RFC 6891, 6.1.3); more than the header holds.
    public static final int BADVERS = 16;

    /// There is no OPT record.
    public static final int NO_OPT = 0;
    /// The message makes no sense.
    public static final int MALFORMED = -1;

    private static final int FLAGS = 2;
    private static final int QDCOUNT = 4;
    private static final int ANCOUNT = 6;
    private static final int NSCOUNT = 8;
    private static final int ARCOUNT = 10;
    private static final int RESPONSE = 0x8000;
    private static final int OPCODE = 0x7800;
    private static final int OPCODE_SHIFT = 11;
    private static final int TRUNCATED = 0x0200;
    private static final int RECURSION_DESIRED = 0x0100;
    private static final int RECURSION_AVAILABLE = 0x0080;
    private static final int RCODE = 0x000f;

    private static final int LABEL = 0x3f;
    private static final int POINTER = 0xc0;
    private static final int MAX_NAME = 255;
    private static final int QUESTION_TAIL = 4;
    private static final int RECORD_TAIL = 10;
    private static final int TYPE_OPT = 41;
    private static final int OPT_LENGTH = 11;
    private static final int OPT_SIZE = 3;
    private static final int OPT_EXTENDED_RCODE = 5;
    private static final int OPT_VERSION = 6;
    private static final int OPT_FLAGS = 7;
    private static final int OPT_RDLENGTH = 9;
    private static final int DNSSEC_OK = 0x8000;
    /// What every IPv6 link carries unfragmented: 1,280 bytes without the IPv6 and the UDP header.
    private static final int OWN_UDP_SIZE = 1_232;

    private Dns() {
    }

    /// Whether the message has a header.
    ///
    /// @param message address of the first byte
    /// @param length bytes of the message
    /// @return true if the getters without a length may be called
    public static boolean isValid(long message, int length) {
        return length >= LENGTH;
    }

    /// What a query and its answer have in common, beside the question.
    ///
    /// @param message address of the first byte
    /// @return 0 to 65,535
    public static int id(long message) {
        return NetworkOrder.u16(message);
    }

    /// Sets the ID.
    ///
    /// @param message address of the first byte
    /// @param value its low 16 bits
    public static void id(long message, int value) {
        NetworkOrder.u16(message, value);
    }

    /// Whether the message is an answer.
    ///
    /// @param message address of the first byte
    /// @return true with QR
    public static boolean isResponse(long message) {
        return (NetworkOrder.u16(message + FLAGS) & RESPONSE) != 0;
    }

    /// Whether the answer was cut to fit into a datagram.
    ///
    /// @param message address of the first byte
    /// @return true with TC
    public static boolean isTruncated(long message) {
        return (NetworkOrder.u16(message + FLAGS) & TRUNCATED) != 0;
    }

    /// What kind of query it is.
    ///
    /// @param message address of the first byte
    /// @return [#QUERY] or another of 0 to 15
    public static int opcode(long message) {
        return (NetworkOrder.u16(message + FLAGS) & OPCODE) >>> OPCODE_SHIFT;
    }

    /// How the query went, as far as the header says.
    ///
    /// @param message address of the first byte
    /// @return 0 to 15
    public static int rcode(long message) {
        return NetworkOrder.u16(message + FLAGS) & RCODE;
    }

    /// How many questions there are, as the header says.
    ///
    /// @param message address of the first byte
    /// @return 0 to 65,535
    public static int qdcount(long message) {
        return NetworkOrder.u16(message + QDCOUNT);
    }

    /// Where the only question ends.
    ///
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @return offset of what follows, or [#MALFORMED] if there is not exactly one question, or it is not whole
    public static int questionEnd(long message, int length) {
        if (qdcount(message) != 1) {
            return MALFORMED;
        }
        int end = nameEnd(message, length, LENGTH);
        return end == MALFORMED || end + QUESTION_TAIL > length ? MALFORMED : end + QUESTION_TAIL;
    }

    /// The type that is asked for.
    ///
    /// @param message address of the first byte
    /// @param questionEnd as [#questionEnd] returned it
    /// @return a type of records
    public static int questionType(long message, int questionEnd) {
        return NetworkOrder.u16(message + questionEnd - QUESTION_TAIL);
    }

    /// Whether an answer belongs to a query by its question, one of the things a forger has to guess (RFC 5452, 9.1).
    ///
    /// @param query address of the first byte of a valid query
    /// @param queryLength bytes of the query
    /// @param answer address of the first byte of a valid answer
    /// @param answerLength bytes of the answer
    /// @return true if both have exactly one whole question and it is the same, whatever the case of its letters
    public static boolean isSameQuestion(long query, int queryLength, long answer, int answerLength) {
        int end = questionEnd(query, queryLength);
        if (end == MALFORMED || questionEnd(answer, answerLength) != end) {
            return false;
        }
        for (int i = LENGTH; i < end - QUESTION_TAIL; i++) {
            if (lowerCase(NetworkOrder.u8(query + i)) != lowerCase(NetworkOrder.u8(answer + i))) {
                return false;
            }
        }
        return NetworkOrder.u32(query + end - QUESTION_TAIL) == NetworkOrder.u32(answer + end - QUESTION_TAIL);
    }

    /// Walks over a name.
    ///
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @param offset of the name
    /// @return offset of what follows, or [#MALFORMED] if the name leaves the message, is longer than 255 bytes, has
    ///     a label of a reserved kind, or a pointer that does not point to in front of the name
    public static int nameEnd(long message, int length, int offset) {
        int next = offset;
        while (next < length && next - offset < MAX_NAME) {
            int octet = NetworkOrder.u8(message + next);
            if (octet == 0) {
                return next + 1;
            }
            if (octet >= POINTER) {
                return next + 2 <= length && isBackward(message + next, offset) ? next + 2 : MALFORMED;
            }
            if (octet > LABEL) {
                return MALFORMED;
            }
            next += 1 + octet;
        }
        return MALFORMED;
    }

    /// Finds the OPT record, which says that the sender speaks EDNS (RFC 6891, 6.1.1).
    ///
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @return its offset; [#NO_OPT]; or [#MALFORMED] if the message is not exactly one question and whole records, or
    ///     has two OPT records, or one among the answers or with a name
    public static int opt(long message, int length) {
        int offset = questionEnd(message, length);
        int others = NetworkOrder.u16(message + ANCOUNT) + NetworkOrder.u16(message + NSCOUNT);
        int records = others + NetworkOrder.u16(message + ARCOUNT);
        int opt = NO_OPT;
        for (int i = 0; i < records && offset != MALFORMED; i++) {
            int tail = nameEnd(message, length, offset);
            if (tail == MALFORMED || tail + RECORD_TAIL > length) {
                return MALFORMED;
            }
            if (NetworkOrder.u16(message + tail) == TYPE_OPT) {
                if (i < others || opt != NO_OPT || tail != offset + 1) {
                    return MALFORMED;
                }
                opt = offset;
            }
            offset = tail + RECORD_TAIL + NetworkOrder.u16(message + tail + RECORD_TAIL - 2);
            if (offset > length) {
                return MALFORMED;
            }
        }
        return offset == MALFORMED ? MALFORMED : opt;
    }

    /// How many bytes of a message the sender takes over UDP.
    ///
    /// @param message address of the first byte
    /// @param opt as [#opt] returned it, not [#MALFORMED]
    /// @return at least [#MIN_UDP_SIZE]
    public static int udpSize(long message, int opt) {
        return opt == NO_OPT ? MIN_UDP_SIZE : Math.max(NetworkOrder.u16(message + opt + OPT_SIZE), MIN_UDP_SIZE);
    }

    /// The version of EDNS that the sender speaks.
    ///
    /// @param message address of the first byte
    /// @param opt offset of the OPT record
    /// @return 0; others are to be answered with [#BADVERS]
    public static int ednsVersion(long message, int opt) {
        return NetworkOrder.u8(message + opt + OPT_VERSION);
    }

    /// Writes an answer that says no more than how the query went: its header, its question and, if the query has one,
    /// an OPT record. If the query makes no sense, the header alone.
    ///
    /// @param reply address of the first of `length` bytes to write, apart from the query
    /// @param query address of the first byte of a valid query
    /// @param length bytes of the query
    /// @param rcode for example [#SERVFAIL]; its upper bits only reach a client that speaks EDNS
    /// @return bytes of the answer, at most `length`
    public static int emitError(long reply, long query, int length, int rcode) {
        int opt = opt(query, length);
        int questionEnd = opt == MALFORMED ? LENGTH : questionEnd(query, length);
        NativeMemory.copy(query, reply, questionEnd);
        NetworkOrder.u16(reply + FLAGS, replyFlags(query) | rcode & RCODE);
        NetworkOrder.u16(reply + QDCOUNT, opt == MALFORMED ? 0 : 1);
        NetworkOrder.u32(reply + ANCOUNT, 0);
        NetworkOrder.u16(reply + ARCOUNT, opt > 0 ? 1 : 0);
        if (opt <= 0) {
            return questionEnd;
        }
        emitOpt(reply + questionEnd, rcode >>> 4, NetworkOrder.u16(query + opt + OPT_FLAGS) & DNSSEC_OK);
        return questionEnd + OPT_LENGTH;
    }

    /// Writes an answer that has no room for what was found: the client is to ask again over TCP.
    ///
    /// @param reply address of the first of `length` bytes to write, apart from the query
    /// @param query address of the first byte of a valid query
    /// @param length bytes of the query
    /// @return bytes of the answer, at most `length`
    public static int emitTruncated(long reply, long query, int length) {
        int replyLength = emitError(reply, query, length, NOERROR);
        NetworkOrder.u16(reply + FLAGS, NetworkOrder.u16(reply + FLAGS) | TRUNCATED);
        return replyLength;
    }

    /// Leaves the lengths of labels alone: they are below every letter.
    private static int lowerCase(int octet) {
        return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
    }

    private static int replyFlags(long query) {
        return NetworkOrder.u16(query + FLAGS) & (OPCODE | RECURSION_DESIRED) | RESPONSE | RECURSION_AVAILABLE;
    }

    private static void emitOpt(long record, int extendedRcode, int flags) {
        NetworkOrder.u8(record, 0);
        NetworkOrder.u16(record + 1, TYPE_OPT);
        NetworkOrder.u16(record + OPT_SIZE, OWN_UDP_SIZE);
        NetworkOrder.u8(record + OPT_EXTENDED_RCODE, extendedRcode);
        NetworkOrder.u8(record + OPT_VERSION, 0);
        NetworkOrder.u16(record + OPT_FLAGS, flags);
        NetworkOrder.u16(record + OPT_RDLENGTH, 0);
    }

    private static boolean isBackward(long pointer, int name) {
        int target = NetworkOrder.u16(pointer) & ~(POINTER << 8);
        return target >= LENGTH && target < name;
    }
}
