package org.vswitch.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What who connects to a switch's shared memory says first, the least significant byte of each number first:
///
/// ```
/// | magic 4 | version 1 (4) | takes 4 | longest frame 4 | port 4 | zero 4 | description, padded with zeros (128) |
/// ```
///
/// @param takes offloads that it takes, a set of bits of [ShmFeatures]
/// @param maxFrame the longest frame that it takes, in bytes
/// @param port the port wanted, 0 for any; only in a VDE network
/// @param description for consoles; what is beyond 128 bytes is cut off
public record ShmHello(int takes, int maxFrame, int port, String description) {
    /// Its bytes, always as many.
    public static final int LENGTH = 152;

    private static final int MAGIC = 0x5653_4831;
    private static final int PORT = ShmWords.REST;
    private static final int DESCRIPTION = 24;
    private static final int MAX_DESCRIPTION = LENGTH - DESCRIPTION;

    /// Reads one.
    ///
    /// @param bytes as many as came
    /// @return valid, its description without control characters
    /// @throws IOException with what is wrong, to stand behind a name
    public static ShmHello parse(byte[] bytes) throws IOException {
        ShmWords words = ShmWords.of(bytes, LENGTH, MAGIC);
        int maxFrame = words.at(ShmWords.LONGEST);
        if (!ShmFeatures.isFrame(maxFrame)) {
            throw new IOException("takes frames of " + Integer.toUnsignedString(maxFrame) + " bytes");
        }
        int end = DESCRIPTION;
        while (end < LENGTH && bytes[end] != 0) {
            end++;
        }
        StringBuilder clean = new StringBuilder();
        new String(bytes, DESCRIPTION, end - DESCRIPTION, StandardCharsets.UTF_8).codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c).forEach(clean::appendCodePoint);
        return new ShmHello(words.at(ShmWords.TAKES), maxFrame, words.at(PORT), clean.toString());
    }

    /// The bytes to send, in one piece.
    byte[] emit() {
        byte[] bytes = ShmWords.begin(LENGTH, MAGIC).put(ShmWords.TAKES, takes).put(ShmWords.LONGEST, maxFrame)
                .put(PORT, port).bytes();
        byte[] text = description.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, bytes, DESCRIPTION, Math.min(text.length, MAX_DESCRIPTION));
        return bytes;
    }

    /// What may be sent to whoever says this.
    ///
    /// @param ours what the URL at this side allows
    LinkFeatures features(Offload ours) {
        return ShmFeatures.of(takes & ShmFeatures.bits(ours), maxFrame);
    }
}
