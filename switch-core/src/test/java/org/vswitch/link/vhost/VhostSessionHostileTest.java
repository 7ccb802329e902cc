package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.link.vhost.FrontEndTalk.place;
import static org.vswitch.link.vhost.FrontEndTalk.region;
import static org.vswitch.link.vhost.FrontEndTalk.slot;
import static org.vswitch.link.vhost.FrontEndTalk.table;
import static org.vswitch.link.vhost.FrontEndTalk.u32;
import static org.vswitch.link.vhost.FrontEndTalk.u64;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.Fd;

/// What no front-end says that means well. Whatever it is: no descriptor stays, and nothing of the former state goes.
class VhostSessionHostileTest {
    private FrontEndTalk talk;
    private ToldDevice device;

    @BeforeEach
    void begin() throws IOException {
        talk = new FrontEndTalk(FrontEndTalk.offer(1));
        device = talk.device();
        talk.agree();
    }

    @AfterEach
    void close() {
        talk.close();
    }

    /// CVE-2019-14818: descriptors with messages that have none.
    @ParameterizedTest
    @EnumSource(VhostRequest.class)
    void shouldCloseDescriptorsThatDoNotBelongToAMessage(VhostRequest request) throws IOException {
        for (int round = 0; round < 20; round++) {
            try {
                talk.session().handle(FrontEndTalk.needing(request, new byte[8]), eight());
            } catch (VhostRefusal refusal) {
                assertTrue(refusal.getMessage().startsWith(request.name()), refusal.getMessage());
            }
        }
        talk.session().close();
        assertEquals(0, talk.open());
    }

    @Test
    void shouldCloseTheDescriptorsOfUnknownMessages() throws IOException {
        VhostMessage unknown = new VhostMessage(4711, 9, new byte[3]);
        assertEquals(20, talk.session().handle(unknown, eight()).length);
        assertEquals(0, talk.open());
        IOException end = assertThrows(VhostRefusal.class,
                () -> talk.session().handle(new VhostMessage(4711, 1, new byte[3]), eight()));
        assertEquals("request=4711: unknown", end.getMessage());
    }

    @Test
    void shouldRefuseWhatWasNotOffered() throws IOException {
        assertEquals(1, talk.acknowledged(VhostRequest.SET_LOG_BASE, new byte[16], talk.fd()));
        assertEquals(1, talk.acknowledged(VhostRequest.SET_INFLIGHT_FD, new byte[20], talk.fd()));
        assertEquals(1, talk.acknowledged(VhostRequest.SET_STATUS, new byte[8]));
        assertEquals("GET_CONFIG: not offered", assertThrows(VhostRefusal.class, () -> talk.session().handle(
                FrontEndTalk.message(VhostRequest.GET_CONFIG, new byte[12]), List.of())).getMessage());
        assertEquals(0, talk.open());
    }

    @Test
    void shouldNotTellOfRefusalsForEver() throws IOException {
        for (int i = 0; i < 100; i++) {
            assertEquals(1, talk.acknowledged(VhostRequest.SET_STATUS, new byte[8]));
        }
        assertTrue(talk.log().size() < 10, talk.log().toString());
        assertEquals("refused SET_STATUS: not offered", talk.log().getFirst());
    }

