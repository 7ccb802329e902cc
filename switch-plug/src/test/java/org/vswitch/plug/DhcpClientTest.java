package org.vswitch.plug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.wire.Arp;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.Dhcpv4Reply;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Udp;

/// A server's side by hand, and a clock that the test moves.
class DhcpClientTest {
    private static final long MAC = 0x02_00_00_00_00_07L;
    private static final long SERVER_MAC = 0x02_00_00_00_00_01L;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long PROBE_NS = SECOND_NS / 10;
    private static final long BEGIN_NS = 5 * SECOND_NS;
    private static final int OWN = 0x0a00_020f;
    private static final int OTHER = 0x0a00_0210;
    private static final int SERVER = 0x0a00_0202;
    private static final int LEASE_S = 1000;
    private static final int MESSAGE = Ethernet.HEADER_LENGTH + Ipv4.LENGTH + Udp.LENGTH;

    private final List<Optional<DhcpLease>> told = new ArrayList<>();
    private final DhcpClient client = new DhcpClient(MAC, told::add);
    private final FrameBatch received = FrameBatch.forReceiving();
    private final FrameBatch sent = FrameBatch.forSending();
    private final FrameSlab slab = FrameSlab.forFrames(1);
    private final Dhcpv4Options options = new Dhcpv4Options();
    private final Dhcpv4Reply writer = new Dhcpv4Reply();
    private long nowNs = BEGIN_NS;
    private long message;

    @BeforeEach
    void begin() {
        client.now(nowNs);
    }

    @AfterEach
    void free() {
        client.close();
        received.free();
        sent.free();
        slab.free();
    }

    /// What the client says now: its message type, or 0; the message can be looked at.
    private int said() {
        if (!client.isReady()) {
            return 0;
        }
        received.clear();
        assertEquals(1, client.receive(received));
        assertEquals(1, received.size());
        long frame = received.slot(0);
        assertEquals(MAC, Ethernet.source(frame));
        long ip = frame + Ethernet.HEADER_LENGTH;
        assertTrue(Ipv4.isValid(ip, received.length(0) - Ethernet.HEADER_LENGTH) && Ipv4.isChecksumRight(ip));
        message = frame + MESSAGE;
        int length = received.length(0) - MESSAGE;
        assertTrue(Dhcpv4.isRequest(message, length) && options.parse(message, length));
        return options.messageType();
    }

    private int destination() {
        return Ipv4.destination(received.slot(0) + Ethernet.HEADER_LENGTH);
    }

    private void pass(long seconds) {
        nowNs += seconds * SECOND_NS;
        client.now(nowNs);
    }

    /// Rounded: probes have taken a part of a second.
    private long waitS() {
        return (client.deadlineNs() - nowNs + SECOND_NS / 2) / SECOND_NS;
    }

    /// Answers the message looked at last.
    private void answer(int type, int address, long mac, int xidChange) {
        long frame = slab.frame(0);
        long request = message;
        int xid = Dhcpv4.xid(request) + xidChange;
        writer.begin(frame + MESSAGE, 548, request);
        NetworkOrder.u32(frame + MESSAGE + 4, xid);
        writer.addresses(address, SERVER);
        writer.u8(Dhcpv4Options.MESSAGE_TYPE, type);
        writer.u32(Dhcpv4Options.SERVER_IDENTIFIER, SERVER);
        if (type != Dhcpv4.DHCPNAK) {
            writer.u32(Dhcpv4Options.LEASE_TIME, LEASE_S);
            writer.u32(Dhcpv4Options.SUBNET_MASK, 0xffff_0000);
            writer.u32(Dhcpv4Options.ROUTER, SERVER);
        }
        int length = writer.end();
        long udp = frame + Ethernet.HEADER_LENGTH + Ipv4.LENGTH;
        Udp.sourcePort(udp, Dhcpv4.SERVER_PORT);
        Udp.destinationPort(udp, Dhcpv4.CLIENT_PORT);
        Udp.length(udp, Udp.LENGTH + length);
        Udp.checksum(udp, 0);
        long ip = frame + Ethernet.HEADER_LENGTH;
        Ipv4.emit(ip, Ipv4.LENGTH + Udp.LENGTH + length);
        Ipv4.timeToLive(ip, 64);
        Ipv4.protocol(ip, Udp.PROTOCOL);
        Ipv4.source(ip, SERVER);
        Ipv4.destination(ip, -1);
        Ipv4.updateChecksum(ip);
        NetworkOrder.u48(frame, mac);
        Ethernet.source(frame, SERVER_MAC);
        Ethernet.type(frame, Ethernet.TYPE_IPV4);
        tell(frame, MESSAGE + length);
    }

    private void answer(int type, int address) {
        answer(type, address, MacAddress.BROADCAST, 0);
    }

