package org.vswitch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Sandbox;

/// Whoever is killed, at whatever moment of his life, no tap stays behind.
@Timeout(300)
class TapdKillIT {
    private static final long ENOUGH_S = 40;
    private static final int MIN_ROUNDS = 6;
    /// From before a client has asked to long after it has its tap.
    private static final int MAX_DELAY_US = 2_500_000;

    @TempDir
    private Path folder;
    private TapdHost host;

    @BeforeEach
    void prepare() {
        host = TapdHost.create(folder, "allow user=" + TapdHost.NOBODY + " taps=2 name=nb* mac=any source=any");
    }

    @AfterEach
    void end() {
        host.close();
    }

    /// The moment is left to chance, as there are more of them than can be named.
    @Test
    void shouldLeaveNoTapBehind() {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        long beginNs = System.nanoTime();
        CommandRun broker = host.startBroker();
        for (int round = 0; round < MIN_ROUNDS
                || System.nanoTime() - beginNs < TimeUnit.SECONDS.toNanos(ENOUGH_S); round++) {
            boolean brokerToo = random.nextBoolean();
            boolean clientFirst = random.nextBoolean();
            CommandRun client = host.launchCable("nb" + round);
            long momentNs = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(random.nextInt(MAX_DELAY_US));
            Sandbox.await("the moment", () -> System.nanoTime() - momentNs >= 0);
            List<CommandRun> victims = !brokerToo ? List.of(client)
                    : clientFirst ? List.of(client, broker) : List.of(broker, client);
            victims.forEach(each -> each.signal("KILL"));
            victims.forEach(CommandRun::outcome);
            Sandbox.await("no tap, round=" + round + " seed=" + seed, () -> host.taps().isEmpty());
            broker = brokerToo ? host.startBroker() : broker;
        }
        host.startCable("nb0");
        host.startCable("nb1");
    }

    /// A switch that has lost its broker carries on, and its tap goes with it; a broker that comes meanwhile lets it.
    @Test
    void shouldLeaveNoTapBehindASwitchWhoseBrokerWasKilledBefore() {
        CommandRun broker = host.startBroker();
        CommandRun network = host.startSwitch("--link", host.tap("nb0", ""));
        broker.signal("KILL");
        broker.outcome();
        CommandRun next = host.startBroker();
        network.ask("link/add " + host.tap("nb1", ""));
        next.signal("KILL");
        next.outcome();
        network.ask("showinfo");
        network.signal("KILL");
        network.outcome();
        Sandbox.await("no tap", () -> host.taps().isEmpty());
    }
}
