package org.vswitch.link.vhost;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import org.vswitch.linux.Fd;
import org.vswitch.linux.NativeMemory;

/// A split virtqueue as a driver sees it (virtio 1.2, 2.7), or somebody who is none: everything can be written.
///
/// Nothing here is shared with the device's side, so that two misunderstandings do not meet.
public final class SplitRingDriver {
    public static final int NEXT = 1;
    public static final int WRITE = 2;
    public static final int INDIRECT = 4;

    private final FrontEndMemory memory;
    private final int size;
    private final boolean eventIdx;
    private final long table;
    private final long available;
    private final long used;
    private int offered;
    private int announced;
    private int taken;

    /// An empty ring.
    ///
    /// @param guest where it is to lie, a multiple of 16
    /// @param size number of descriptors
    /// @param eventIdx whether EVENT_IDX was agreed upon
    public SplitRingDriver(FrontEndMemory memory, long guest, int size, boolean eventIdx) {
        this.memory = memory;
        this.size = size;
        this.eventIdx = eventIdx;
        table = guest;
        available = table + 16L * size;
        used = available + 6 + 2L * size + 3 & -4;
    }

    /// How many bytes a ring takes at most, a multiple of 64.
    public static long bytes(int size) {
        return 16L * size + 6 + 2L * size + 4 + 6 + 8L * size + 63 & -64;
    }

    /// How the device is told of it; null for bells that there are not.
    RingSetup setup(Bell kick, Bell call, Bell error) throws IOException {
        return new RingSetup(size, FrontEndMemory.user(table), FrontEndMemory.user(available),
                FrontEndMemory.user(used), copy(kick), copy(call), copy(error));
    }

    private static Fd copy(Bell bell) throws IOException {
        return bell == null ? null : bell.copy();
    }

    /// Starts anew with the indices where they are, as after a crash of the device.
    void rewind() {
        taken = NativeMemory.getShort(memory.at(used + 2));
    }

    public int size() {
        return size;
    }

    /// Writes a descriptor.
    ///
    /// @param flagsAndNext flags in the lower half, the number of the next descriptor in the upper one
    public void descriptor(int index, long guest, long length, int flagsAndNext) {
        descriptorAt(table + 16L * index, guest, length, flagsAndNext);
    }

    /// Writes a descriptor of a table anywhere.
    void descriptorAt(long place, long guest, long length, int flagsAndNext) {
        long at = memory.at(place);
        NativeMemory.putLong(at, guest);
        NativeMemory.putInt(at + 8, (int) length);
        NativeMemory.putInt(at + 12, flagsAndNext);
    }

    /// Makes a chain available, without telling the device.
    public void offer(int head) {
        NativeMemory.putShort(memory.at(available + 4 + 2L * (offered & size - 1)), head);
        offered = offered + 1 & 0xffff;
    }

    /// Tells the device of what was offered.
    public void announce() {
        NativeMemory.putShortRelease(memory.at(available + 2), offered);
    }

    /// Writes any available index.
    void availableIndex(int index) {
        offered = index & 0xffff;
        announce();
    }

    /// Sets both indices of a ring that is not in use, as if it had been used so often.
    void begin(int index) {
        NativeMemory.putShort(memory.at(used + 2), index);
        availableIndex(index);
        taken = index & 0xffff;
        announced = taken;
    }

    /// Whether the device wants a kick for what was announced since the last time this was asked.
    public boolean wantsKick() {
        VarHandle.fullFence();
        int before = announced;
        announced = offered;
        if (!eventIdx) {
            return (NativeMemory.getShort(memory.at(used)) & 1) == 0;
        }
        int event = NativeMemory.getShort(memory.at(used + 4 + 8L * size));
        return (offered - event - 1 & 0xffff) < (offered - before & 0xffff);
    }

    /// With EVENT_IDX: which used index is to be told of; or else: whether one is.
    public void interruptAt(int index) {
        NativeMemory.putShort(memory.at(available + 4 + 2L * size), index);
    }

    /// Without EVENT_IDX: no interrupts.
    public void silence(boolean on) {
        NativeMemory.putShort(memory.at(available), on ? 1 : 0);
    }

    /// How many chains were offered so far, modulo 65,536.
    public int offered() {
        return offered;
    }

    /// How many chains were offered that were not taken back.
    public int outstanding() {
        return offered - taken & 0xffff;
    }

    /// How many chains came back that were not taken.
    public int returned() {
        return usedIndex() - taken & 0xffff;
    }

    /// The device's index.
    int usedIndex() {
        return NativeMemory.getShortAcquire(memory.at(used + 2));
    }

    /// The number of the first descriptor of the oldest chain that came back.
    public int head() {
        return NativeMemory.getInt(memory.at(used + 4 + 8L * (taken & size - 1)));
    }

    /// How many bytes were written into the oldest chain that came back.
    public int length() {
        return NativeMemory.getInt(memory.at(used + 8 + 8L * (taken & size - 1)));
    }

    /// Goes on to the next chain that came back.
    public void take() {
        taken = taken + 1 & 0xffff;
    }
}
