package org.vswitch.slirp.host;

import org.vswitch.linux.NativeMemory;

/// Bytes in order, up to a limit: what a socket buffer is. Allocates nothing once made.
final class ByteQueue {
    private final byte[] bytes;
    private int head;
    private int count;

    ByteQueue(int capacity) {
        bytes = new byte[capacity];
    }

    int count() {
        return count;
    }

    int free() {
        return bytes.length - count;
    }

    boolean isHalfFree() {
        return free() >= bytes.length / 2;
    }

    void clear() {
        head = 0;
        count = 0;
    }

    /// Appends what fits of native memory.
    int put(long address, int length) {
        int taken = Math.min(length, free());
        int tail = (head + count) % bytes.length;
        int first = Math.min(taken, bytes.length - tail);
        NativeMemory.copyOut(address, bytes, tail, first);
        NativeMemory.copyOut(address + first, bytes, 0, taken - first);
        count += taken;
        return taken;
    }

    /// Appends what fits of an array.
    int put(byte[] from) {
        int taken = Math.min(from.length, free());
        for (int i = 0; i < taken; i++) {
            bytes[(head + count + i) % bytes.length] = from[i];
        }
        count += taken;
        return taken;
    }

    /// Moves the first bytes to native memory.
    int take(long address, int length) {
        int taken = Math.min(length, count);
        int first = Math.min(taken, bytes.length - head);
        NativeMemory.copyIn(bytes, head, address, first);
        NativeMemory.copyIn(bytes, 0, address + first, taken - first);
        skip(taken);
        return taken;
    }

    /// Takes all there is.
    byte[] take() {
        byte[] all = new byte[count];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes[(head + i) % bytes.length];
        }
        clear();
        return all;
    }

    /// Moves what fits to another queue.
    void moveTo(ByteQueue other) {
        while (count > 0 && other.free() > 0) {
            other.bytes[(other.head + other.count++) % other.bytes.length] = bytes[head];
            skip(1);
        }
    }

    private void skip(int length) {
        head = (head + length) % bytes.length;
        count -= length;
    }
}
