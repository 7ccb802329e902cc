package org.vswitch.link;

import java.io.IOException;
import org.vswitch.linux.NativeMemory;

/// A message of the handshake over shared memory, whose length, magic and version are right.
///
/// @param words its bytes, four at a time, in the machine's byte order
record ShmWords(int[] words) {
    /// Checks what has come.
    ///
    /// @param bytes all of it
    /// @param length what it must have, a multiple of four
    /// @param magic its first word
    /// @param version its second
    /// @throws IOException with what is wrong, to stand behind a name
    static ShmWords of(byte[] bytes, int length, int magic, int version) throws IOException {
        ShmWords read = new ShmWords(words(bytes));
        if (bytes.length < 2 * Integer.BYTES || read.at(0) != magic) {
            throw new IOException("does not speak of shared memory");
        }
        if (read.at(Integer.BYTES) != version) {
            throw new IOException("speaks version=" + Integer.toUnsignedString(read.at(Integer.BYTES))
                    + " (known: " + version + ")");
        }
        if (bytes.length != length) {
            throw new IOException("said " + bytes.length + " bytes of " + length);
        }
        return read;
    }

    /// The number at an offset in bytes, a multiple of four.
    int at(int offset) {
        return words[offset / Integer.BYTES];
    }

    private static int[] words(byte[] bytes) {
        int[] words = new int[bytes.length / Integer.BYTES];
        long memory = NativeMemory.map(bytes.length + 1L);
        NativeMemory.copyIn(bytes, 0, memory, bytes.length);
        for (int i = 0; i < words.length; i++) {
            words[i] = NativeMemory.getInt(memory + (long) Integer.BYTES * i);
        }
        NativeMemory.unmap(memory, bytes.length + 1L);
        return words;
    }
}
