package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.link.vhost.FrontEndTalk.place;
import static org.vswitch.link.vhost.FrontEndTalk.region;
import static org.vswitch.link.vhost.FrontEndTalk.slot;
import static org.vswitch.link.vhost.FrontEndTalk.table;
import static org.vswitch.link.vhost.FrontEndTalk.u32;
import static org.vswitch.link.vhost.FrontEndTalk.u64;
import static org.vswitch.link.vhost.VhostRequest.ADD_MEM_REG;
import static org.vswitch.link.vhost.VhostRequest.GET_FEATURES;
import static org.vswitch.link.vhost.VhostRequest.GET_MAX_MEM_SLOTS;
import static org.vswitch.link.vhost.VhostRequest.GET_PROTOCOL_FEATURES;
import static org.vswitch.link.vhost.VhostRequest.GET_QUEUE_NUM;
import static org.vswitch.link.vhost.VhostRequest.NET_SET_MTU;
import static org.vswitch.link.vhost.VhostRequest.REM_MEM_REG;
import static org.vswitch.link.vhost.VhostRequest.RESET_OWNER;
import static org.vswitch.link.vhost.VhostRequest.SEND_RARP;
import static org.vswitch.link.vhost.VhostRequest.SET_BACKEND_REQ_FD;
import static org.vswitch.link.vhost.VhostRequest.SET_FEATURES;
import static org.vswitch.link.vhost.VhostRequest.SET_MEM_TABLE;
import static org.vswitch.link.vhost.VhostRequest.SET_OWNER;
import static org.vswitch.link.vhost.VhostRequest.SET_PROTOCOL_FEATURES;
import static org.vswitch.link.vhost.VhostRequest.SET_VRING_ADDR;
import static org.vswitch.link.vhost.VhostRequest.SET_VRING_BASE;
import static org.vswitch.link.vhost.VhostRequest.SET_VRING_CALL;
import static org.vswitch.link.vhost.VhostRequest.SET_VRING_ENABLE;
import static org.vswitch.link.vhost.VhostRequest.SET_VRING_ERR;
import static org.vswitch.link.vhost.VhostRequest.SET_VRING_KICK;
import static org.vswitch.link.vhost.VhostRequest.SET_VRING_NUM;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;

/// Front-ends as they talk, each in its own order.
class VhostSessionTest {
    private static final long NO_FILE = 0x100;
    private static final long ACKED = VirtioFeatures.VERSION_1 | VirtioFeatures.MRG_RXBUF
            | VirtioFeatures.PROTOCOL_FEATURES;

    private FrontEndTalk talk;
    private ToldDevice device;

    @AfterEach
    void close() {
        if (talk != null) {
            talk.close();
        }
    }

    private void begin(int pairs) throws IOException {
        talk = new FrontEndTalk(FrontEndTalk.offer(pairs));
        device = talk.device();
    }

    @Test
    void shouldStartTheRingsOfAGuestOfQemu() throws IOException {
        begin(1);
        connectLikeQemu(1);
        assertEquals(List.of("enable 0", "enable 1"), device.take(), "the card was made, the guest has not started");
        startLikeQemu(1, ACKED);
        assertEquals(List.of("enable 0", "enable 1", "features 100008000", "memory 1", "start 0 size=256", "call 0",
                "start 1 size=256", "call 1"), device.take());
        assertTrue(talk.session().hasStarted());
    }

    @Test
    void shouldStopAndStartAgainWhenTheGuestReboots() throws IOException {
        begin(1);
        connectLikeQemu(1);
        startLikeQemu(1, ACKED);
        device.take();
        device.index(77);
        assertEquals(77, talk.stop(0));
        assertEquals(77, talk.stop(1));
        assertEquals(List.of("stop 0", "stop 1"), device.take());
        assertEquals(77, talk.stop(0), "asked again, it stands where it stood");
        assertEquals(List.of(), device.take());
        startLikeQemu(1, ACKED | VirtioFeatures.EVENT_IDX);
        assertEquals(List.of("enable 0", "enable 1", "features 120008000", "memory 1", "start 0 size=256 silent",
                "call 0", "start 1 size=256 silent", "call 1"), device.take());
    }

