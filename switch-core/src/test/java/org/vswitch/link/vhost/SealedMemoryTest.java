package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.vswitch.link.vhost.FrontEndTalk.region;
import static org.vswitch.link.vhost.FrontEndTalk.slot;
import static org.vswitch.link.vhost.FrontEndTalk.table;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.linux.Fd;

/// Memory that its VMM, or whoever else has the file, can cut short: taken unless the URL says `sealed`.
class SealedMemoryTest {
    private static final String WHY = "memory that can be cut short, and sealed is demanded (F_SEAL_SHRINK of a memfd)";

    @TempDir
    private Path folder;

    @Test
    void shouldTakeSealedMemory() throws IOException {
        try (FrontEndTalk talk = new FrontEndTalk(FrontEndTalk.sealed())) {
            talk.agree();
            assertEquals(0, talk.acknowledged(VhostRequest.SET_MEM_TABLE, table(region()), talk.fd()));
            assertEquals(1, talk.mapped());
            assertEquals(0, talk.acknowledged(VhostRequest.SET_MEM_TABLE, table()));
            assertEquals(0, talk.acknowledged(VhostRequest.ADD_MEM_REG, slot(region()), talk.fd()));
            assertEquals(1, talk.mapped());
            assertEquals(List.of(), talk.log());
        }
    }

    @Test
    void shouldRefuseOtherMemoryAndKeepWhatItHas() throws IOException {
        try (FrontEndTalk talk = new FrontEndTalk(FrontEndTalk.sealed())) {
            talk.agree();
            talk.tell(VhostRequest.SET_MEM_TABLE, table(region()), talk.fd());
            talk.device().take();
            assertEquals(1, talk.acknowledged(VhostRequest.SET_MEM_TABLE, table(region()), unsealed()));
            var second = new GuestMemory.Region(FrontEndTalk.SIZE, FrontEndTalk.SIZE, 0, 0);
            assertEquals(1, talk.acknowledged(VhostRequest.ADD_MEM_REG, slot(second), unsealed()));
            assertEquals(List.of("refused SET_MEM_TABLE: " + WHY, "refused ADD_MEM_REG: " + WHY), talk.log());
            assertEquals(1, talk.mapped(), "the former memory stays");
            assertEquals(List.of(), talk.device().take());
        }
    }

    @Test
    void shouldEndTheConnectionOfWhoWaitsForNoAnswer() throws IOException {
        try (FrontEndTalk talk = new FrontEndTalk(FrontEndTalk.sealed())) {
            Fd file = unsealed();
            assertEquals("SET_MEM_TABLE: " + WHY, assertThrows(VhostRefusal.class,
                    () -> talk.tell(VhostRequest.SET_MEM_TABLE, table(region()), file)).getMessage());
        }
    }

    @Test
    void shouldTakeAnyMemoryUnlessItIsTold() throws IOException {
        try (FrontEndTalk talk = new FrontEndTalk(FrontEndTalk.offer(1))) {
            talk.agree();
            assertEquals(0, talk.acknowledged(VhostRequest.SET_MEM_TABLE, table(region()), unsealed()));
        }
    }

    private Fd unsealed() throws IOException {
        Path path = folder.resolve("memory");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(FrontEndTalk.SIZE);
            return FrontEndMemory.descriptorOf(path);
        }
    }
}
