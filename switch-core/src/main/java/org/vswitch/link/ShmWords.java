package org.vswitch.link;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A message of the handshake over shared memory, whose length, magic and version are right.
///
/// @param message its bytes
record ShmWords(MemorySegment message) {
    /// Checks what has come.
    ///
    /// @param bytes all of it
    /// @param length what it must have
    /// @param magic its first word
    /// @param version its second
    /// @throws IOException with what is wrong, to stand behind a name
    static ShmWords of(byte[] bytes, int length, int magic, int version) throws IOException {
        ShmWords words = new ShmWords(MemorySegment.ofArray(bytes));
        if (bytes.length < 2 * Integer.BYTES || words.at(0) != magic) {
            throw new IOException("does not speak of shared memory");
        }
        if (words.at(Integer.BYTES) != version) {
            throw new IOException("speaks version=" + Integer.toUnsignedString(words.at(Integer.BYTES))
                    + " (known: " + version + ")");
        }
        if (bytes.length != length) {
            throw new IOException("said " + bytes.length + " bytes of " + length);
        }
        return words;
    }

    /// A number in the machine's byte order.
    int at(int offset) {
        return message.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }
}