    /// QEMU 7.2 goes through the whole start for each queue pair, while those before it already run.
    @Test
    void shouldStartSeveralQueuePairsOneAfterTheOther() throws IOException {
        begin(2);
        connectLikeQemu(2);
        startLikeQemu(2, ACKED | VirtioFeatures.MQ);
        List<String> told = device.take();
        assertEquals(1, told.stream().filter(line -> line.startsWith("features")).count(), told.toString());
        assertEquals(2, told.stream().filter("memory 1"::equals).count(), told.toString());
        assertEquals(4, told.stream().filter(line -> line.startsWith("start")).count(), told.toString());
        for (int ring = 0; ring < 4; ring++) {
            assertNotNull(device.setup(ring), "ring " + ring);
        }
        assertEquals(1, talk.mapped());
    }

    /// Its order, as its sources show it; it was not recorded.
    @Test
    void shouldStartTheRingsOfAGuestOfCloudHypervisor() throws IOException {
        begin(1);
        talk.tell(SET_OWNER, new byte[0]);
        talk.ask(GET_FEATURES);
        talk.agree();
        assertEquals(1, talk.ask(GET_QUEUE_NUM));
        assertEquals(0, talk.acknowledged(SET_FEATURES, u64(ACKED)));
        assertEquals(0, talk.acknowledged(SET_MEM_TABLE, table(region()), talk.fd()));
        for (int ring = 0; ring < 2; ring++) {
            assertEquals(0, talk.acknowledged(SET_VRING_NUM, u32(ring, 128)));
        }
        for (int ring = 0; ring < 2; ring++) {
            assertEquals(0, talk.acknowledged(SET_VRING_ADDR, place(ring)));
            assertEquals(0, talk.acknowledged(SET_VRING_BASE, u32(ring, 5)));
            assertEquals(0, talk.acknowledged(SET_VRING_CALL, u64(ring), talk.fd()));
            assertEquals(0, talk.acknowledged(SET_VRING_KICK, u64(ring), talk.fd()));
        }
        for (int ring = 0; ring < 2; ring++) {
            assertEquals(0, talk.acknowledged(SET_VRING_ENABLE, u32(ring, 1)));
        }
        assertEquals(0, talk.acknowledged(SET_BACKEND_REQ_FD, new byte[0], talk.fd()));
        assertEquals(List.of("features 100008000", "memory 1", "start 0 size=128", "start 1 size=128", "enable 0",
                "enable 1"), device.take());
        assertEquals(0, talk.acknowledged(SET_VRING_ENABLE, u32(0, 0)));
        assertEquals(0, talk.stop(0));
        assertEquals(List.of("disable 0", "stop 0"), device.take());
    }

    /// Its order, as its sources show it; it was not recorded.
    @Test
    void shouldStartTheRingsOfAGuestOfCrosvm() throws IOException {
        begin(1);
        talk.tell(SET_OWNER, new byte[0]);
        talk.agree();
        talk.tell(SET_FEATURES, u64(ACKED));
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        for (int ring = 0; ring < 2; ring++) {
            talk.tell(SET_VRING_NUM, u32(ring, 256));
            talk.tell(SET_VRING_ADDR, place(ring));
            talk.tell(SET_VRING_BASE, u32(ring, 0));
            talk.tell(SET_VRING_CALL, u64(ring), talk.fd());
            talk.tell(SET_VRING_KICK, u64(ring), talk.fd());
            talk.tell(SET_VRING_ENABLE, u32(ring, 1));
        }
        assertEquals(List.of("features 100008000", "memory 1", "start 0 size=256", "enable 0", "start 1 size=256",
                "enable 1"), device.take());
    }

    /// Whatever comes first: the last of what a ring needs starts it, once.
    @Test
    void shouldStartInAnyOrder() {
        Seeds.check(100, random -> {
            begin(1);
            List<Saying> sayings = new ArrayList<>(List.of(
                    () -> talk.tell(SET_MEM_TABLE, table(region()), talk.fd()),
                    () -> talk.tell(SET_VRING_NUM, u32(1, 64)),
                    () -> talk.tell(SET_VRING_ADDR, place(1)),
                    () -> talk.tell(SET_VRING_KICK, u64(1), talk.fd())));
            List<Saying> others = List.of(
                    () -> talk.tell(SET_VRING_BASE, u32(1, 9)),
                    () -> talk.tell(SET_VRING_CALL, u64(1), talk.fd()),
                    () -> talk.tell(SET_VRING_ENABLE, u32(1, 1)));
            Collections.shuffle(sayings, random);
            Saying last = sayings.removeLast();
            sayings.addAll(others);
            Collections.shuffle(sayings, random);
            for (Saying saying : sayings) {
                saying.say();
            }
            assertNull(device.setup(1), "too early");
            device.take();
            last.say();
            assertNotNull(device.setup(1), "not at all");
            assertEquals(1, device.take().stream().filter(line -> line.startsWith("start 1 size=64")).count());
            close();
            talk = null;
        });
    }

