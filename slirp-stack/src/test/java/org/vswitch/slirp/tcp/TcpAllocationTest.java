package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.IoVector;
import org.vswitch.slirp.ip.Outbox;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.SegmentOutput;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Tcp;

/// No connection allocates once it is open: neither data up, nor data down, nor acknowledgements, nor deadlines.
class TcpAllocationTest implements Outbox, SegmentOutput {
    private static final int TEXT = 1_100;
    private final long memory = NativeMemory.map(65_536);
    private final FakeHost host = new FakeHost();
    private final Packet packet = new Packet();
    private final TcpSplice splice = new TcpSplice(new TcpPorts(host, new IoVector(), this, (_, _, _, _) -> { },
            (path, into, timeNs) -> true, new StackCounters()), new TcpSettings(1_500, 16, 64, 1, 2));
    private final HostNetwork.ReadinessConsumer consumer = this::ready;
    private final Runnable exchange = this::exchange;
    private long nowNs;
    private int seq;
    private int ack;
    private long textSent;
    private int acknowledgments;

    @Test
    void shouldAllocateNothingInSteadyState() {
        open();
        host.send(new byte[TEXT]);
        assertEquals(0, Allocations.bytesOf(30_000, 30_000, exchange));
        assertTrue(textSent >= 60_000L * TEXT, "sent " + textSent);
        assertTrue(acknowledgments >= 60_000, "acknowledgments " + acknowledgments);
        splice.close();
        NativeMemory.unmap(memory, 65_536);
    }

    private void open() {
        segment(Tcp.SYN, 0);
        seq++;
        host.accept();
        turn();
        segment(Tcp.ACK, 0);
        turn();
    }

    /// Two segments up, as much down, both acknowledged.
    private void exchange() {
        host.receivedLength = 0;
        host.sendAgain();
        segment(Tcp.ACK, TEXT);
        seq += TEXT;
        turn();
        segment(Tcp.ACK, 0);
        turn();
    }

    private void turn() {
        nowNs += 1_000_000;
        splice.endBatch(nowNs);
        host.poll(consumer);
        splice.expire(nowNs);
        splice.gather(this, nowNs);
    }

    private void ready(long token, int readiness) {
        splice.ready(token, readiness, nowNs);
    }

    private void segment(int flags, int length) {
        long tcp = memory + 8_192;
        Tcp.emit(tcp, Tcp.LENGTH);
        Tcp.sourcePort(tcp, 40_000);
        Tcp.destinationPort(tcp, 80);
        Tcp.sequenceNumber(tcp, seq);
        Tcp.acknowledgmentNumber(tcp, ack);
        Tcp.flags(tcp, flags);
        Tcp.window(tcp, 65_535);
        packet.v4 = true;
        packet.sourceLow = IpAddress.v4(0x0a00_020f);
        packet.destinationLow = IpAddress.v4(0xc000_0201);
        packet.hopLimit = 64;
        packet.payload = tcp;
        packet.payloadLength = Tcp.LENGTH + length;
        packet.checksumTrusted = true;
        splice.receive(packet, nowNs);
    }

    @Override
    public long begin(int length) {
        return memory;
    }

    @Override
    public void commit() {
        if ((Tcp.flags(memory + 34) & Tcp.SYN) != 0) {
            ack = Tcp.sequenceNumber(memory + 34) + 1;
        }
        acknowledgments++;
    }

    @Override
    public void commit(long offloadWord, int checksumOffset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public long head() {
        return memory + 4_096;
    }

    @Override
    public void send(int headLength, long payload, int payloadLength, int segmentSize) {
        ack += payloadLength;
        textSent += payloadLength;
    }
}
