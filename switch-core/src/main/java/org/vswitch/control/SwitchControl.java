package org.vswitch.control;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.PortSettings;

/// Questions and commands to a running switch. Callable from any thread: each runs on the data-plane thread, between
/// two batches.
public final class SwitchControl {
    private final Bridge bridge;
    private final PortSettings settings;
    private final DataPlaneGate gate;
    private final GuardPlan guards;

    /// Control of one switch.
    ///
    /// @param bridge touched on the data-plane thread only
    /// @param gate the way there
    public SwitchControl(Bridge bridge, DataPlaneGate gate) {
        this.bridge = bridge;
        this.settings = new PortSettings(bridge);
        this.gate = gate;
        this.guards = new GuardPlan(bridge.ports(), settings);
    }

    /// Asks the bridge.
    ///
    /// @param question runs on the data-plane thread
    /// @param <T> what it answers
    /// @return completed on the data-plane thread
    public <T> CompletableFuture<T> ask(Function<Bridge, T> question) {
        return gate.ask(() -> question.apply(bridge));
    }

    /// Changes ports and VLANs; to be used within a question.
    ///
    /// @return the settings of the bridge
    public PortSettings settings() {
        return settings;
    }

    /// Changes guards; to be used within a question.
    ///
    /// @return which port gets which
    public GuardPlan guards() {
        return guards;
    }

    /// The ports; to be used within a question.
    ///
    /// @return of the bridge
    BridgePorts ports() {
        return bridge.ports();
    }

    /// The way to the data plane.
    ///
    /// @return the gate
    public DataPlaneGate gate() {
        return gate;
    }
}
