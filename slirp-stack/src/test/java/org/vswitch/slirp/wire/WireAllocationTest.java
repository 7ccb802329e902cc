package org.vswitch.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.wire.Arp;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.Ndp;

/// What is done for every frame allocates nothing.
class WireAllocationTest {
    private static final long STATION = 0x5254_0012_3456L;

    private final TcpOptions options = new TcpOptions();
    private long cycles;
    private long seen;

    @Test
    void shouldAllocateNothing() {
        try (ExactMemory tcp = new ExactMemory(); ExactMemory arp = new ExactMemory();
                ExactMemory ndp = new ExactMemory(); ExactMemory output = new ExactMemory()) {
            long tcpOptions = tcp.place("01 01 08 0a 00 00 00 01 00 00 00 02 01 01 05 0a 00 00 00 01 00 00 00 02");
            long request = arp.place("00 01 08 00 06 04 00 01 52 54 00 12 34 56 0a 00 02 0f"
                    + "00 00 00 00 00 00 0a 00 02 02");
            long solicitation = ndp.place("87 00 00 00 00 00 00 00 fe 80 00 00 00 00 00 00 50 54 00 ff fe 12 34 56"
                    + "01 01 52 54 00 12 34 56");
            long room = output.room(64);
            assertEquals(0, Allocations.bytesOf(20_000, 20_000, () -> {
                options.parse(tcpOptions, 24);
                seen += options.emit(room);
                seen += Arp.isValid(request, 28) ? 1 : 0;
                Arp.emitReply(room, request, 2);
                seen += Ndp.isValid(solicitation, 32) ? 1 : 0;
                seen += Ndp.linkLayerAddress(solicitation, 32, Ndp.SOURCE_LINK_LAYER_ADDRESS) == STATION ? 1 : 0;
                Icmpv4.emitEchoReply(room, solicitation, 32);
                cycles++;
            }));
        }
        assertEquals(cycles * (24 + 1 + 1 + 1), seen, "every cycle did all of it");
    }
}