    private interface Saying {
        void say() throws IOException;
    }

    @Test
    void shouldStartWhenTheMemoryComesLast() throws IOException {
        begin(1);
        ring(0, 256);
        assertNull(device.setup(0));
        talk.tell(SET_MEM_TABLE, table(new GuestMemory.Region(0, 4096, FrontEndTalk.USER, 0)), talk.fd());
        assertNull(device.setup(0), "its used ring is not there");
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        assertNotNull(device.setup(0));
    }

    @Test
    void shouldBeConfiguredAnewWhileItRuns() throws IOException {
        begin(1);
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        ring(0, 256);
        device.take();
        talk.tell(SET_VRING_NUM, u32(0, 256));
        talk.tell(SET_VRING_BASE, u32(0, 3));
        talk.tell(SET_VRING_ADDR, place(0));
        assertEquals(List.of(), device.take(), "nothing new");
        talk.tell(SET_VRING_NUM, u32(0, 128));
        assertEquals(List.of("start 0 size=128 silent"), device.take());
        talk.tell(SET_VRING_ADDR, FrontEndTalk.joined(u32(0, 0), u64(FrontEndTalk.USER + 0x40000,
                FrontEndTalk.USER + 0x60000, FrontEndTalk.USER + 0x50000, 0)));
        assertEquals(List.of("start 0 size=128 silent"), device.take());
        talk.tell(SET_VRING_KICK, u64(0), talk.fd());
        assertEquals(128, device.setup(0).size());
        int open = 0;
        for (int i = 0; i < 20; i++) {
            open = talk.open();
            talk.tell(SET_VRING_KICK, u64(0), talk.fd());
            talk.tell(SET_VRING_CALL, u64(0), talk.fd());
            talk.tell(SET_VRING_ERR, u64(0), talk.fd());
        }
        assertEquals(open, talk.open(), "descriptors of a ring that is said anew");
    }

    /// A guest with MSI-X masks its interrupts by taking the descriptor away.
    @Test
    void shouldPassOnMaskedInterrupts() throws IOException {
        begin(1);
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        ring(0, 256);
        device.take();
        for (int i = 0; i < 50; i++) {
            talk.tell(SET_VRING_CALL, u64(NO_FILE));
            talk.tell(SET_VRING_CALL, u64(0), talk.fd());
        }
        List<String> told = device.take();
        assertEquals(100, told.size());
        assertEquals(List.of("call 0 silent", "call 0"), told.subList(98, 100));
    }

    @Test
    void shouldPollARingWithoutKick() throws IOException {
        begin(1);
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        talk.tell(SET_VRING_NUM, u32(0, 256));
        talk.tell(SET_VRING_ADDR, place(0));
        talk.tell(SET_VRING_KICK, u64(NO_FILE));
        assertEquals("start 0 size=256 polled silent", device.take().getLast());
    }

    @Test
    void shouldEnableAllRingsWithoutProtocolFeatures() throws IOException {
        begin(1);
        talk.tell(SET_FEATURES, u64(VirtioFeatures.VERSION_1));
        assertEquals(List.of("features 100000000", "enable 0", "enable 1"), device.take());
        talk.tell(SET_FEATURES, u64(ACKED));
        assertEquals(List.of("features 100008000"), device.take(), "features never disable");
    }

    @Test
    void shouldBeginRingsAnewWithOtherFeatures() throws IOException {
        begin(1);
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        talk.tell(SET_FEATURES, u64(ACKED));
        ring(0, 256);
        device.take();
        talk.tell(SET_FEATURES, u64(ACKED));
        assertEquals(List.of(), device.take());
        talk.tell(SET_FEATURES, u64(ACKED | VirtioFeatures.EVENT_IDX));
        assertEquals(List.of("stop 0", "features 120008000", "start 0 size=256 silent"), device.take());
    }

