package org.vswitch.linux;

import java.util.concurrent.ConcurrentSkipListMap;

/// The registered ranges of memory, for the checked mode of [NativeMemory]. Thread-safe; slow, never on in production.
final class RegionTable {
    private final ConcurrentSkipListMap<Long, Long> endByStart = new ConcurrentSkipListMap<>();

    void add(long address, long length) {
        endByStart.put(address, address + length);
    }

    void remove(long address) {
        endByStart.remove(address);
    }

    boolean contains(long address, long length) {
        var region = endByStart.floorEntry(address);
        return length >= 0 && region != null && address + length <= region.getValue();
    }
}