    private void bind() {
        getAddress();
        probe(OWN);
    }

    private void getAddress() {
        assertEquals(Dhcpv4.DHCPDISCOVER, said());
        answer(Dhcpv4.DHCPOFFER, OWN);
        assertEquals(Dhcpv4.DHCPREQUEST, said());
        answer(Dhcpv4.DHCPACK, OWN);
    }

    /// Three probes, and an announcement.
    private void probe(int address) {
        for (int i = 0; i < 3; i++) {
            assertEquals(0, senderOfRequestFor(address));
            assertEquals(PROBE_NS, client.deadlineNs() - nowNs);
            nowNs += PROBE_NS;
            client.now(nowNs);
        }
        assertEquals(address, senderOfRequestFor(address));
    }

    private int senderOfRequestFor(int address) {
        assertTrue(client.isReady());
        received.clear();
        assertEquals(1, client.receive(received));
        long frame = received.slot(0);
        assertEquals(Ethernet.TYPE_ARP, received.type(0));
        assertEquals(MAC, Ethernet.source(frame));
        assertEquals(MacAddress.BROADCAST, Ethernet.destination(frame));
        long arp = frame + Ethernet.HEADER_LENGTH;
        assertTrue(Arp.isValid(arp, received.length(0) - Ethernet.HEADER_LENGTH));
        assertEquals(Arp.REQUEST, Arp.opcode(arp));
        assertEquals(MAC, Arp.senderHardware(arp));
        assertEquals(address, Arp.targetProtocol(arp));
        assertFalse(client.isReady());
        return Arp.senderProtocol(arp);
    }

    /// Lets the client hear an ARP message.
    private void tell(long station, int opcode, int sender, int target) {
        long frame = slab.frame(0);
        NetworkOrder.u48(frame, MacAddress.BROADCAST);
        Ethernet.source(frame, station);
        Ethernet.type(frame, Ethernet.TYPE_ARP);
        Arp.emitRequest(frame + Ethernet.HEADER_LENGTH, station, sender, target);
        NetworkOrder.u16(frame + Ethernet.HEADER_LENGTH + 6, opcode);
        tell(frame, Ethernet.HEADER_LENGTH + Arp.LENGTH);
    }

    private void tell(long frame, int length) {
        sent.clear();
        int row = sent.append(frame, length, 0, 0);
        assertEquals(1, client.transmit(sent, new int[] {row}, 0, 1));
        client.now(nowNs);
    }

    private String lastAddress() {
        return told.getLast().map(lease -> lease.address().getHostAddress() + "/" + lease.prefixLength())
                .orElse("none");
    }

    @Nested
    class Selecting {
        @Test
        void shouldAskMoreAndMoreSeldom() {
            assertEquals(Dhcpv4.DHCPDISCOVER, said());
            for (int pause : new int[] {1, 2, 4, 8, 16, 32, 64, 64}) {
                assertEquals(pause, waitS());
                pass(pause);
                assertEquals(Dhcpv4.DHCPDISCOVER, said());
            }
            assertEquals(List.of(), told);
        }

        @Test
        void shouldTakeAnOffer() {
            bind();
            assertEquals("10.0.2.15/16", lastAddress());
            assertEquals(0, said());
            assertEquals(LEASE_S / 2, waitS());
        }

        @Test
        void shouldTakeNothingThatIsForAnotherRequest() {
            assertEquals(Dhcpv4.DHCPDISCOVER, said());
            answer(Dhcpv4.DHCPOFFER, OWN, MAC, 1);
            answer(Dhcpv4.DHCPACK, OWN);
            assertFalse(client.isReady());
            assertEquals(List.of(), told);
        }

        @Test
        void shouldBeginAnewWhenAServerDoesNotKeepItsOffer() {
            said();
            answer(Dhcpv4.DHCPOFFER, OWN);
            for (int i = 0; i < 3; i++) {
                assertEquals(Dhcpv4.DHCPREQUEST, said());
                assertEquals(OWN, options.requestedAddress());
                assertEquals(SERVER, options.serverIdentifier());
                pass(2);
            }
            pass(0);
            assertEquals(Dhcpv4.DHCPDISCOVER, said());
        }
    }

    @Nested
    class Probing {
        @BeforeEach
        void get() {
            getAddress();
            assertEquals(0, senderOfRequestFor(OWN));
        }

