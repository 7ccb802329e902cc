package org.vswitch.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
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
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// One frame into a Unix datagram socket and out of its peer, without a switch and without a wake-up: 64 a system call,
/// and one a system call. The socket buffers bound how many of the longer frames can be under way, so a batch is sent
/// and received in halves.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
public class DatagramBenchmark {
    private static final int BATCH = 32;
    private static final int STRIDE = 1600;

    /// Bytes of a frame.
    @Param({"64", "1514"})
    private int length;

    private final long buffers = NativeMemory.map(BATCH * STRIDE);
    private final MessageBatch outgoing = new MessageBatch();
    private final MessageBatch incoming = new MessageBatch();
    private Fd one;
    private Fd other;

    /// Connects two sockets with abstract names in both directions.
    ///
    /// @throws LinuxException if the kernel refuses
    @Setup
    public void connect() throws LinuxException {
        one = Sockets.open(Sockets.Type.DATAGRAM, true);
        other = Sockets.open(Sockets.Type.DATAGRAM, true);
        Sockets.bind(one, name(1));
        Sockets.bind(other, name(2));
        Sockets.connect(one, name(2));
        Sockets.connect(other, name(1));
        outgoing.begin(null);
        for (int i = 0; i < BATCH; i++) {
            long buffer = buffers + (long) i * STRIDE;
            outgoing.startMessage(1);
            outgoing.addPiece(buffer, length);
            incoming.receiveInto(i, buffer, STRIDE);
        }
    }

    /// Closes both.
    @TearDown(Level.Trial)
    public void close() {
        one.close();
        other.close();
    }

    /// sendmmsg and recvmmsg.
    ///
    /// @return frames received
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int batched() {
        int sent = outgoing.send(one.number(), 0);
        int received = incoming.receive(other.number(), BATCH);
        if (sent != BATCH || received != BATCH) {
            throw new IllegalStateException("sent=" + sent + " received=" + received);
        }
        return received;
    }

    /// One system call a frame and direction.
    ///
    /// @return bytes received
    @Benchmark
    public int single() {
        Sockets.send(one.number(), buffers, length);
        return Sockets.receive(other.number(), buffers, STRIDE);
    }

    private static SocketAddress name(int number) {
        byte[] address = new byte[SocketAddress.UNIX_LENGTH];
        address[0] = 1; // AF_UNIX in little-endian order; the path begins with NUL
        byte[] name = ("benchmark-" + ProcessHandle.current().pid() + "-" + number).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name, 0, address, 3, name.length);
        return SocketAddress.ofBytes(address);
    }
}
