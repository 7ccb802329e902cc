package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.ip.Arrival;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.OwnAddresses;
import org.vswitch.slirp.ip.PacketReader;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnet;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.neighbor.ArpResponder;
import org.vswitch.slirp.neighbor.NeighborTable;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.wire.IpAddress;

/// A DHCP server at 10.0.2.2, with a name server at 10.0.2.3; frames go in, answers come out, time is a number.
final class DhcpRig implements AutoCloseable {
    static final int OFFER = 2;
    static final int ACK = 5;
    static final int NAK = 6;
    static final int ROUTER = GuestPackets.ROUTER_V4;
    static final int FIRST = 0x0a00_020f;
    private static final long ARP_REQUEST = 0x0001_0800_0604_0001L;

    final StackCounters counters = new StackCounters();
    final Subnets subnets;
    final NeighborTable neighbors;
    /// The time; a test moves it.
    long nowNs = Long.MAX_VALUE - 5_000_000_000L;
    private final SentFrames sent;
    private final ExactMemory memory = new ExactMemory();
    private final IpOutput output;
    private final PacketReader reader;
    private final DhcpService service;
    private long placed;
    private int placedLength;

    DhcpRig() {
        this(24, new DhcpSettings(FIRST, GuestPackets.DNS_V4, 1500, "slirp", "", List.of()));
    }

    DhcpRig(int prefixLength, DhcpSettings settings) {
        this(new SentFrames(), prefixLength, settings);
    }

    DhcpRig(SentFrames sent, int prefixLength, DhcpSettings settings) {
        this.sent = sent;
        subnets = new Subnets(Subnet.v4(ROUTER, prefixLength), new Subnet(GuestPackets.PREFIX, 2, 64),
                new OwnAddresses(GuestPackets.ROUTER, 0, IpAddress.v4(ROUTER), 0,
                        IpAddress.v4(GuestPackets.DNS_V4)));
        neighbors = new NeighborTable(subnets, counters);
        output = new IpOutput(sent, counters, GuestPackets.ROUTER, settings.mtu());
        reader = new PacketReader(subnets, counters, new IcmpErrors(output, counters, subnets.own()));
        ArpResponder arp = new ArpResponder(sent, subnets, neighbors, counters);
        service = new DhcpService(new UdpOutput(output), subnets, neighbors, arp, counters, settings);
    }

    /// Sends a message that is answered.
    DhcpAnswer ask(DhcpMessage message) {
        DhcpAnswer answer = receive(message.frame());
        assertNotNull(answer, "no answer");
        return answer;
    }

    /// Sends a message that is not answered and not counted.
    void tell(DhcpMessage message) {
        long before = drops();
        assertNull(receive(message.frame()), "an answer was sent");
        assertEquals(before, drops());
    }

    /// Sends a message that is dropped for a reason.
    void refuse(StackDrop reason, byte[] frame) {
        long count = counters.value(reason);
        long before = drops();
        assertNull(receive(frame), "an answer was sent");
        assertEquals(count + 1, counters.value(reason), () -> reason + " is not what was counted");
        assertEquals(before + 1, drops());
    }

    void refuse(StackDrop reason, DhcpMessage message) {
        refuse(reason, message.frame());
    }

    /// The answer, checked, or null. If it waits until nobody has claimed the address it is waited for.
    DhcpAnswer receive(byte[] frame) {
        give(frame);
        while (service.waiting() > 0) {
            assertEquals(1, asked().size());
            expire();
        }
        return take();
    }

    /// Sends messages at once; nobody looks at the answers.
    void flood(int count, IntFunction<DhcpMessage> messages) {
        for (int i = 0; i < count; i++) {
            give(messages.apply(i).frame());
        }
        while (service.waiting() > 0) {
            expire();
        }
        while (sent.poll() != null) {
            continue;
        }
    }

    /// The time comes when those who wait have waited long enough.
    void expire() {
        nowNs = service.nextDeadlineNs();
        service.expire(nowNs);
    }

    /// The addresses that everybody was asked for, one after the other, since frames were last taken.
    List<Integer> asked() {
        List<Integer> asked = new ArrayList<>();
        for (byte[] frame = sent.poll(); frame != null; frame = sent.poll()) {
            ByteBuffer bytes = ByteBuffer.wrap(frame);
            assertEquals(GuestPackets.EVERYBODY, bytes.getLong(0) >>> Short.SIZE);
            assertEquals(ARP_REQUEST, bytes.getLong(14));
            assertEquals(ROUTER, bytes.getInt(28));
            asked.add(bytes.getInt(38));
        }
        return asked;
    }

    /// How many clients wait.
    int waiting() {
        return service.waiting();
    }

    /// The answer that was sent, checked, or null.
    DhcpAnswer take() {
        byte[] answer = sent.poll();
        assertNull(sent.poll(), "more than one answer");
        if (answer == null) {
            return null;
        }
        FrameCheck.verify(answer);
        return DhcpAnswer.of(answer);
    }

    void give(byte[] frame) {
        if (reader.read(memory.place(frame), frame.length, 0, nowNs) == Arrival.PACKET) {
            service.receive(reader.packet(), nowNs);
        }
    }

    /// A frame that stays where it is, for [#again].
    void place(byte[] frame) {
        placed = memory.place(frame);
        placedLength = frame.length;
    }

    /// Gives the frame placed last.
    void again() {
        reader.read(placed, placedLength, 0, nowNs);
        service.receive(reader.packet(), nowNs);
    }

    /// Gets a lease for a client that has none.
    int lease(long station) {
        int offered = ask(DhcpMessage.of(DhcpMessage.DISCOVER).station(station)).yiaddr();
        DhcpAnswer answer = ask(DhcpMessage.of(DhcpMessage.REQUEST).station(station).requested(offered)
                .server(ROUTER));
        assertEquals(ACK, answer.type());
        return answer.yiaddr();
    }

    int leases() {
        return service.leases(nowNs);
    }

    void pass(long seconds) {
        nowNs += seconds * 1_000_000_000L;
    }

    long drops() {
        long sum = 0;
        for (StackDrop reason : StackDrop.values()) {
            sum += counters.value(reason);
        }
        return sum;
    }

    @Override
    public void close() {
        service.close();
        reader.close();
        output.close();
        sent.close();
        memory.close();
    }
}