    /// CVE-2020-10723: a ring's number that is right once it is cut.
    @ParameterizedTest
    @ValueSource(longs = {2, 255, 256 + 512, 1L << 16, 1L << 32, 1L << 40 | 1, -1})
    void shouldRefuseRingsThereAreNot(long ring) throws IOException {
        for (VhostRequest request : new VhostRequest[] {VhostRequest.SET_VRING_KICK, VhostRequest.SET_VRING_CALL,
            VhostRequest.SET_VRING_ERR}) {
            assertEquals(1, talk.acknowledged(request, u64(ring), talk.fd()), request.name());
        }
        assertEquals(0, talk.open());
        int low = (int) ring;
        if (low >>> 1 != 0) {
            assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_NUM, u32(low, 256)));
            assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_BASE, u32(low, 0)));
            assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_ENABLE, u32(low, 1)));
            assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_ADDR, place(low)));
            assertThrows(VhostRefusal.class, () -> talk.stop(low));
        }
        assertEquals(List.of(), device.take());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 255, 65_536, 32_769, -1, Integer.MIN_VALUE})
    void shouldRefuseSizesThatNoRingHas(int size) throws IOException {
        assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_NUM, u32(0, size)));
    }

    @Test
    void shouldRefuseNumbersThatMakeNoSense() throws IOException {
        assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_BASE, u32(0, 65_536)));
        assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_ENABLE, u32(0, 2)));
        assertEquals(0, talk.acknowledged(VhostRequest.SET_VRING_BASE, u32(0, 65_535)));
    }

    @Test
    void shouldRefuseFeaturesThatWereNotOffered() throws IOException {
        assertEquals(1, talk.acknowledged(VhostRequest.SET_FEATURES, u64(1L << 34 | 1L << 63)));
        assertEquals(List.of("refused SET_FEATURES: not offered: RING_PACKED, bit 63"), talk.log());
        assertEquals(1, talk.acknowledged(VhostRequest.SET_PROTOCOL_FEATURES, u64(1L << 16 | 8)));
        assertEquals(List.of(), device.take());
    }

    @Test
    void shouldRefuseAKickThatIsMissing() throws IOException {
        assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_KICK, u64(0)));
        assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_CALL, u64(0)));
    }

    @ParameterizedTest
    @CsvSource({"8, 0, 0", "0, 4, 0", "0, 0, 1"})
    void shouldRefuseRingsThatAreNotAligned(int descriptors, int used, int available) throws IOException {
        long at = FrontEndTalk.USER;
        byte[] payload = FrontEndTalk.joined(u32(0, 0), u64(at + descriptors, at + 0x9000 + used / 2,
                at + 0x8000 + available, 0));
        assertEquals(1, talk.acknowledged(VhostRequest.SET_VRING_ADDR, payload));
    }

    /// Length over the range, not only where it starts: the descriptor table begins in the last page.
    @Test
    void shouldNotStartARingThatLeavesTheMemory() throws IOException {
        talk.tell(VhostRequest.SET_MEM_TABLE, table(region()), talk.fd());
        talk.tell(VhostRequest.SET_VRING_NUM, u32(0, 32_768));
        long end = FrontEndTalk.USER + FrontEndTalk.SIZE;
        for (long[] place : new long[][] {{end - 4096, end - 0x20000, end - 0x40000},
            {FrontEndTalk.USER, end - 4096, end - 0x20000}, {FrontEndTalk.USER, FrontEndTalk.USER, end - 4096},
            {0, FrontEndTalk.USER, FrontEndTalk.USER}, {-4096, FrontEndTalk.USER, FrontEndTalk.USER}}) {
            talk.tell(VhostRequest.SET_VRING_ADDR,
                    FrontEndTalk.joined(u32(0, 0), u64(place[0], place[1], place[2], 0)));
            talk.tell(VhostRequest.SET_VRING_KICK, u64(0), talk.fd());
            assertNull(device.setup(0), Arrays.toString(place));
        }
    }

    /// CVE-2020-10722 and its like: sums that wrap, sizes of nothing, files that are shorter.
    @ParameterizedTest
    @CsvSource({"0, 0, 0x7f0000000000, 0", "0, 0x100000, 0x7f0000000000, 0x1000", "0, 0x200000, 0x7f0000000000, 0",
        "0, 0x1000, 0x7f0000000000, -4096", "0, -1, 0x7f0000000000, 1", "-4096, 0x2000, 0x7f0000000000, 0",
        "0, 0x2000, -4096, 0", "0, 0x7fffffffffffffff, 0x7f0000000000, 0x7fffffffffffffff"})
    void shouldRefuseMemoryThatCannotBe(String guest, String size, String user, String offset) throws IOException {
        GuestMemory.Region bad = new GuestMemory.Region(Long.decode(guest), Long.decode(size), Long.decode(user),
                Long.decode(offset));
        talk.tell(VhostRequest.SET_MEM_TABLE, table(region()), talk.fd());
        assertEquals(1, talk.acknowledged(VhostRequest.SET_MEM_TABLE, table(bad), talk.fd()));
        assertEquals(1, talk.acknowledged(VhostRequest.ADD_MEM_REG, slot(bad), talk.fd()));
        assertEquals(0, talk.open());
        assertEquals(1, talk.mapped(), "what was there stays");
    }

    @Test
    void shouldRefuseMoreOrLessDescriptorsThanRegions() throws IOException {
        assertEquals(1, talk.acknowledged(VhostRequest.SET_MEM_TABLE, table(region())));
        assertEquals(1, talk.acknowledged(VhostRequest.SET_MEM_TABLE, table(region()), talk.fd(), talk.fd()));
        assertEquals(1, talk.acknowledged(VhostRequest.ADD_MEM_REG, slot(region())));
        assertEquals(1, talk.acknowledged(VhostRequest.REM_MEM_REG, slot(region())), "there is none");
        assertEquals(0, talk.open());
    }

    @Test
    void shouldRefuseMoreRegionsThanOneMessageHas() throws IOException {
        byte[] payload = FrontEndTalk.joined(u32(9, 0), new byte[9 * 32]);
        assertEquals(1, talk.acknowledged(VhostRequest.SET_MEM_TABLE, payload));
        assertEquals("refused SET_MEM_TABLE: regions=9 (at most 8)", talk.log().getLast());
    }

    /// As many as there may be, and one more; all of them at once.
    @Test
    void shouldBoundTheRegionsOfAllMessages() throws IOException {
        for (int i = 0; i < GuestMemory.MAX_REGIONS; i++) {
            assertEquals(0, talk.acknowledged(VhostRequest.ADD_MEM_REG, slot(page(i)), talk.fd()), "region " + i);
        }
        assertEquals(1, talk.acknowledged(VhostRequest.ADD_MEM_REG, slot(page(GuestMemory.MAX_REGIONS)), talk.fd()));
        assertEquals(GuestMemory.MAX_REGIONS, talk.mapped());
        assertEquals(0, talk.open());
    }

    private static GuestMemory.Region page(int i) {
        return new GuestMemory.Region(0x2000L * i, 0x1000, FrontEndTalk.USER + 0x2000L * i, 0x1000L * i);
    }

    @ParameterizedTest
    @EnumSource(VhostRequest.class)
    void shouldRefusePayloadsOfAnotherLength(VhostRequest request) throws IOException {
        for (int length : new int[] {0, 1, 7, 9, 39, 41, 511}) {
            if (request.isOffered() && !request.fits(length)) {
                VhostMessage message = FrontEndTalk.message(request, new byte[length]);
                assertEquals(request.name() + ": payload of " + length + " bytes",
                        assertThrows(VhostRefusal.class, () -> talk.session().handle(message, List.of())).getMessage());
            }
        }
    }

    @Test
    void shouldEndWhenTheDeviceHasEnded() throws IOException {
        talk.tell(VhostRequest.SET_MEM_TABLE, table(region()), talk.fd());
        talk.tell(VhostRequest.SET_VRING_NUM, u32(0, 256));
        talk.tell(VhostRequest.SET_VRING_ADDR, place(0));
        device.end();
        assertEquals("the device has ended", assertThrows(IOException.class,
                () -> talk.tell(VhostRequest.SET_VRING_KICK, u64(0), talk.fd())).getMessage());
    }

    /// Anything in any order: it is answered, refused, or the end; never something else.
    @Test
    void shouldSurviveAnything() {
        Seeds.check(300, random -> {
            try {
                for (int i = 0; i < 40; i++) {
                    talk.session().handle(anything(random), anyFiles(random));
                }
            } catch (VhostRefusal end) {
                assertTrue(end.getMessage().contains(": "), end.getMessage());
            }
            close();
            begin();
        });
    }

    private static VhostMessage anything(Random random) {
        VhostRequest[] all = VhostRequest.values();
        VhostRequest request = all[random.nextInt(all.length)];
        byte[] payload = switch (request) {
            case SET_MEM_TABLE -> table(region());
            case ADD_MEM_REG, REM_MEM_REG -> slot(region());
            case SET_VRING_ADDR -> place(random.nextInt(3));
            case SET_VRING_NUM -> u32(random.nextInt(3), 1 << random.nextInt(17));
            case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR -> u64(random.nextInt(3) | random.nextInt(2) << 8);
            case SET_FEATURES, SET_PROTOCOL_FEATURES, NET_SET_MTU, SEND_RARP -> u64(random.nextLong());
            case SET_VRING_BASE, GET_VRING_BASE, SET_VRING_ENABLE -> u32(random.nextInt(3), random.nextInt(3));
            default -> new byte[random.nextInt(4) == 0 ? random.nextInt(64) : 0];
        };
        if (random.nextInt(8) == 0) {
            payload = Arrays.copyOf(payload, random.nextInt(64));
        }
        return new VhostMessage(request.number(), random.nextInt(8) == 0 ? 1 : 9, payload);
    }

    private List<Fd> anyFiles(Random random) throws IOException {
        List<Fd> files = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            files.add(talk.fd());
        }
        return files;
    }

    private List<Fd> eight() throws IOException {
        List<Fd> files = new ArrayList<>();
        for (int i = 0; i < VhostMessage.MAX_DESCRIPTORS; i++) {
            files.add(talk.fd());
        }
        return files;
    }
}
