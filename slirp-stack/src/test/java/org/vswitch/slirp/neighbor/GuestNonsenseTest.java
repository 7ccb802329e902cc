package org.vswitch.slirp.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.TCP;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.fragmentHeader;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;
import static org.vswitch.slirp.fixture.GuestPackets.optionsHeader;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.ip.Arrival;
import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.Packet;

/// Case T94 for the lower layers: good frames with anything changed. Nothing throws, no byte outside the frame is
/// read (the memory is exact), every frame that is not used is counted, every answer is a valid frame, and a good
/// packet still comes through after it.
class GuestNonsenseTest {
    private static final long PRIME_NS = 7_919_000_017L;

    @Test
    void shouldSurviveAnything() {
        Seeds.check(20, random -> {
            try (IpRig rig = new IpRig()) {
                NeighborTable neighbors = new NeighborTable(rig.subnets, rig.counters);
                ArpResponder arp = new ArpResponder(rig.sent, rig.subnets, neighbors, rig.counters);
                NdpResponder ndp = new NdpResponder(rig.output, rig.subnets, neighbors, rig.counters);
                int[] arrivals = new int[Arrival.values().length];
                for (int i = 0; i < 5_000; i++) {
                    byte[] frame = mutated(random, pick(random));
                    long drops = rig.drops();
                    Arrival arrival = rig.receive(frame, random.nextInt(8) == 0 ? random.nextLong() : 0);
                    arrivals[arrival.ordinal()]++;
                    switch (arrival) {
                        case ARP -> arp.receive(rig.reader.packet(), rig.nowNs);
                        case PACKET -> use(rig, ndp, random);
                        case FRAGMENT -> assertTrue(rig.reader.incompleteDatagrams() > 0);
                        case DROPPED -> assertTrue(rig.drops() > drops, "dropped and not counted");
                    }
                    if (random.nextInt(50) == 0) {
                        rig.nowNs += random.nextLong(PRIME_NS);
                        rig.reader.expire(rig.nowNs);
                    }
                    while (rig.sent.size() > 0) {
                        FrameCheck.verify(rig.sent.poll());
                    }
                }
                assertTrue(Arrays.stream(arrivals).allMatch(count -> count > 50), () -> Arrays.toString(arrivals));
                rig.accept(new GuestPackets.V4().frame());
                rig.accept(new GuestPackets.V6().frame());
                assertTrue(neighbors.count() <= NeighborTable.CAPACITY);
            }
        });
    }

    /// What a packet promises: header and payload lie in the frame, one behind the other.
    private static void use(IpRig rig, NdpResponder ndp, Random random) {
        Packet packet = rig.reader.packet();
        assertEquals(packet.header + packet.headerLength, packet.payload);
        byte[] all = new byte[packet.headerLength + packet.payloadLength];
        NativeMemory.copyOut(packet.header, all, 0, all.length);
        assertTrue(rig.subnets.isGuest(packet.sourceHigh, packet.sourceLow) || packet.toGroup);
        if (!packet.v4 && packet.protocol == ICMPV6) {
            ndp.receive(packet, rig.nowNs);
        }
        IcmpError[] errors = IcmpError.values();
        rig.errors.send(packet, errors[random.nextInt(errors.length)], random.nextInt(1500), rig.nowNs);
    }

    private static byte[] pick(Random random) {
        byte[] data = Frames.counting(1 + random.nextInt(200));
        List<byte[]> frames = List.of(
                new GuestPackets.V4().payload(UDP, data).frame(),
                new GuestPackets.V4().payload(TCP, data).options(7, 7, 4, 0, 0, 0, 0, 0).frame(),
                new GuestPackets.V4().payload(ICMP, icmp(8, 0, data)).to(ROUTER_V4).frame(),
                new GuestPackets.V4().ttl(random.nextInt(3)).frame(),
                new GuestPackets.V4().identification(random.nextInt(3))
                        .fragment(8 * random.nextInt(4), random.nextBoolean())
                        .payload(UDP, new byte[8 * (1 + random.nextInt(3))]).frame(),
                new GuestPackets.V6().payload(UDP, data).frame(),
                new GuestPackets.V6().payload(0, optionsHeader(60, 5, 2, 0, 0), optionsHeader(UDP), data).frame(),
                new GuestPackets.V6().payload(60, optionsHeader(43, 0x1e, 0), new byte[] {UDP, 0, 2, 0, 0, 0, 0, 0},
                        data).frame(),
                new GuestPackets.V6().payload(44, fragmentHeader(UDP, 8 * random.nextInt(4), random.nextBoolean(),
                        random.nextInt(3)), new byte[8 * (1 + random.nextInt(3))]).frame(),
                new GuestPackets.V6().payload(ICMPV6, icmp(135, 0, Frames.counting(24))).hopLimit(255).frame(),
                Frames.arpRequest(GUEST, GuestPackets.GUEST_V4, ROUTER_V4));
        return frames.get(random.nextInt(frames.size()));
    }

    /// Changes octets, cuts or lengthens; in half of the cases the header checksum is made right again.
    private static byte[] mutated(Random random, byte[] frame) {
        byte[] mutated = random.nextInt(4) == 0
                ? Arrays.copyOf(frame, random.nextInt(frame.length + 20)) : frame.clone();
        for (int changes = random.nextInt(4); changes > 0 && mutated.length > 0; changes--) {
            int at = random.nextBoolean() ? random.nextInt(mutated.length)
                    : Math.min(mutated.length - 1, 14 + random.nextInt(60));
            mutated[at] = (byte) (random.nextBoolean() ? random.nextInt() : mutated[at] ^ 1 << random.nextInt(8));
        }
        int headerLength = mutated.length > 34 ? (mutated[14] & 15) * 4 : 0;
        if (random.nextBoolean() && headerLength >= 20 && 14 + headerLength <= mutated.length && mutated[12] == 8) {
            FrameCheck.fillChecksum(mutated, 14, 14 + headerLength, 10);
        }
        return mutated;
    }
}
