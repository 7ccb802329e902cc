package org.vswitch.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.MacTable;
import org.vswitch.bridge.PortSettings;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.frame.Variants;
import org.vswitch.link.Egress;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.MemoryLink;
import org.vswitch.link.NullLink;
import org.vswitch.wire.NetworkOrder;

/// The bridge's own share of a frame's cost: a batch of 64 frames that lie in memory, forwarded to links that swallow
/// them, and between two memory links, where each frame is also received and copied.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
public class BridgeBenchmark {
    private static final int BATCH = FrameBatch.CAPACITY;
    private static final int SINKS = 16;
    private static final long STATION = 0x0200_0000_0000L;
    private static final long BROADCAST = 0xffff_ffff_ffffL;

    /// Bytes of a frame.
    @Param({"64", "1514"})
    private int length;

    private final FrameSlab slots = FrameSlab.forFrames(BATCH);
    private final int[] all = IntStream.range(0, BATCH).toArray();
    private final LinkFeatures features = LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED);
    private final MemoryLink.Pair from = MemoryLink.pair(features, features);
    private final MemoryLink.Pair to = MemoryLink.pair(features, features);
    private final FrameBatch outside = FrameBatch.forReceiving();
    private final Rig sinks = new Rig();
    private final Rig memory = new Rig();

    /// A bridge, and the batch that it forwards. Port N has the station with address N.
    private final class Rig {
        final FrameBatch batch = FrameBatch.forReceiving();
        final Egress egress = new Egress(new Variants(batch));
        final Bridge bridge = new Bridge(new BridgePorts(32), new MacTable(1024), egress, endpoint -> { });
        final List<Endpoint> endpoints = new ArrayList<>();

        void plug(Link link) {
            int port = endpoints.size();
            new PortSettings(bridge).create(port, true);
            endpoints.add(new Endpoint(port, port, link, new LinkLabel("benchmark", "benchmark"), egress));
            bridge.attached(endpoints.get(port));
            bridge.now(System.nanoTime());
            fill(batch, STATION + port, STATION + port);
            bridge.forward(batch, endpoints.get(port), BATCH);
        }
    }

    /// Plugs everything in; the bridges learn where the stations are.
    @Setup
    public void plugIn() {
        for (int i = 0; i <= SINKS; i++) {
            sinks.plug(new NullLink());
        }
        memory.plug(from.first());
        memory.plug(to.first());
    }

    /// Ends the links.
    @TearDown(Level.Trial)
    public void unplug() {
        from.first().close();
        from.second().close();
        to.first().close();
        to.second().close();
        slots.free();
    }

    /// To one port that is known; the frames are described anew each time.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void unicast() {
        fill(sinks.batch, STATION + 1, STATION);
        sinks.bridge.forward(sinks.batch, sinks.endpoints.getFirst(), BATCH);
    }

    /// To 16 ports.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void flood() {
        fill(sinks.batch, BROADCAST, STATION);
        sinks.bridge.forward(sinks.batch, sinks.endpoints.getFirst(), BATCH);
    }

    /// What describing a batch costs, without the bridge.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void describe() {
        fill(sinks.batch, STATION + 1, STATION);
    }

    /// In through one memory link, out through another: two copies of each frame.
    ///
    /// @return how many came out
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int betweenMemoryLinks() {
        fill(outside, STATION + 1, STATION);
        from.second().transmit(outside, all, 0, BATCH);
        memory.batch.clear();
        int taken = from.first().receive(memory.batch);
        memory.bridge.forward(memory.batch, memory.endpoints.getFirst(), taken);
        from.first().release(memory.batch);
        outside.clear();
        int came = to.second().receive(outside);
        to.second().release(outside);
        return came;
    }

    private void fill(FrameBatch batch, long destination, long source) {
        batch.clear();
        for (int i = 0; i < BATCH; i++) {
            long frame = slots.frame(i);
            NetworkOrder.u48(frame, destination);
            NetworkOrder.u48(frame + 6, source);
            NetworkOrder.u16(frame + 12, 0x88b5);
            batch.addFrame(frame, length);
        }
    }
}
