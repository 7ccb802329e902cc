package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.link.Egress;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.NullLink;

/// How much a source may bring at once.
class AttachmentTest {
    private final FrameBatch batch = FrameBatch.forReceiving();
    private final Egress egress = new Egress(new Variants(batch));
    private final Attachment source = new Attachment(
            new Endpoint(1, 1, new NullLink(), new LinkLabel("null", ""), egress), () -> { });

    @AfterEach
    void free() {
        egress.free();
        batch.free();
    }

    @Test
    void shouldBringMoreWhileAllIsTakenAtOnce() {
        for (int i = 0; i < 8; i++) {
            source.forwarded(source.wantedBytes, true);
        }
        assertEquals(Attachment.MOST_BYTES, source.wantedBytes);
    }

    @Test
    void shouldStayWhereLessComesThanIsWanted() {
        source.forwarded(Attachment.LEAST_BYTES / 2, true);
        assertEquals(Attachment.LEAST_BYTES, source.wantedBytes);
    }

    @Test
    void shouldBringLittleOnceSomethingWaits() {
        for (int i = 0; i < 8; i++) {
            source.forwarded(source.wantedBytes, true);
        }
        source.forwarded(60, false);
        assertEquals(Attachment.LEAST_BYTES, source.wantedBytes);
    }
}
