package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.vswitch.control.BridgeSettings;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Sandbox;

/// A loop of two of Debian's switches and ours: the root, one other, and ours. Each switch has a station; the root's
/// sends numbered broadcasts all the time, the other two count how often each number comes.
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class FstpInteropTest {
    private static final int FAILOVER_SECONDS = 16;
    /// After three periods without a message from the root it is given up.
    private static final int SILENCE_SECONDS = 12;
    /// The first calculation takes a few periods of four seconds.
    private static final int CALCULATION_SECONDS = 60;

    @TempDir
    private Path folder;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private DebianSwitch root;
    private DebianSwitch other;
    private RunningSwitch ours;
    private Child rootToOther;
    private Child rootToOurs;
    private StreamPlug sender;
    private Station atOther;
    private Station atOurs;
    private int sequence;

    @BeforeEach
    void start() throws Exception {
        Child.assumeInstalled("vde_switch", "vde_plug");
        root = keep(DebianSwitch.start(folder.resolve("root"), "-F", "--priority", "0x1000"));
        other = keep(DebianSwitch.start(folder.resolve("other"), "-F"));
        BridgeSettings plain = BridgeSettings.DEFAULT;
        SwitchConfig config = SwitchConfig.in(folder.resolve("ours").toString());
        ours = keep(RunningSwitch.start(config.with(new BridgeSettings(plain.portCount(), false, true,
                BridgeSettings.RANDOM, plain.priority(), plain.addresses(), plain.guards()))));
        String here = ours.directory().toString();
        sender = keep(StreamPlug.start(root.directory() + "[1]"));
        atOther = new Station(keep(StreamPlug.start(other.directory() + "[1]")));
        atOurs = new Station(keep(StreamPlug.start(here + "[1]")));
        rootToOther = keep(Child.start("vde_plug", root.directory() + "[2]", other.directory() + "[2]"));
        rootToOurs = keep(Child.start("vde_plug", root.directory() + "[3]", here + "[3]"));
        keep(Child.start("vde_plug", other.directory() + "[4]", here + "[4]"));
        Sandbox.await("nine ports, one cable blocked", CALCULATION_SECONDS, () -> active() == 9 && isTree());
    }

    private <T extends AutoCloseable> T keep(T part) {
        parts.addFirst(part);
        return part;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable part : parts) {
            part.close();
        }
    }

    @Test
    void shouldFindAnotherWayWhenOurLinkToTheRootIsCut() throws Exception {
        assertFailover(rootToOurs::kill, FAILOVER_SECONDS);
        awaitNothingBlocked();
    }

    @Test
    void shouldBecomeTheWayWhenTheOthersLinkToTheRootIsCut() throws Exception {
        assertFailover(rootToOther::kill, FAILOVER_SECONDS);
        awaitNothingBlocked();
    }

    @Test
    void shouldFindAnotherWayWhenTheRootFallsSilent() throws Exception {
        assertFailover(rootToOurs::freeze, SILENCE_SECONDS + FAILOVER_SECONDS);
        rootToOurs.kill();
    }

    private void assertFailover(Runnable cut, int seconds) throws Exception {
        assertReached("the loop is cut once", CALCULATION_SECONDS, sequence);
        int first = sequence;
        assertReached("ten more", CALCULATION_SECONDS, first + 10);
        cut.run();
        int lost = sequence;
        assertReached("all stations again", seconds, lost + 1);
        assertReached("ten more", CALCULATION_SECONDS, sequence + 10);
        for (Station station : List.of(atOther, atOurs)) {
            assertEquals(Map.of(), station.repeated());
            assertEquals(10, station.countFrom(first, first + 10), "lost before the cut");
        }
    }

    private void awaitNothingBlocked() {
        Sandbox.await("nothing blocked", CALCULATION_SECONDS,
                () -> blocked(root) + blocked(other) + blockedByUs() == 0);
    }

    /// The cable away from the root is blocked, at one end or at both.
    private boolean isTree() {
        long ends = blocked(other) + blockedByUs();
        return blocked(root) == 0 && (ends == 1 || ends == 2);
    }

    /// Sends until both stations have got this number or a higher one.
    private void assertReached(String what, int seconds, int number) {
        Sandbox.await(what, seconds, () -> {
            send();
            return atOther.highest() >= number && atOurs.highest() >= number;
        });
    }

    /// At most a hundred frames a second.
    private void send() {
        long sentNs = System.nanoTime();
        ByteBuffer frame = ByteBuffer.wrap(Frames.plain(Frames.BROADCAST, Frames.A, 64));
        try {
            sender.send(frame.putInt(14, sequence++).array());
        } catch (java.io.IOException failure) {
            throw new AssertionError(failure);
        }
        Sandbox.await("the next", () -> {
            atOther.take();
            atOurs.take();
            return System.nanoTime() - sentNs > TimeUnit.MILLISECONDS.toNanos(10);
        });
    }

    private static long blocked(DebianSwitch debian) {
        return debian.ask("vlan/print 0").stream().filter(line -> line.contains("active=1"))
                .filter(line -> !line.contains("status=Forwarding")).count();
    }

    private int blockedByUs() {
        return ours.ask(bridge -> {
            int blocked = 0;
            for (int number = 1; number <= 4; number++) {
                boolean active = bridge.ports().port(number) != null && bridge.ports().port(number).isActive();
                blocked += active && !bridge.vlans().vlan(0).forwards(number) ? 1 : 0;
            }
            return blocked;
        });
    }

    private long active() {
        long count = 0;
        for (DebianSwitch debian : List.of(root, other)) {
            count += debian.ask("vlan/print 0").stream().filter(line -> line.contains("active=1")).count();
        }
        for (int number = 1; number <= 4; number++) {
            count += ours.endpoints(number);
        }
        return count;
    }

    /// Counts how often each number came.
    private static final class Station {
        private final StreamPlug plug;
        private final Map<Integer, Integer> counts = new HashMap<>();
        private int highest = -1;

        Station(StreamPlug plug) {
            this.plug = plug;
        }

        void take() {
            for (var frame = plug.poll(); frame.isPresent(); frame = plug.poll()) {
                ByteBuffer bytes = ByteBuffer.wrap(frame.get());
                if (bytes.capacity() == 64 && bytes.getShort(12) == (short) Frames.EXPERIMENTAL) {
                    int number = bytes.getInt(14);
                    counts.merge(number, 1, Integer::sum);
                    highest = Math.max(highest, number);
                }
            }
        }

        int highest() {
            return highest;
        }

        Map<Integer, Integer> repeated() {
            Map<Integer, Integer> repeated = new HashMap<>(counts);
            repeated.values().removeIf(count -> count == 1);
            return repeated;
        }

        long countFrom(int from, int to) {
            return counts.keySet().stream().filter(number -> number >= from && number < to).count();
        }
    }
}
