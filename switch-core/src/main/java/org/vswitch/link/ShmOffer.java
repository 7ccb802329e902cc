package org.vswitch.link;

import java.io.IOException;
import org.vswitch.frame.FrameSlab;

/// What the listening side says of the memory whose descriptor comes with it, the least significant byte of each
/// number first:
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
    private static final int RING = ShmWords.REST;

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
        ShmWords words = ShmWords.of(bytes, LENGTH, MAGIC);
        ShmOffer offer = new ShmOffer(words.at(ShmWords.TAKES), words.at(ShmWords.LONGEST), words.at(RING));
        if (!ShmFeatures.isFrame(offer.maxFrame) || !ShmLayout.isRing(offer.ringBytes)) {
            throw new IOException("offers rings of " + Integer.toUnsignedString(offer.ringBytes)
                    + " bytes for frames of " + Integer.toUnsignedString(offer.maxFrame));
        }
        return offer;
    }

    /// The bytes to send, in one piece.
    byte[] emit() {
        return ShmWords.begin(LENGTH, MAGIC).put(ShmWords.TAKES, takes).put(ShmWords.LONGEST, maxFrame)
                .put(RING, ringBytes).bytes();
    }

    /// What may be sent to whoever offers this.
    ///
    /// @param ours what the URL at this side allows
    LinkFeatures features(Offload ours) {
        return ShmFeatures.of(takes & ShmFeatures.bits(ours), maxFrame);
    }
}
