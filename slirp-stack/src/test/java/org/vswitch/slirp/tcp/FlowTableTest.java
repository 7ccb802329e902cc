package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Seeds;

/// The table of connections against a map, its hash, and initial numbers.
class FlowTableTest {
    private final KeyedHash hash = new KeyedHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

    @Test
    void shouldDoWhatAMapDoes() {
        Seeds.check(20, random -> {
            FlowTable table = new FlowTable(500, hash);
            Map<Integer, TcpFlow> map = new HashMap<>();
            for (int step = 0; step < 20_000; step++) {
                int port = 1 + random.nextInt(800);
                assertSame(map.get(port), table.find(path(port)));
                if (map.containsKey(port)) {
                    table.remove(map.remove(port));
                } else if (!table.isFull()) {
                    TcpFlow flow = new TcpFlow(step, null, null);
                    flow.path.from(path(port));
                    table.add(flow);
                    map.put(port, flow);
                }
                assertEquals(map.size(), table.size());
            }
        });
    }

    @Test
    void shouldBeFullAtItsLimit() {
        FlowTable table = new FlowTable(3, hash);
        for (int port = 1; port <= 3; port++) {
            assertTrue(!table.isFull());
            TcpFlow flow = new TcpFlow(port, null, null);
            flow.path.from(path(port));
            table.add(flow);
        }
        assertTrue(table.isFull());
    }

    @Test
    void shouldAllocateNothingToLookUp() {
        FlowTable table = new FlowTable(64, hash);
        TcpFlow flow = new TcpFlow(0, null, null);
        flow.path.from(path(7));
        table.add(flow);
        FlowPath there = path(7);
        FlowPath elsewhere = path(8);
        long[] found = new long[1];
        assertEquals(0, Allocations.bytesOf(20_000, 20_000, () -> {
            found[0] += table.find(there) == flow && table.find(elsewhere) == null ? 1 : 0;
        }));
        assertTrue(found[0] >= 40_000);
    }

    /// Every part of a path counts, and so does the secret.
    @Test
    void shouldHashEveryPartOfAPath() {
        long of = hash.of(path(1));
        FlowPath other = path(1);
        other.remotePort++;
        assertTrue(of != hash.of(other));
        other = path(1);
        other.guestHigh++;
        assertTrue(of != hash.of(other));
        other = path(1);
        other.remoteHigh++;
        assertTrue(of != hash.of(other));
        other = path(1);
        other.guestMac++;
        assertEquals(of, hash.of(other));
        assertTrue(of != new KeyedHash(1, 2).of(path(1)));
    }

    /// RFC 6528: for one connection numbers go on by the clock, 250,000 a second; for two they are unrelated.
    @Test
    void shouldChooseNumbersByClockAndSecret() {
        Isn isn = new Isn(hash);
        int first = isn.choose(path(1), 5_000_000_000L);
        assertEquals(first + 250_000, isn.choose(path(1), 6_000_000_000L));
        int far = 0;
        for (int port = 2; port < 1_000; port++) {
            far += Math.abs(isn.choose(path(port), 5_000_000_000L) - first) > 1 << 20 ? 1 : 0;
        }
        assertTrue(far > 980, "far " + far);
    }

    private static FlowPath path(int port) {
        FlowPath path = new FlowPath();
        path.guestLow = 0xffff_0a00_020fL;
        path.remoteLow = 0xffff_c000_0201L;
        path.guestPort = port;
        path.remotePort = 80;
        return path;
    }
}
