package org.vswitch.benchmark.load;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.NetworkOrder;

/// What a test frame carries behind its Ethernet header: which run it belongs to, its sequence number in that run, and
/// when it was sent.
///
///     0        6        12      14       18          26          34
///     | dst    | src    | type  | run    | sequence  | sent      | zeros up to its length
///
/// `sent` is a reading of [System#nanoTime], which on Linux is one clock for all processes.
final class TestFrame {
    /// The shortest frame that has all fields.
    static final int MIN_LENGTH = 34;
    /// The longest frame a client makes.
    static final int MAX_LENGTH = 1514;
    static final int HELLO_LENGTH = 60;
    /// IEEE 802 local experimental EtherType 1.
    static final int ETHER_TYPE = 0x88b5;

    private static final long GENERATOR_MAC = 0x0200_0000_0001L;
    private static final long RECEIVER_MACS = 0x0210_0000_0000L;
    private static final long BROADCAST = 0xffff_ffff_ffffL;
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

    /// Writes what does not change from frame to frame.
    static void prepare(long address, int run) {
        NetworkOrder.u48(address, destination(0, 1));
        NetworkOrder.u48(address + 6, GENERATOR_MAC);
        NetworkOrder.u16(address + 12, ETHER_TYPE);
        NativeMemory.putInt(address + 14, run);
    }

    /// Writes a frame that makes a switch learn an address, and that stays on its port once the receiver's first
    /// address is known: nobody would take it out of the generator's socket.
    static void prepareHello(long address, long source) {
        NetworkOrder.u48(address, receiverMac(0, 0));
        NetworkOrder.u48(address + 6, source);
        NetworkOrder.u16(address + 12, ETHER_TYPE);
        NativeMemory.putInt(address + 14, 0);
    }

    static void destination(long address, long mac) {
        NetworkOrder.u48(address, mac);
    }

    /// Exchanges destination and source.
    static void turn(long address) {
        long source = NetworkOrder.u48(address + 6);
        NetworkOrder.u48(address + 6, NetworkOrder.u48(address));
        NetworkOrder.u48(address, source);
    }

    static boolean belongsTo(long address, int length, int run) {
        return length >= MIN_LENGTH && NativeMemory.getInt(address + 14) == run
                && NetworkOrder.u16(address + 12) == ETHER_TYPE;
    }

    static long sequence(long address) {
        return NativeMemory.getLong(address + 18);
    }

    static void sequence(long address, long sequence) {
        NativeMemory.putLong(address + 18, sequence);
    }

    static long sentNs(long address) {
        return NativeMemory.getLong(address + 26);
    }

    static void sentNs(long address, long sentNs) {
        NativeMemory.putLong(address + 26, sentNs);
    }
}
