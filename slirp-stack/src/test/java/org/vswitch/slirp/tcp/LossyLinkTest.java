package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.FIN;
import static org.vswitch.slirp.tcp.TcpRig.RST;
import static org.vswitch.slirp.tcp.TcpRig.SYN;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Seeds;

/// T67, T58: whatever a link loses, reorders and doubles, in both directions, every byte arrives, in order, and both
/// ends close. The guest is a model that shares no code with what it talks to.
class LossyLinkTest {
    private static final int BYTES = 300_000;
    private static final int MAX_TURNS = 60_000;

    @ParameterizedTest
    @CsvSource({"0, 0, 0, true", "1, 0, 0, true", "5, 0, 0, true", "0, 10, 0, true", "0, 0, 10, true", "5, 5, 5, true",
        "20, 10, 10, true", "1, 0, 0, false", "5, 5, 5, false", "15, 10, 10, false"})
    void shouldDeliverEveryByteInBothDirections(int lossPercent, int reorderPercent, int doublePercent, boolean sack) {
        Seeds.check(8, random -> {
            Link link = new Link(random, lossPercent, reorderPercent, doublePercent);
            try (TcpRig rig = new TcpRig()) {
                transfer(rig, new ModelGuest(rig, random, sack, BYTES), link);
                assertEquals(0, rig.splice.chunksInUse());
            }
        });
    }

    private static void transfer(TcpRig rig, ModelGuest guest, Link link) {
        byte[] download = new byte[BYTES];
        link.random.nextBytes(download);
        guest.open();
        rig.host.accept();
        rig.turn();
        rig.host.send(download);
        rig.host.finish();
        int turns = 0;
        while (!guest.isDone() && turns++ < MAX_TURNS) {
            rig.host.room = link.random.nextInt(10) == 0 ? 0 : 1 + link.random.nextInt(40_000);
            for (TcpRig.Sent sent : link.carry(rig.toGuest)) {
                assertEquals(0, sent.flags() & RST, "reset by " + sent);
                guest.arrive(sent);
            }
            guest.work(link);
            rig.nowNs += 1_000_000;
            rig.turn();
        }
        assertTrue(guest.isDone(), "stuck: " + guest);
        rig.host.room = Integer.MAX_VALUE;
        rig.turn();
        assertArrayEquals(download, guest.received());
        assertArrayEquals(guest.upload, rig.host.received());
        rig.toGuest.clear();
        rig.pass(900_000);
        assertEquals(0, rig.splice.flows());
    }

    /// Loses, holds back and doubles.
    static final class Link {
        final Random random;
        private final int loss;
        private final int reorder;
        private final int doubles;

        Link(Random random, int loss, int reorder, int doubles) {
            this.random = random;
            this.loss = loss;
            this.reorder = reorder;
            this.doubles = doubles;
        }

        <T> List<T> carry(Collection<T> sent) {
            List<T> arrived = new ArrayList<>();
            for (T one : sent) {
                if (random.nextInt(100) >= loss) {
                    arrived.add(one);
                    if (random.nextInt(100) < doubles) {
                        arrived.add(one);
                    }
                }
            }
            sent.clear();
            for (int i = 0; i + 1 < arrived.size(); i++) {
                if (random.nextInt(100) < reorder) {
                    Collections.swap(arrived, i, i + 1 + random.nextInt(Math.min(5, arrived.size() - i - 1)));
                }
            }
            return arrived;
        }
    }
}
