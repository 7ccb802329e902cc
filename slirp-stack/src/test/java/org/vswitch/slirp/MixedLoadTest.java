package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.service.ResolvConf;
import org.vswitch.wire.IpAddress;

/// T95: an hour of guests that connect, send and hear datagrams, resolve names and ping, some of which leave without a
/// word. Every five minutes all is quiet for as long as anything may be remembered, and nothing is held: no socket, no
/// memory, as at the beginning. The time is the test's; `-Dtest.soak=N` makes it N hours.
class MixedLoadTest {
    private static final int HOURS = Integer.getInteger("test.soak", 1);
    private static final int ROUNDS_OF_HOUR = 12;
    private static final int ACTS = 400;
    private static final int GUESTS = 20;
    private static final long SERVER = IpAddress.v4(0xc000_0235);

    @Test
    void shouldHoldNothingWhenAllIsQuiet() {
        Seeds.check(1, random -> {
            try (StackRig rig = new StackRig(); GuestSide side = new GuestSide(rig)) {
                new Load(random, rig, side).run();
            }
        });
    }

    private static final class Load {
        private final Random random;
        private final StackRig rig;
        private final GuestSide side;
        private final List<GuestTcp> open = new ArrayList<>();
        private final FakeDatagramPeer names;
        private int ports = 10_000;
        private long carried;

        Load(Random random, StackRig rig, GuestSide side) {
            this.random = random;
            this.rig = rig;
            this.side = side;
            rig.host.permitPing();
            rig.servers = ResolvConf.parse("nameserver 192.0.2.53");
            long outside = IpAddress.v4(OUTSIDE_V4);
            rig.host.server(0, outside, 80).echoing();
            rig.host.server(0, outside, 81).silent();
            rig.host.datagramPeer(0, outside, 7).echoing();
            rig.host.datagramPeer(0, outside, 0).echoing();
            names = rig.host.datagramPeer(0, SERVER, 53);
        }

        void run() {
            for (int round = 0; round < HOURS * ROUNDS_OF_HOUR; round++) {
                for (int i = 0; i < ACTS; i++) {
                    act();
                    side.pass(random.nextInt(700_000_000));
                    while (names.receive() != null) { // nobody answers
                        carried++;
                    }
                }
                leave();
                assertEquals(0, rig.host.openSockets(), "sockets");
                assertTrue(rig.stack.isIdle(), "something is kept for a guest");
            }
            assertTrue(carried > 0);
        }

        private void act() {
            int guest = random.nextInt(GUESTS);
            switch (random.nextInt(8)) {
                case 0, 1 -> open.add(side.open(guest, next(), OUTSIDE_V4, random.nextInt(10) == 0 ? 81 : 80));
                case 2, 3 -> speak();
                case 4 -> rig.send(from(guest).payload(GuestPackets.UDP,
                        GuestPackets.udp(next(), 7, new byte[random.nextInt(1_400)])).frame());
                case 5 -> rig.send(from(guest).to(GuestPackets.DNS_V4).payload(GuestPackets.UDP,
                        GuestPackets.udp(next(), 53, GuestPackets.octets(1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0,
                                0, 1, 0, 1))).frame());
                case 6 -> rig.send(from(guest).to(random.nextBoolean() ? ROUTER_V4 : OUTSIDE_V4)
                        .payload(GuestPackets.ICMP, Pings.echo(8, next(), 1)).frame());
                default -> end();
            }
        }

        private void speak() {
            if (!open.isEmpty()) {
                GuestTcp connection = open.get(random.nextInt(open.size()));
                if (connection.isOpen() && !connection.hasEnded()) {
                    connection.send(new byte[random.nextInt(1_400)]);
                }
            }
        }

        private void end() {
            if (!open.isEmpty()) {
                open.remove(random.nextInt(open.size())).end();
            }
        }

        /// Those who have connections end them; the times of all flows go by.
        private void leave() {
            open.forEach(connection -> carried += connection.receivedCount());
            open.forEach(GuestTcp::end);
            open.clear();
            side.forget();
            side.pass(TimeUnit.HOURS.toNanos(3));
        }

        private GuestPackets.V4 from(int guest) {
            return new GuestPackets.V4().from(GuestPackets.GUEST_V4 + guest)
                    .stations(GuestPackets.GUEST + guest, GuestPackets.ROUTER);
        }

        private int next() {
            ports = ports == 60_000 ? 10_000 : ports + 1;
            return ports;
        }
    }
}
