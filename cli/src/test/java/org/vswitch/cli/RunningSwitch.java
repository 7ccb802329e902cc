package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.MacTable;
import org.vswitch.control.StartException;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.link.Endpoint;

/// A whole switch in this process. When the test is over both of its ledgers must hold.
final class RunningSwitch implements AutoCloseable {
    private static final int ASK_SECONDS = 30;

    private final Path directory;
    private final Switch running;
    private final List<String> log = new ArrayList<>();

    private RunningSwitch(SwitchConfig config) throws StartException {
        directory = Path.of(config.ctl().directory());
        running = Switch.start(config, this::log);
    }

    static RunningSwitch start(SwitchConfig config) throws StartException {
        return new RunningSwitch(config);
    }

    /// Where clients plug in.
    Path directory() {
        return directory;
    }

    /// The switch itself.
    Switch running() {
        return running;
    }

    /// Asks the bridge.
    <T> T ask(Function<Bridge, T> question) {
        try {
            return running.control().ask(question).get(ASK_SECONDS, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new AssertionError("the switch does not answer: " + failure + "; its log: " + log(), failure);
        }
    }

    /// Asks about a port that exists.
    long count(int port, Function<BridgePort, Long> counter) {
        return ask(bridge -> counter.apply(bridge.ports().port(port)));
    }

    /// How many endpoints are plugged in at a port.
    int endpoints(int port) {
        return ask(bridge -> bridge.ports().port(port) == null ? 0 : bridge.ports().port(port).endpoints().length);
    }

    /// Waits until so many ports have an endpoint.
    void awaitActivePorts(int count) {
        Sandbox.await(count + " active ports", 60, () -> ask(RunningSwitch::activePorts).size() == count);
    }

    private static List<Integer> activePorts(Bridge bridge) {
        List<Integer> active = new ArrayList<>();
        for (int number = 0; number < bridge.ports().count(); number++) {
            if (bridge.ports().port(number) != null && bridge.ports().port(number).isActive()) {
                active.add(number);
            }
        }
        return active;
    }

    /// The port where an address in VLAN 0 was learned; -1 if it is unknown.
    int portOf(long address) {
        return ask(bridge -> {
            int slot = bridge.addresses().find(address, 0);
            return slot == MacTable.NONE ? -1 : bridge.addresses().port(slot);
        });
    }

    /// What the switch has logged.
    List<String> log() {
        synchronized (log) {
            return List.copyOf(log);
        }
    }

    private void log(String line) {
        synchronized (log) {
            log.add(line);
        }
    }

    @Override
    public void close() {
        String imbalance = running.ended().isDone() ? "" : ask(RunningSwitch::imbalance);
        running.close();
        assertEquals("", imbalance);
    }

    /// What is wrong with the ledgers of ports and endpoints; empty if both hold.
    private static String imbalance(Bridge bridge) {
        StringBuilder wrong = new StringBuilder();
        for (int number = 0; number < bridge.ports().count(); number++) {
            BridgePort port = bridge.ports().port(number);
            if (port == null) {
                continue;
            }
            long discarded = Drop.ALL.stream().mapToLong(port::discarded).sum();
            if (port.received() != port.consumed() + discarded + port.passedOn()) {
                wrong.append("port ").append(number).append(": received=").append(port.received())
                        .append(" discarded=").append(discarded).append(" passed on=").append(port.passedOn())
                        .append('\n');
            }
            for (Endpoint endpoint : port.endpoints()) {
                long lost = Drop.ALL.stream().mapToLong(endpoint::lost).sum();
                if (endpoint.offered() != endpoint.sent() + endpoint.queued() + lost) {
                    wrong.append("endpoint ").append(endpoint.id()).append(": offered=").append(endpoint.offered())
                            .append(" sent=").append(endpoint.sent()).append(" queued=").append(endpoint.queued())
                            .append(" lost=").append(lost).append('\n');
                }
            }
        }
        return wrong.toString();
    }
}