    @Test
    void shouldTellWhichFeaturesAreNotUsed() throws IOException {
        begin(1);
        long all = talk.ask(GET_FEATURES);
        talk.tell(SET_FEATURES, u64(all & ~(VirtioFeatures.HOST_TSO4 | VirtioFeatures.GUEST_CSUM)));
        talk.tell(SET_FEATURES, u64(all & ~(VirtioFeatures.HOST_TSO4 | VirtioFeatures.GUEST_CSUM)));
        talk.tell(SET_FEATURES, u64(all));
        assertEquals(List.of("not used: GUEST_CSUM, HOST_TSO4", "all features are used"), talk.log());
    }

    /// Firmware takes less than the system behind it; both are there again after each reboot.
    @Test
    void shouldTellOnceOfEachDriverWhatItDoesNotUse() throws IOException {
        begin(1);
        long all = talk.ask(GET_FEATURES);
        for (int boot = 0; boot < 3; boot++) {
            talk.tell(SET_FEATURES, u64(all & ~(VirtioFeatures.MTU | VirtioFeatures.CSUM)));
            talk.tell(SET_FEATURES, u64(all & ~VirtioFeatures.MTU));
        }
        assertEquals(List.of("not used: CSUM, MTU", "not used: MTU"), talk.log());
        for (int bits = 0; bits < 1000; bits++) {
            talk.tell(SET_FEATURES, u64(all & ~offered(all, bits)));
        }
        assertEquals(8, talk.log().size(), "a front-end that goes on for ever");
    }

    /// As many sets of offered bits as there are numbers.
    private static long offered(long all, int number) {
        return Long.expand(number, all & ~VirtioFeatures.PROTOCOL_FEATURES);
    }

    /// Orders differ: that it is not there yet is told, and does not hinder.
    @Test
    void shouldTellOnceThatRingsLieInNoSharedMemory() throws IOException {
        begin(1);
        ring(0, 256);
        ring(1, 256);
        assertEquals(1, talk.log().size(), talk.log().toString());
        assertTrue(talk.log().getFirst().startsWith("ring=0 lies in no memory that is shared with us; "));
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        assertNotNull(device.setup(0));
        assertNotNull(device.setup(1));
    }

    @Test
    void shouldOfferTheSameWheneverItIsAsked() throws IOException {
        begin(2);
        assertEquals(0x1_7060_BB8BL, talk.ask(GET_FEATURES));
        assertEquals(0x801D, talk.ask(GET_PROTOCOL_FEATURES), "before any is agreed to");
        assertEquals(2, talk.ask(GET_QUEUE_NUM));
        assertEquals(GuestMemory.MAX_REGIONS, talk.ask(GET_MAX_MEM_SLOTS));
        talk.tell(SET_FEATURES, u64(0));
        assertEquals(0x1_7060_BB8BL, talk.ask(GET_FEATURES));
    }

    /// A region that QEMU 7.2 adds once for each queue pair is there once.
    @Test
    void shouldTakeMemoryInSlots() throws IOException {
        begin(1);
        talk.agree();
        GuestMemory.Region low = new GuestMemory.Region(0, 0x40000, FrontEndTalk.USER, 0);
        GuestMemory.Region high = new GuestMemory.Region(0x100000, 0x40000, FrontEndTalk.USER + 0x40000, 0x40000);
        for (int pair = 0; pair < 2; pair++) {
            assertEquals(0, talk.acknowledged(ADD_MEM_REG, slot(low), talk.fd()));
            assertEquals(0, talk.acknowledged(ADD_MEM_REG, slot(high), talk.fd()));
        }
        assertEquals(List.of("memory 1", "memory 2", "memory 2", "memory 2"), device.take());
        assertEquals(0, talk.acknowledged(REM_MEM_REG, slot(high)));
        assertEquals(0, talk.acknowledged(REM_MEM_REG, slot(low), talk.fd()), "a descriptor that comes is closed");
        assertEquals(List.of("memory 1", "memory 0"), device.take());
        assertEquals(0, talk.mapped());
        assertEquals(0, talk.open());
    }

    @Test
    void shouldLetRingsRunWhenMemoryIsAdded() throws IOException {
        begin(1);
        talk.agree();
        assertEquals(0, talk.acknowledged(ADD_MEM_REG, slot(new GuestMemory.Region(0, 0x40000, FrontEndTalk.USER, 0)),
                talk.fd()));
        ring(0, 256);
        device.take();
        assertEquals(0, talk.acknowledged(ADD_MEM_REG,
                slot(new GuestMemory.Region(0x100000, 0x40000, FrontEndTalk.USER + 0x40000, 0x40000)), talk.fd()));
        assertEquals(List.of("memory 2"), device.take());
    }

