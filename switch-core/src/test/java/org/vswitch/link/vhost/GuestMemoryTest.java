package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Seeds;
import org.vswitch.link.vhost.GuestMemory.Region;
import org.vswitch.linux.Fd;
import org.vswitch.linux.NativeMemory;

/// Addresses of a guest and of its front-end, and what happens to those that are none.
class GuestMemoryTest {
    private static final int BYTES = 64 * 1024;
    private static final long GUEST = FrontEndMemory.GUEST;

    private FrontEndMemory front;

    @BeforeEach
    void share() throws IOException {
        front = new FrontEndMemory(BYTES, 5_000, 20_480, 20_481);
    }

    @AfterEach
    void close() {
        front.close();
    }

    @Test
    void shouldFindEveryByteThatThereIs() {
        Seeds.check(20, this::findEveryByte);
    }

    private void findEveryByte(Random random) throws IOException {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        front.put(GUEST, bytes);
        try (GuestMemory memory = front.mapped()) {
            for (int i = 0; i < 1000; i++) {
                int at = random.nextInt(BYTES);
                int length = 1 + random.nextInt(BYTES - at);
                byte[] found = new byte[length];
                for (int done = 0; done < length;) {
                    long host = memory.hostAddress(GUEST + at + done);
                    int part = (int) Math.min(memory.contiguous(GUEST + at + done), length - done);
                    assertEquals(host, memory.hostAddress(GUEST + at + done, part));
                    assertEquals(host, memory.translateUser(FrontEndMemory.user(GUEST + at + done), part));
                    NativeMemory.copyOut(host, found, done, part);
                    done += part;
                }
                assertArrayEquals(Arrays.copyOfRange(bytes, at, at + length), found);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"-1, 1", "65536, 1", "65535, 2", "4999, 2", "5000, 15481", "20480, 2", "0, 4294967295",
        "0, 9223372036854775807", "-1048577, 1", "-9223372036854775807, 1", "9223372036853727231, 1",
        "9223372036853727231, 9223372036854775807"})
    void shouldNotFindWhatIsNotInOneRegion(long offset, long length) throws IOException {
        try (GuestMemory memory = front.mapped()) {
            for (int warm = 0; warm < 2; warm++) {
                assertEquals(0, memory.hostAddress(GUEST + offset, length));
                assertEquals(0, memory.translateUser(FrontEndMemory.user(GUEST + offset), length));
                assertNotEquals(0, memory.hostAddress(GUEST + 5_000));
            }
        }
        assertEquals(0, GuestMemory.NONE.hostAddress(0, 1));
        assertEquals(0, GuestMemory.NONE.hostAddress(0));
        assertEquals(0, GuestMemory.NONE.translateUser(0, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "0x1000, 0, 0x1000, 0",
        "0x1000, -1, 0x1000, 0",
        "-1, 0x1000, 0x1000, 0",
        "0x1000, 0x1000, -0x1000, 0",
        "0x1000, 0x1000, 0x1000, -0x1000",
        "0x7ffffffffffff000, 0x1000, 0x1000, 0",
        "0x1000, 0x1000, 0x7ffffffffffff000, 0",
        "0x1000, 0x1000, 0x1000, 0x7ffffffffffff000",
        "0x1000, 0x7fffffffffffffff, 0x1000, 0x1000",
        "0x1000, 0x10001, 0x1000, 0",
        "0x1000, 0x10000, 0x1000, 1",
        "0x1000, 0x4000000000000000, 0x1000, 0"})
    void shouldRefuseRegionsThatAreNone(String guest, String size, String user, String offset) throws IOException {
        Region region = new Region(Long.decode(guest), Long.decode(size), Long.decode(user), Long.decode(offset));
        List<Fd> files = front.copies(1);
        assertThrows(IOException.class, () -> GuestMemory.map(List.of(region), files));
        assertEquals(-1, files.getFirst().number(), "closed");
    }

    @Test
    void shouldRefuseOverlapsAndCloseEverything() throws IOException {
        Region first = new Region(0, 0x1000, 0x1000, 0);
        List<Fd> files = front.copies(2);
        String message = assertThrows(IOException.class,
                () -> GuestMemory.map(List.of(first, new Region(0xfff, 0x1000, 0x9000, 0)), files)).getMessage();
        assertTrue(message.contains("overlaps"), message);
        assertTrue(files.stream().allMatch(file -> file.number() < 0));
        List<Fd> more = front.copies(2);
        assertThrows(IOException.class, () -> GuestMemory.map(List.of(first), more));
        assertTrue(more.stream().allMatch(file -> file.number() < 0));
    }

    @Test
    void shouldRefuseWhatIsNoFile() throws IOException {
        try (Bell bell = new Bell()) {
            List<Fd> files = List.of(bell.copy());
            assertThrows(IOException.class, () -> GuestMemory.map(List.of(new Region(0, 1, 0, 0)), files));
            assertEquals(-1, files.getFirst().number());
        }
    }

    @Test
    void shouldRefuseTooMany() throws IOException {
        List<Region> regions = LongStream.rangeClosed(0, GuestMemory.MAX_REGIONS)
                .mapToObj(i -> new Region(i * 0x1000, 0x1000, i * 0x1000, 0)).toList();
        List<Fd> files = new ArrayList<>();
        for (int i = 0; i < regions.size(); i++) {
            files.add(front.copies(1).getFirst());
        }
        assertThrows(IOException.class, () -> GuestMemory.map(regions, files));
        assertTrue(files.stream().allMatch(file -> file.number() < 0));
    }

    @Test
    void shouldTakeOneThatIsThereTwiceOnce() throws IOException {
        Region region = new Region(0, 0x1000, 0x1000, 0);
        try (GuestMemory memory = GuestMemory.map(List.of(region, region), front.copies(2));
                GuestMemory same = memory.with(region, front.copies(1).getFirst())) {
            assertEquals(List.of(region), memory.regions());
            assertEquals(List.of(region), same.regions());
        }
    }

    @Test
    void shouldShareMappingsUntilNobodyUsesThem() throws IOException {
        Region low = new Region(0, 0x1000, 0x10_0000, 0);
        Region high = new Region(0x1000, 0x1000, 0x20_0000, 0x1000);
        GuestMemory memory = GuestMemory.map(List.of(low), front.copies(1));
        GuestMemory more = memory.with(high, front.copies(1).getFirst());
        long host = memory.hostAddress(0);
        assertEquals(host, more.hostAddress(0));
        assertEquals(3, front.mappings());
        memory.close();
        assertEquals(0, NativeMemory.getByte(host));
        GuestMemory less = more.without(new Region(0x1000, 0x1000, 0x20_0000, 0));
        assertThrows(IOException.class, () -> less.without(high));
        more.close();
        assertEquals(0, NativeMemory.getByte(host));
        assertEquals(2, front.mappings());
        less.hold();
        less.close();
        assertEquals(0, NativeMemory.getByte(host));
        less.close();
        assertEquals(1, front.mappings(), "the front-end's own");
    }

    @Test
    void shouldTellWhetherItCanBeCutShort() throws IOException {
        try (GuestMemory memory = front.mapped()) {
            assertTrue(memory.isSealed());
        }
        Path path = Files.createTempFile("guest", "memory");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0x1000);
            List<Fd> files = List.of(FrontEndMemory.descriptorOf(path));
            try (GuestMemory memory = GuestMemory.map(List.of(new Region(0, 0x1000, 0, 0)), files)) {
                assertFalse(memory.isSealed());
            }
        } finally {
            Files.delete(path);
        }
    }
}
