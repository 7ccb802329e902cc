package org.vswitch.slirp.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ethernet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.ip.Arrival;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.IpAddress;

/// ARP between guests and router: T1 to T3, bad inputs 4 to 6.
class ArpResponderTest {
    private static final int REQUEST = 1;
    private static final int REPLY = 2;

    private final IpRig rig = new IpRig();
    private final NeighborTable neighbors = new NeighborTable(rig.subnets, rig.counters);
    private final ArpResponder arp = new ArpResponder(rig.sent, rig.subnets, neighbors, rig.counters);

    @AfterEach
    void close() {
        rig.close();
    }

    /// T1 and T3.
    @Test
    void shouldAnswerForItsOwnAddresses() {
        receive(arp(REQUEST, GUEST, GUEST_V4, ROUTER_V4));
        assertEquals("525400000015" + "52550a000202" + "0806" + "0001080006040002"
                + "52550a000202" + "0a000202" + "525400000015" + "0a00020f" + "00".repeat(18),
                HexFormat.of().formatHex(rig.takeSent()));
        receive(arp(REQUEST, GUEST, GUEST_V4, DNS_V4));
        assertEquals("0a000203", HexFormat.of().formatHex(rig.takeSent(), 28, 32));
        assertEquals(GUEST, neighbors.find(0, IpAddress.v4(GUEST_V4), rig.nowNs));
        assertEquals(0, rig.drops());
    }

    /// T1: nobody else's, and what guests ask each other makes no entry.
    @Test
    void shouldNotAnswerForOthers() {
        for (int target : new int[] {GUEST_V4 + 1, OUTSIDE_V4, 0x0a00_0204, 0, -1, 0x7f00_0001}) {
            receive(arp(REQUEST, GUEST, GUEST_V4, target));
            assertNull(rig.sent.poll());
        }
        assertEquals(0, neighbors.count());
    }

    /// T2 and bad input 6: who probes for an address of the router is told that it is taken, and not learned.
    @Test
    void shouldDefendItsAddressesAgainstProbes() {
        receive(arp(REQUEST, GUEST, 0, ROUTER_V4));
        assertEquals("52550a000202" + "0a000202" + "525400000015" + "00000000",
                HexFormat.of().formatHex(rig.takeSent(), 22, 42));
        receive(arp(REQUEST, GUEST, 0, GUEST_V4));
        assertNull(rig.sent.poll());
        assertEquals(0, neighbors.count());
    }

    /// T2 and bad input 5: announcements correct entries and make none.
    @Test
    void shouldNotLearnFromAnnouncements() {
        for (int i = 0; i < 65_000; i++) {
            receive(arp(REQUEST, GUEST + 256 + i, 0x0a00_0210 + i % 200, 0x0a00_0210 + i % 200));
        }
        assertEquals(0, neighbors.count());
        receive(arp(REQUEST, GUEST, GUEST_V4, ROUTER_V4));
        rig.takeSent();
        receive(arp(REPLY, OTHER_GUEST, GUEST_V4, GUEST_V4));
        assertEquals(OTHER_GUEST, neighbors.find(0, IpAddress.v4(GUEST_V4), rig.nowNs));
        assertNull(rig.sent.poll());
    }

    /// Bad input 5.
    @Test
    void shouldLetNobodyClaimItsAddresses() {
        for (int opcode = REQUEST; opcode <= REPLY; opcode++) {
            refuse(StackDrop.BAD_SOURCE, arp(opcode, GUEST, ROUTER_V4, ROUTER_V4));
            refuse(StackDrop.BAD_SOURCE, arp(opcode, GUEST, DNS_V4, GUEST_V4));
        }
        refuse(StackDrop.BAD_SOURCE, arp(REQUEST, GUEST, OUTSIDE_V4, ROUTER_V4));
        refuse(StackDrop.BAD_SOURCE, arp(REQUEST, GUEST, 0x0a00_02ff, ROUTER_V4));
        byte[] another = arp(REQUEST, GUEST, GUEST_V4, ROUTER_V4);
        another[11] ^= 1;
        refuse(StackDrop.BAD_SOURCE, another);
        assertEquals(0, neighbors.count());
    }

    /// Bad input 4: cut at every byte; lengths, spaces, opcodes; padding is fine.
    @Test
    void shouldDropWhatIsMalformed() {
        byte[] request = arp(REQUEST, GUEST, GUEST_V4, ROUTER_V4);
        for (int length = 14; length < request.length; length++) {
            refuse(StackDrop.MALFORMED, Arrays.copyOf(request, length));
        }
        for (int octet = 14; octet < 20; octet++) {
            byte[] changed = request.clone();
            changed[octet] ^= 1;
            refuse(StackDrop.MALFORMED, changed);
        }
        for (int opcode : new int[] {0, 3, 4, 8, 9, 256, 65_535}) {
            refuse(StackDrop.UNKNOWN_PROTOCOL, arp(opcode, GUEST, GUEST_V4, ROUTER_V4));
        }
        receive(Arrays.copyOf(request, 60));
        rig.takeSent();
    }

    @Test
    void shouldAsk() {
        arp.request(IpAddress.v4(GUEST_V4), NeighborTable.NONE);
        assertEquals("ffffffffffff" + "52550a000202" + "0806" + "0001080006040001"
                + "52550a000202" + "0a000202" + "000000000000" + "0a00020f" + "00".repeat(18),
                HexFormat.of().formatHex(rig.takeSent()));
        arp.request(IpAddress.v4(GUEST_V4), GUEST);
        assertEquals("525400000015", HexFormat.of().formatHex(rig.takeSent(), 0, 6));
        byte[] reply = arp(REPLY, GUEST, GUEST_V4, ROUTER_V4);
        System.arraycopy(HexFormat.of().parseHex("52550a000202"), 0, reply, 0, 6);
        receive(reply);
        assertEquals(GUEST, neighbors.find(0, IpAddress.v4(GUEST_V4), rig.nowNs));
        assertNull(rig.sent.poll());
    }

    @Test
    void shouldCountWhatItCouldNotSay() {
        rig.sent.capacity(0);
        receive(arp(REQUEST, GUEST, GUEST_V4, ROUTER_V4));
        arp.request(IpAddress.v4(GUEST_V4), NeighborTable.NONE);
        assertEquals(2, rig.counters.value(StackDrop.OUTPUT_FULL));
    }

    private void receive(byte[] frame) {
        assertEquals(Arrival.ARP, rig.receive(frame));
        arp.receive(rig.reader.packet(), rig.nowNs);
    }

    private void refuse(StackDrop reason, byte[] frame) {
        long drops = rig.drops();
        long count = rig.counters.value(reason);
        receive(frame);
        assertEquals(drops + 1, rig.drops());
        assertEquals(count + 1, rig.counters.value(reason));
        assertNull(rig.sent.poll());
    }

    private static byte[] arp(int opcode, long sender, int senderAddress, int targetAddress) {
        ByteBuffer packet = ByteBuffer.allocate(28).putInt(0x0001_0800).putShort((short) 0x0604);
        packet.putShort((short) opcode);
        packet.putLong(sender << 16).position(14);
        return ethernet(EVERYBODY, sender, 0x0806, packet.putInt(senderAddress).putInt(24, targetAddress).array());
    }
}
