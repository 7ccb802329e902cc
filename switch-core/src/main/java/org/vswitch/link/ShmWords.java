package org.vswitch.link;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A message of the handshake over shared memory: words of four bytes, the least significant first, and perhaps a text.
/// All begin with
///
/// ```
/// | magic 4 | version 1 (4) | takes 4 | longest frame 4 |
/// ```
final class ShmWords {
    /// Where a message says which offloads its sender takes.
    static final int TAKES = 8;
    /// Where it says the longest frame that its sender takes.
    static final int LONGEST = 12;
    /// Where what else it says begins.
    static final int REST = 16;
    private static final int VERSION = 1;

    private final ByteBuffer bytes;

    private ShmWords(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /// Begins a message.
    ///
    /// @param length how many bytes it has
    /// @param magic its first word
    static ShmWords begin(int length, int magic) {
        return new ShmWords(ByteBuffer.allocate(length)).put(0, magic).put(Integer.BYTES, VERSION);
    }

    /// Checks length, magic and version of what has come.
    ///
    /// @param bytes all of it
    /// @param length what it must have
    /// @param magic its first word
    /// @throws IOException with what is wrong, to stand behind a name
    static ShmWords of(byte[] bytes, int length, int magic) throws IOException {
        ShmWords read = new ShmWords(ByteBuffer.wrap(bytes));
        if (bytes.length < 2 * Integer.BYTES || read.at(0) != magic) {
            throw new IOException("does not speak of shared memory");
        }
        if (read.at(Integer.BYTES) != VERSION) {
            throw new IOException("speaks version=" + Integer.toUnsignedString(read.at(Integer.BYTES))
                    + " (known: " + VERSION + ")");
        }
        if (bytes.length != length) {
            throw new IOException("said " + bytes.length + " bytes of " + length);
        }
        return read;
    }

    /// The number at an offset in bytes.
    int at(int offset) {
        return Integer.reverseBytes(bytes.getInt(offset));
    }

    /// Says a number at an offset in bytes.
    ///
    /// @return this
    ShmWords put(int offset, int number) {
        bytes.putInt(offset, Integer.reverseBytes(number));
        return this;
    }

    /// The whole message.
    ///
    /// @return not a copy
    byte[] bytes() {
        return bytes.array();
    }
}
