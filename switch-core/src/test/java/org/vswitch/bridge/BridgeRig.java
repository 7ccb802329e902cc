package org.vswitch.bridge;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.link.Egress;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// A bridge with probes plugged in: the test injects frames and sees where they come out. Time is a number.
final class BridgeRig {
    final FrameBatch batch = FrameBatch.forReceiving();
    final Egress egress = new Egress(new Variants(batch));
    final BridgePorts ports = new BridgePorts(32);
    final MacTable addresses = new MacTable(1024);
    final Bridge bridge = new Bridge(ports, addresses, egress, endpoint -> { });
    final PortSettings settings = new PortSettings(bridge);
    final List<Endpoint> endpoints = new ArrayList<>();
    private long offeredByDetached;
    private long nowNs = 1_000_000_000_000L;

    BridgeRig() {
        bridge.now(nowNs);
    }

    ProbeLink plug(int port) {
        return plug(port, LinkFeatures.plain(9234, 1 << 20));
    }

    ProbeLink plug(int port, LinkFeatures features) {
        if (ports.port(port) == null) {
            settings.create(port, true);
        }
        ProbeLink probe = new ProbeLink(features);
        Endpoint endpoint = new Endpoint(endpoints.size(), port, probe, new LinkLabel("probe", "test"), egress);
        endpoints.add(endpoint);
        bridge.attached(endpoint);
        return probe;
    }

    void unplug(ProbeLink probe) {
        Endpoint endpoint = endpointOf(probe);
        bridge.detached(endpoint);
        endpoint.fail();
        endpoints.remove(endpoint);
        offeredByDetached += endpoint.offered();
    }

    void inject(ProbeLink from, byte[]... frames) {
        batch.clear();
        for (int i = 0; i < frames.length; i++) {
            NativeMemory.copyIn(frames[i], 0, batch.slot(i), frames[i].length);
            batch.addFrame(batch.slot(i), frames[i].length);
        }
        bridge.forward(batch, endpointOf(from), frames.length);
    }

    /// Injects TCP over IPv4 without options, to be cut into segments of 1,400 bytes.
    void injectSuperFrames(ProbeLink from, byte[]... frames) {
        batch.clear();
        for (byte[] frame : frames) {
            long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(1, 1, 54, 1_400), 34);
            Frames.receiveOffloaded(batch, frame, word, 16);
        }
        bridge.forward(batch, endpointOf(from), frames.length);
    }

    void pass(long seconds) {
        nowNs += seconds * 1_000_000_000L;
        bridge.now(nowNs);
        bridge.onDeadline(nowNs);
    }

    Endpoint endpointOf(ProbeLink probe) {
        for (int i = 0; i < endpoints.size(); i++) {
            if (endpoints.get(i).link() == probe) {
                return endpoints.get(i);
            }
        }
        throw new IllegalArgumentException("not plugged in");
    }

    /// Both ledgers of invariant 5, or what is wrong with them.
    String imbalance() {
        long offered = offeredByDetached;
        for (Endpoint endpoint : endpoints) {
            long lost = Drop.ALL.stream().mapToLong(endpoint::lost).sum();
            if (endpoint.offered() != endpoint.sent() + endpoint.queued() + lost) {
                return "endpoint " + endpoint.id() + ": offered=" + endpoint.offered() + " sent=" + endpoint.sent()
                        + " queued=" + endpoint.queued() + " lost=" + lost;
            }
            offered += endpoint.offered();
        }
        for (int number = 0; number < ports.count(); number++) {
            BridgePort port = ports.port(number);
            if (port != null) {
                long discarded = Drop.ALL.stream().mapToLong(port::discarded).sum();
                if (port.received() != port.consumed() + discarded + port.passedOn()) {
                    return "port " + number + ": received=" + port.received() + " discarded=" + discarded
                            + " passed on=" + port.passedOn();
                }
            }
        }
        return offered == bridge.fanOut() ? "" : "offered=" + offered + " fan-out=" + bridge.fanOut();
    }
}