        @ParameterizedTest
        @CsvSource({"1, 0x0a00020f, 0x0a000202", "1, 0x0a00020f, 0x0a00020f", "2, 0x0a00020f, 0", "1, 0, 0x0a00020f"})
        void shouldDeclineWhatAnotherHasOrLooksFor(int opcode, String sender, String target) {
            pass(0);
            tell(SERVER_MAC, opcode, Integer.decode(sender), Integer.decode(target));
            assertEquals(Dhcpv4.DHCPDECLINE, said());
            assertEquals(OWN, options.requestedAddress());
            assertEquals(SERVER, options.serverIdentifier());
            assertEquals(-1, destination());
            assertEquals(0, Ipv4.source(received.slot(0) + Ethernet.HEADER_LENGTH));
            assertEquals(0, Dhcpv4.ciaddr(message));
            assertFalse(Dhcpv4.isBroadcast(message) || options.has(Dhcpv4Options.PARAMETER_REQUEST_LIST));
            assertEquals(10, waitS());
            answer(Dhcpv4.DHCPACK, OWN);
            pass(9);
            assertEquals(0, said());
            pass(1);
            pass(0);
            assertEquals(Dhcpv4.DHCPDISCOVER, said());
            assertFalse(options.has(Dhcpv4Options.REQUESTED_ADDRESS));
            assertEquals(List.of(), told);
        }

        @Test
        void shouldNotMindWhatOthersSayOfOthers() {
            tell(MAC, Arp.REQUEST, 0, OWN);
            tell(SERVER_MAC, Arp.REQUEST, 0, OTHER);
            tell(SERVER_MAC, Arp.REQUEST, SERVER, OWN);
            tell(SERVER_MAC, Arp.REPLY, 0, OWN);
            tell(SERVER_MAC, Arp.REPLY, OTHER, OWN);
            tell(slab.frame(0), Ethernet.HEADER_LENGTH + Arp.LENGTH - 1);
            assertEquals(0, said());
            nowNs += PROBE_NS;
            client.now(nowNs);
            assertEquals(0, senderOfRequestFor(OWN), "the next one");
        }

        @Test
        void shouldAskMoreSeldomWhereNoAddressIsFree() {
            for (int conflicts = 1; conflicts <= 12; conflicts++) {
                tell(SERVER_MAC, Arp.REPLY, OWN, 0);
                assertEquals(Dhcpv4.DHCPDECLINE, said());
                assertEquals(conflicts < 10 ? 10 : 60, waitS());
                pass(waitS());
                pass(0);
                getAddress();
                assertEquals(0, senderOfRequestFor(OWN));
            }
            nowNs += PROBE_NS;
            client.now(nowNs);
            for (int i = 1; i < 3; i++) {
                assertEquals(0, senderOfRequestFor(OWN));
                nowNs += PROBE_NS;
                client.now(nowNs);
            }
            assertEquals("10.0.2.15/16", lastAddress());
        }

        @Test
        void shouldGiveBackWhatItHasNotUsedYet() {
            client.leave();
            assertEquals(Dhcpv4.DHCPRELEASE, said());
            assertEquals(OWN, Dhcpv4.ciaddr(message));
        }
    }

    @Nested
    class Bound {
        @BeforeEach
        void get() {
            bind();
        }

        @Test
        void shouldRenewAtHalfTimeWithItsServer() {
            pass(LEASE_S / 2);
            assertEquals(Dhcpv4.DHCPREQUEST, said());
            assertEquals(SERVER, destination());
            assertEquals(SERVER_MAC, Ethernet.destination(received.slot(0)));
            assertEquals(OWN, Dhcpv4.ciaddr(message));
            assertFalse(options.has(Dhcpv4Options.REQUESTED_ADDRESS) || options.has(Dhcpv4Options.SERVER_IDENTIFIER));
            answer(Dhcpv4.DHCPACK, OWN, MAC, 0);
            assertEquals(LEASE_S / 2, waitS());
            assertEquals(1, told.size(), "nothing has changed");
        }

        @Test
        void shouldAskAnyServerWhenItsOwnIsSilentAndGiveUpInTheEnd() {
            pass(LEASE_S / 2);
            List<Long> asked = new ArrayList<>();
            while (said() != 0) {
                long second = (nowNs - BEGIN_NS) / SECOND_NS;
                asked.add(second);
                assertEquals(second < 875 ? SERVER : -1, destination());
                assertEquals(OWN, Dhcpv4.ciaddr(message));
                nowNs = client.deadlineNs();
                client.now(nowNs);
            }
            assertEquals(List.of(500L, 687L, 781L, 841L, 875L, 937L, 997L), asked);
            assertEquals(LEASE_S * SECOND_NS, nowNs - BEGIN_NS);
            client.now(nowNs);
            assertEquals("none", lastAddress());
            assertEquals(Dhcpv4.DHCPDISCOVER, said());
        }

        @Test
        void shouldGiveAnAddressUpThatItsServerRefuses() {
            pass(LEASE_S / 2);
            said();
            answer(Dhcpv4.DHCPNAK, 0);
            assertEquals("none", lastAddress());
            assertEquals(Dhcpv4.DHCPDISCOVER, said());
            answer(Dhcpv4.DHCPOFFER, OTHER);
            said();
            answer(Dhcpv4.DHCPACK, OTHER);
            probe(OTHER);
            assertEquals("10.0.2.16/16", lastAddress());
        }

