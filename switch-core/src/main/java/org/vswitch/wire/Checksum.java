package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

/// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
///
/// Theory of operation. The sum does not depend on the byte order it is computed in (RFC 1071, 2.B), nor on the width
/// of the words that are added, as long as carries come back in at the bottom (2.C): so whole machine words are
/// loaded and the result is turned into network order once. The loop keeps the sum modulo 2^64 and the sum of the upper
/// halves; the lower halves follow from both, so that no carry is looked at per word. Sums of pieces combine; a piece
/// that begins at an odd offset counts with its bytes swapped (2.B again).
///
/// Sums are 0 to 0xffff, in which 0 and 0xffff both mean zero; only nothing but zero bytes sums to 0. Memory that
/// changes meanwhile makes a sum wrong, nothing else.
public final class Checksum {
    private static final long LOWER_HALF = 0xffff_ffffL;

    private Checksum() {
    }

    /// Sums a range that begins at an even offset of what is to be checksummed.
    ///
    /// @param address the first byte
    /// @param length how many bytes; an odd last one counts as if a zero byte followed
    /// @return 0 to 0xffff
    public static int sum(long address, int length) {
        long all = 0;
        long upper = 0;
        long more = 0;
        long moreUpper = 0;
        int i = 0;
        for (; i + 32 <= length; i += 32) {
            long a = NativeMemory.getLong(address + i);
            long b = NativeMemory.getLong(address + i + 8);
            long c = NativeMemory.getLong(address + i + 16);
            long d = NativeMemory.getLong(address + i + 24);
            all += a;
            more += b;
            all += c;
            more += d;
            upper += a >>> 32;
            moreUpper += b >>> 32;
            upper += c >>> 32;
            moreUpper += d >>> 32;
        }
        for (; i + 8 <= length; i += 8) {
            long a = NativeMemory.getLong(address + i);
            all += a;
            upper += a >>> 32;
        }
        upper += moreUpper;
        long lower = all + more - (upper << 32);
        return withTail(upper + lower, address + i, length - i);
    }

    /// Adds the sum of a further piece.
    ///
    /// @param sum of everything in front of the piece
    /// @param piece its sum, as if it began at an even offset
    /// @param offset where it begins in what is to be checksummed
    /// @return the sum of both
    public static int combine(int sum, int piece, int offset) {
        return fold(sum + (offset % 2 == 0 ? piece : NetworkOrder.swapped16(piece)));
    }

    /// Brings carries back in until 16 bits are left.
    ///
    /// @param sum 0 or more
    /// @return 0 to 0xffff, 0 only for 0
    public static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & LOWER_HALF);
        folded = (folded >>> 16) + (folded & 0xffff);
        folded = (folded >>> 16) + (folded & 0xffff);
        return (int) ((folded >>> 16) + (folded & 0xffff));
    }

    /// What goes into the checksum field, and what a receiver finds to be 0 if it sums over a right one.
    ///
    /// @param sum 0 to 0xffff
    /// @return its complement, 0 to 0xffff
    public static int complement(int sum) {
        return ~sum & 0xffff;
    }

    /// Adds up to seven bytes behind the last whole word and turns the result into network order.
    private static int withTail(long words, long address, int length) {
        long sum = (words >>> 32) + (words & LOWER_HALF);
        long next = address;
        if ((length & 4) != 0) {
            sum += NativeMemory.getInt(next) & LOWER_HALF;
            next += 4;
        }
        if ((length & 2) != 0) {
            sum += NativeMemory.getShort(next);
            next += 2;
        }
        int even = NetworkOrder.fromMachine16(fold(sum));
        return (length & 1) == 0 ? even : fold(even + NetworkOrder.upperOctet(NetworkOrder.u8(next)));
    }
}
