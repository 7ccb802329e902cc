package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeServer;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.service.ResolvConf;
import org.vswitch.wire.IpAddress;

/// T93, the whole catalogue of bad inputs: while and after a guest does each, another one is served; the counters show
/// what was dropped and nothing else; when the times are over nothing is held.
class BadInputTest {
    private final StackRig rig = new StackRig(SlirpConfig.usual(), new SentFrames());
    private final GoodGuest good = new GoodGuest(rig, _ -> { });
    private final List<FakeServer> forbidden = new ArrayList<>();

    @BeforeEach
    void populate() {
        rig.servers = ResolvConf.parse("nameserver 192.0.2.53");
        rig.host.permitPing();
        for (long[] peer : new long[][] {{0, IpAddress.v4(OUTSIDE_V4)}, {OUTSIDE_HIGH, 1}}) {
            rig.host.datagramPeer(peer[0], peer[1], 7).echoing();
            rig.host.datagramPeer(peer[0], peer[1], 0).echoing();
            rig.host.server(peer[0], peer[1], 80).echoing();
            rig.host.server(peer[0], peer[1], 82).silent();
        }
        forbidden.add(rig.host.server(0, IpAddress.v4(0x7f00_0001), 80));
        forbidden.add(rig.host.server(0, IpAddress.v4(0xa9fe_a9fe), 80));
        forbidden.add(rig.host.server(0, 1, 80));
    }

    @AfterEach
    void close() {
        rig.close();
        good.close();
    }

    static Stream<BadInput> catalogue() {
        return Stream.of(BadFrames.all(), BadPackets.all(), BadMessages.all(), BadSegments.all())
                .flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("catalogue")
    void shouldServeOthers(BadInput input) {
        good.live();
        Map<StackDrop, Long> before = counters();
        input.deed().accept(good);
        good.live();
        good.pass(TimeUnit.HOURS.toNanos(3));
        assertEquals(input.counted(), difference(before), input.toString());
        assertEquals(0, rig.host.openSockets(), "sockets");
        assertTrue(rig.stack.isIdle(), "something is kept for a guest");
        good.live();
        assertEquals(input.counted(), difference(before), input.toString());
        forbidden.forEach(server -> assertNull(server.accept(), "who must not be reached was"));
    }

    private Map<StackDrop, Long> counters() {
        Map<StackDrop, Long> values = new EnumMap<>(StackDrop.class);
        for (StackDrop reason : StackDrop.values()) {
            values.put(reason, rig.stack.counters().value(reason));
        }
        return values;
    }

    private String difference(Map<StackDrop, Long> before) {
        return counters().entrySet().stream().filter(entry -> entry.getValue() > before.get(entry.getKey()))
                .map(entry -> entry.getKey().key() + "=" + (entry.getValue() - before.get(entry.getKey())))
                .collect(Collectors.joining(" "));
    }
}
