package org.vswitch.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Checksum;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Tcp;
import org.vswitch.wire.VirtioNetHeader;

/// What derived forms cost: a sum, the segments of a super-frame of 64 KiB, a tag.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
public class VariantsBenchmark {
    private static final int HEADERS = 54;
    private static final int SEGMENT = 1_448;
    private static final int SUPER_FRAME = HEADERS + 65_480;
    private static final int SHORT_FRAME = 60;

    private final FrameBatch batch = FrameBatch.forReceiving();
    private final Variants variants = new Variants(batch);
    private long superFrameWord;

    /// Lays an untagged TCP super-frame over IPv4 into each slot; the short frames are its first bytes.
    @Setup
    public void fill() {
        for (int slot = 0; slot < FrameBatch.CAPACITY; slot++) {
            long frame = batch.slot(slot);
            NativeMemory.zero(frame, SUPER_FRAME);
            NetworkOrder.u48(frame, 0x0200_0000_000bL);
            NetworkOrder.u48(frame + 6, 0x0200_0000_000aL);
            NetworkOrder.u16(frame + Ethernet.TAG_OFFSET, Ethernet.TYPE_IPV4);
            NetworkOrder.u8(frame + 14, 0x45);
            NetworkOrder.u8(frame + 14 + 9, Tcp.PROTOCOL);
            NetworkOrder.u8(frame + 34 + 12, 0x50);
        }
        superFrameWord = VirtioNetHeader.withCsumStart(
                VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_TCPV4, HEADERS, SEGMENT), 34);
    }

    /// How long the range to be summed is.
    @State(Scope.Thread)
    public static class Range {
        /// Bytes.
        @Param({"20", "64", "1448", "65536"})
        private int length;
        private long address;

        /// Maps it.
        @Setup
        public void map() {
            address = NativeMemory.map(length);
        }

        /// Unmaps it.
        @TearDown
        public void unmap() {
            NativeMemory.unmap(address, length);
        }
    }

    /// One sum.
    ///
    /// @param range to be summed
    /// @return the sum
    @Benchmark
    public int checksum(Range range) {
        return Checksum.sum(range.address, range.length);
    }

    /// One super-frame received, checked and cut into 46 complete segments.
    ///
    /// @return the first
    @Benchmark
    public int segment() {
        batch.clear();
        VirtioNetHeader.write(batch.slot(0) - VirtioNetHeader.LENGTH, superFrameWord, Tcp.CHECKSUM_OFFSET);
        batch.addOffloadedFrame(batch.slot(0), SUPER_FRAME);
        variants.begin();
        return variants.segmented(0);
    }

    /// A frame of a full batch received.
    ///
    /// @return how many
    @Benchmark
    @OperationsPerInvocation(FrameBatch.CAPACITY)
    public int receive() {
        batch.clear();
        for (int slot = 0; slot < FrameBatch.CAPACITY; slot++) {
            batch.addFrame(batch.slot(slot), SHORT_FRAME);
        }
        variants.begin();
        return batch.size();
    }

    /// The same, and its tagged form made.
    ///
    /// @return rows
    @Benchmark
    @OperationsPerInvocation(FrameBatch.CAPACITY)
    public int tag() {
        receive();
        for (int row = 0; row < FrameBatch.CAPACITY; row++) {
            variants.tagged(row, 7);
        }
        return batch.rows();
    }
}