        @Test
        void shouldConfirmItsLeaseWhenTheNetworkIsBack() {
            client.confirm();
            client.now(nowNs);
            assertEquals(Dhcpv4.DHCPREQUEST, said());
            assertEquals(OWN, options.requestedAddress());
            assertEquals(0, Dhcpv4.ciaddr(message));
            assertFalse(options.has(Dhcpv4Options.SERVER_IDENTIFIER));
            answer(Dhcpv4.DHCPACK, OWN);
            assertEquals(1, told.size());
            client.confirm();
            client.now(nowNs);
            said();
            answer(Dhcpv4.DHCPNAK, 0);
            assertEquals("none", lastAddress());
        }

        @Test
        void shouldGiveItsLeaseBackWhenItLeaves() {
            client.leave();
            assertEquals(Dhcpv4.DHCPRELEASE, said());
            assertEquals(SERVER, destination());
            assertEquals(SERVER_MAC, Ethernet.destination(received.slot(0)));
            assertEquals(OWN, Ipv4.source(received.slot(0) + Ethernet.HEADER_LENGTH));
            assertEquals(OWN, Dhcpv4.ciaddr(message));
            assertEquals(SERVER, options.serverIdentifier());
            assertFalse(Dhcpv4.isBroadcast(message) || options.has(Dhcpv4Options.REQUESTED_ADDRESS)
                    || options.has(Dhcpv4Options.PARAMETER_REQUEST_LIST));
            answer(Dhcpv4.DHCPACK, OWN, MAC, 0);
            pass(2 * LEASE_S);
            assertEquals(0, said(), "nothing is said behind it");
        }

        @Test
        void shouldGiveALeaseBackThatIsBeingProlonged() {
            pass(LEASE_S / 2);
            client.leave();
            assertEquals(Dhcpv4.DHCPRELEASE, said());
            assertEquals(OWN, Dhcpv4.ciaddr(message));
        }

        @Test
        void shouldGiveNothingBackThatWasRefused() {
            pass(LEASE_S / 2);
            said();
            answer(Dhcpv4.DHCPNAK, 0);
            client.leave();
            assertEquals(0, said());
        }

        /// The clock may have jumped, as of a computer that slept: the lease has not been found to be over yet.
        @Test
        void shouldGiveNothingBackThatHasEnded() {
            pass(LEASE_S);
            client.leave();
            assertEquals(0, said());
        }

        @Test
        void shouldKeepItsLeaseWhenNobodyConfirmsIt() {
            client.confirm();
            client.now(nowNs);
            for (int i = 0; i < 3; i++) {
                assertEquals(Dhcpv4.DHCPREQUEST, said());
                pass(2);
            }
            assertEquals(0, said());
            assertEquals(LEASE_S / 2 - 6, waitS());
            assertEquals(1, told.size());
        }
    }

    @Test
    void shouldSayNothingWhenItLeavesWithoutALease() {
        client.leave();
        assertEquals(0, said());
    }

    @Test
    void shouldCountTheTimesThatTheServerGives() {
        assertEquals("[500, 875, 1000]", times(1000, 0, 0));
        assertEquals("[100, 200, 1000]", times(1000, 100, 200));
        assertEquals("[500, 600, 1000]", times(1000, 700, 600), "out of order");
        assertEquals("[500, 875, 1000]", times(1000, 1000, 5000), "beyond the end");
        assertEquals("[1800, 3150, 3600]", times(0, 0, 0), "no lease time");
        assertEquals(Long.MAX_VALUE, read(-1, 0, 0).endNs());
    }

    private String times(int lease, int renew, int rebind) {
        LeaseTimes times = read(lease, renew, rebind);
        return List.of(times.renewNs() / SECOND_NS, times.rebindNs() / SECOND_NS, times.endNs() / SECOND_NS)
                .toString();
    }

    private LeaseTimes read(int lease, int renew, int rebind) {
        said();
        long reply = slab.frame(0);
        writer.begin(reply, 548, message);
        int[] codes = {Dhcpv4Options.LEASE_TIME, Dhcpv4Options.RENEWAL_TIME, Dhcpv4Options.REBINDING_TIME};
        ByteBuffer values = ByteBuffer.allocate(12).putInt(lease).putInt(renew).putInt(rebind).flip();
        for (int code : codes) {
            int value = values.getInt();
            if (value != 0) {
                writer.u32(code, value);
            }
        }
        int length = writer.end();
        assertTrue(options.parse(reply, length));
        return LeaseTimes.of(options, 0);
    }
}