    @Test
    void shouldAnnounceAGuestThatHasMoved() throws IOException {
        begin(1);
        talk.tell(SEND_RARP, new byte[] {0x52, 0x54, 0, 0x12, 0x34, 0x56, 0, 0});
        assertEquals(List.of("inject 525400123456"), device.take());
    }

    @Test
    void shouldTakeTheMtuOfAGuest() throws IOException {
        begin(1);
        talk.agree();
        assertEquals(0, talk.acknowledged(NET_SET_MTU, u64(9000)));
        assertEquals(List.of("mtu 9000"), device.take());
        for (long bad : new long[] {0, 67, 65_536, -1, 1L << 32 | 1500}) {
            assertEquals(1, talk.acknowledged(NET_SET_MTU, u64(bad)), "mtu=" + bad);
        }
        assertEquals(List.of(), device.take());
    }

    @Test
    void shouldAcknowledgeOnlyOnceThatWasAgreed() throws IOException {
        begin(1);
        assertEquals(0, talk.session().handle(FrontEndTalk.needing(SET_OWNER, new byte[0]), List.of()).length);
        talk.tell(SET_PROTOCOL_FEATURES, u64(VhostOffer.REPLY_ACK));
        assertEquals(0, talk.acknowledged(SET_OWNER, new byte[0]));
        assertEquals(20, talk.session().handle(FrontEndTalk.needing(GET_FEATURES, new byte[0]), List.of()).length,
                "an answer of its own, and no second one");
    }

    @Test
    void shouldStopAllWhenTheOwnerGoes() throws IOException {
        begin(1);
        talk.tell(SET_MEM_TABLE, table(region()), talk.fd());
        ring(0, 256);
        device.take();
        talk.tell(RESET_OWNER, new byte[0]);
        assertEquals(List.of("stop 0", "disable 0", "disable 1"), device.take());
    }

    @Test
    void shouldLeaveNothingWhenTheConnectionEnds() throws IOException {
        begin(2);
        connectLikeQemu(2);
        startLikeQemu(2, ACKED);
        device.take();
        talk.session().close();
        assertEquals(List.of("stop 0", "stop 1", "stop 2", "stop 3", "memory 0"), device.take());
        assertEquals(0, talk.open());
        assertEquals(0, talk.mapped());
        assertNull(device.setup(0));
    }

    /// Steps 1 to 8, and the card being made.
    private void connectLikeQemu(int pairs) throws IOException {
        for (int pair = 0; pair < pairs; pair++) {
            talk.ask(GET_FEATURES);
            talk.agree();
            if (pair == 0) {
                assertEquals(pairs, talk.ask(GET_QUEUE_NUM));
            }
            talk.ask(GET_MAX_MEM_SLOTS);
            if (pair == 0) {
                talk.tell(SET_OWNER, new byte[0]);
            }
            talk.ask(GET_FEATURES);
            for (int ring = 2 * pair; ring <= 2 * pair + 1; ring++) {
                talk.tell(SET_VRING_CALL, u64(ring), talk.fd());
                talk.tell(SET_VRING_ERR, u64(ring), talk.fd());
            }
        }
        talk.tell(SET_VRING_ENABLE, u32(0, 1));
        talk.tell(SET_VRING_ENABLE, u32(1, 1));
    }

    /// Step 10: the guest's driver is ready.
    private void startLikeQemu(int pairs, long acked) throws IOException {
        for (int pair = 0; pair < pairs; pair++) {
            talk.tell(SET_VRING_ENABLE, u32(2 * pair, 1));
            talk.tell(SET_VRING_ENABLE, u32(2 * pair + 1, 1));
            talk.tell(SET_FEATURES, u64(acked));
            assertEquals(0, talk.acknowledged(SET_MEM_TABLE, table(region()), talk.fd()));
            for (int ring = 2 * pair; ring <= 2 * pair + 1; ring++) {
                ring(ring, 256);
                talk.tell(SET_VRING_CALL, u64(ring), talk.fd());
            }
        }
    }

    /// A ring in the order of QEMU.
    private void ring(int ring, int size) throws IOException {
        talk.tell(SET_VRING_NUM, u32(ring, size));
        talk.tell(SET_VRING_BASE, u32(ring, 0));
        talk.tell(SET_VRING_ADDR, place(ring));
        talk.tell(SET_VRING_KICK, u64(ring), talk.fd());
    }
}
