package org.vswitch.benchmark.load;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Udp;

/// What a test frame carries as a datagram's payload: which run it belongs to, its sequence number in that run, and
/// when it was sent.
///
///     0        6        12      14      34     42     46          54          62
///     | dst    | src    | type  | IPv4  | UDP  | run  | sequence  | sent      | zeros up to its length
///
/// `sent` is a reading of [System#nanoTime], which on Linux is one clock for all processes. The datagram has no UDP
/// checksum (RFC 768: zero), so that nothing needs to be computed anew for each frame.
final class TestFrame {
    /// The shortest frame that has all fields.
    static final int MIN_LENGTH = 62;
    /// The longest frame a client makes.
    static final int MAX_LENGTH = 1514;
    static final int HELLO_LENGTH = MIN_LENGTH;

    private static final int NO_RUN = -1;
    private static final int PACKET = Ethernet.HEADER_LENGTH;
    private static final int DATAGRAM = PACKET + Ipv4.LENGTH;
    private static final int RUN = DATAGRAM + Udp.LENGTH;
    private static final int SEQUENCE = RUN + 4;
    private static final int SENT = SEQUENCE + 8;
    private static final int SOURCE_ADDRESS = 0x0a6f_0001;
    private static final int DESTINATION_ADDRESS = 0x0a6f_0002;
    private static final int DISCARD_PORT = 9;

    private static final long GENERATOR_MAC = 0x0200_0000_0001L;
    private static final long RECEIVER_MACS = 0x0210_0000_0000L;
    static final long BROADCAST = 0xffff_ffff_ffffL;
    // Coprime to every table size in use, so that successive frames go to MACs in no order a cache could guess.
    private static final long SCATTER = 7_368_787;

    private TestFrame() {
    }

    /// The address number `index` of a receiver.
    static long receiverMac(int receiver, int index) {
        return RECEIVER_MACS + ((long) receiver << 24) + index;
    }

    /// The address that frame number `sequence` goes to if a receiver has `macs` addresses; with none, to everybody.
    static long destination(long sequence, int macs) {
        return macs == 0 ? BROADCAST : receiverMac(0, macs == 1 ? 0 : (int) (sequence * SCATTER % macs));
    }

    /// Writes what does not change from frame to frame of a run.
    ///
    /// @param length of the frame in bytes
    static void prepare(long address, int run, int length) {
        NetworkOrder.u48(address, destination(0, 1));
        NetworkOrder.u48(address + 6, GENERATOR_MAC);
        NetworkOrder.u16(address + 12, Ethernet.TYPE_IPV4);
        long packet = address + PACKET;
        Ipv4.emit(packet, length - PACKET);
        Ipv4.protocol(packet, Udp.PROTOCOL);
        Ipv4.source(packet, SOURCE_ADDRESS);
        Ipv4.destination(packet, DESTINATION_ADDRESS);
        Ipv4.updateChecksum(packet);
        long datagram = address + DATAGRAM;
        Udp.sourcePort(datagram, DISCARD_PORT);
        Udp.destinationPort(datagram, DISCARD_PORT);
        Udp.length(datagram, length - DATAGRAM);
        Udp.checksum(datagram, 0);
        NativeMemory.putInt(address + RUN, run);
    }

    /// Writes a frame that makes a switch learn an address, and that stays on its port once the receiver's first
    /// address is known: nobody would take it out of the generator's socket. A datagram, as guards let no other types
    /// pass.
    static void prepareHello(long address, long source) {
        prepare(address, NO_RUN, HELLO_LENGTH);
        NetworkOrder.u48(address, receiverMac(0, 0));
        NetworkOrder.u48(address + 6, source);
    }

    static void destination(long address, long mac) {
        NetworkOrder.u48(address, mac);
    }

    static long source(long address) {
        return NetworkOrder.u48(address + 6);
    }

    /// Exchanges destination and source.
    static void turn(long address) {
        long source = NetworkOrder.u48(address + 6);
        NetworkOrder.u48(address + 6, NetworkOrder.u48(address));
        NetworkOrder.u48(address, source);
    }

    static boolean belongsTo(long address, int length, int run) {
        return length >= MIN_LENGTH && NativeMemory.getInt(address + RUN) == run
                && NetworkOrder.u16(address + 12) == Ethernet.TYPE_IPV4;
    }

    static long sequence(long address) {
        return NativeMemory.getLong(address + SEQUENCE);
    }

    static void sequence(long address, long sequence) {
        NativeMemory.putLong(address + SEQUENCE, sequence);
    }

    static long sentNs(long address) {
        return NativeMemory.getLong(address + SENT);
    }

    static void sentNs(long address, long sentNs) {
        NativeMemory.putLong(address + SENT, sentNs);
    }
}
