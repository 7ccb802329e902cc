package org.vswitch.link;

import java.io.IOException;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;

/// What the listening side says of the memory whose descriptor comes with it, in the machine's byte order:
///
/// ```
/// | magic 4 | version 1 (4) | takes 4 | longest frame 4 | bytes of a ring 4 | zero 4 |
/// ```
///
/// @param takes offloads that it takes, a set of bits of [ShmFeatures]
/// @param maxFrame the longest frame that it takes, in bytes
/// @param ringBytes capacity of each of the two rings
record ShmOffer(int takes, int maxFrame, int ringBytes) {
    /// Its bytes, always as many.
    static final int LENGTH = 24;

    private static final int MAGIC = 0x5653_4f31;
    private static final int VERSION = 1;
    private static final int TAKES = 8;
    private static final int LONGEST = 12;
    private static final int RING = 16;

    /// Our own.
    ///
    /// @param ours what we take
    /// @param ringBytes as above
    static ShmOffer of(Offload ours, int ringBytes) {
        return new ShmOffer(ShmFeatures.bits(ours), FrameSlab.MAX_FRAME, ringBytes);
    }

    /// Reads one.
    ///
    /// @param bytes as many as came
    /// @throws IOException with what is wrong, to stand behind a name
    static ShmOffer parse(byte[] bytes) throws IOException {
        ShmWords words = ShmWords.of(bytes, LENGTH, MAGIC, VERSION);
        ShmOffer offer = new ShmOffer(words.at(TAKES), words.at(LONGEST), words.at(RING));
        if (!ShmFeatures.isFrame(offer.maxFrame) || !ShmLayout.isRing(offer.ringBytes)) {
            throw new IOException("offers rings of " + Integer.toUnsignedString(offer.ringBytes)
                    + " bytes for frames of " + Integer.toUnsignedString(offer.maxFrame));
        }
        return offer;
    }

    /// The bytes to send, in one piece.
    byte[] emit() {
        byte[] bytes = new byte[LENGTH];
        long memory = NativeMemory.map(LENGTH);
        NativeMemory.putInt(memory, MAGIC);
        NativeMemory.putInt(memory + 4, VERSION);
        NativeMemory.putInt(memory + TAKES, takes);
        NativeMemory.putInt(memory + LONGEST, maxFrame);
        NativeMemory.putInt(memory + RING, ringBytes);
        NativeMemory.copyOut(memory, bytes, 0, LENGTH);
        NativeMemory.unmap(memory, LENGTH);
        return bytes;
    }

    /// What may be sent to whoever offers this.
    ///
    /// @param ours what the URL at this side allows
    LinkFeatures features(Offload ours) {
        return ShmFeatures.of(takes & ShmFeatures.bits(ours), maxFrame);
    }
}
