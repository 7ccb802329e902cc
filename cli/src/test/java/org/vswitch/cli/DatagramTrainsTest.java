package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.TunTap;

/// Trains of datagrams (UDP_SEGMENT, udp(7)) from one network stack of the kernel to another: what a program sends in
/// one call arrives as the datagrams that it says, whether the receiver's port takes the train or its pieces.
@Timeout(120)
class DatagramTrainsTest {
    private static final int TRAINS = 20;
    private static final String COMMON = """
            import hashlib, socket, struct, sys
            address, size, count, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
            family = socket.AF_INET6 if ':' in address else socket.AF_INET
            s = socket.socket(family, socket.SOCK_DGRAM)
            s.settimeout(30)
            def datagram(train, n):
                length = last if n == count - 1 else size
                digest = hashlib.sha256(struct.pack('!II', train, n)).digest()
                return (digest * (length // len(digest) + 1))[:length]
            """;
    /// Answers each train, so that at most one is on its way.
    private static final String RECEIVER = COMMON + """
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            s.bind((address, 5000))
            print('listening', flush=True)
            for train in range(%d):
                for n in range(count):
                    data, sender = s.recvfrom(65536)
                    if data != datagram(train, n):
                        sys.exit(f'train {train} datagram {n}: {len(data)} bytes, {data[:8].hex()}')
                s.sendto(b'next', sender)
            print('all of them', flush=True)
            """.formatted(TRAINS);
    private static final String SENDER = COMMON + """
            s.setsockopt(17, 103, size)
            s.connect((address, 5000))
            for train in range(%d):
                s.send(b''.join(datagram(train, n) for n in range(count)))
                s.recv(100)
            """.formatted(TRAINS);

    @TempDir
    private Path folder;
    private TapPair pair;

    @BeforeEach
    void start() throws Exception {
        Child.assumeInstalled("python3");
        pair = new TapPair(folder);
        pair.plug();
    }

    @AfterEach
    void stop() {
        if (pair != null) {
            pair.close();
        }
    }

    /// Odd lengths, one byte, and as many as fit. Where the kernel has trains they pass the switch as such.
    @ParameterizedTest
    @CsvSource({"10.0.0.2, 1472, 44, 1", "fd00::2, 1452, 45, 99", "10.0.0.2, 333, 64, 33", "fd00::2, 1, 64, 1"})
    void shouldPassTrainsFromTapToTap(String receiver, int size, int count, int last) throws IOException {
        transfer(pair.second(), receiver, size, count, last);
        if (kernelHasTrains()) {
            long frames = Long.parseLong(Child.run(pair.second().inside("cat", "/sys/class/net/" + pair.secondTap()
                    + "/statistics/rx_packets")).strip());
            assertTrue(frames < TRAINS * count / 2, frames + " frames");
            assertTrue(pair.network().count(1, port -> port.traffic().framesIn()) < TRAINS * count / 2);
        }
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.3, 1472, 44, 1", "fd00::3, 1452, 45, 99", "10.0.0.3, 333, 64, 33", "fd00::3, 1, 64, 1"})
    void shouldCutTrainsForVdeClients(String receiver, int size, int count, int last) throws IOException {
        Child.assumeInstalled("vde_plug2tap");
        try (Sandbox third = Sandbox.create(); Child _ = Child.start(third.inside("vde_plug2tap", "-s",
                pair.network().directory().toString(), "plug0"))) {
            pair.network().awaitActivePorts(3);
            TapPair.up(third, "plug0", 3);
            transfer(third, receiver, size, count, last);
            if (kernelHasTrains()) {
                assertTrue(pair.network().count(1, port -> port.traffic().framesIn()) < TRAINS * count / 2);
            }
            long frames = Long.parseLong(Child.run(third.inside("cat", "/sys/class/net/plug0/statistics/rx_packets"))
                    .strip());
            assertTrue(frames >= TRAINS * count, frames + " frames");
        }
    }

    private void transfer(Sandbox to, String address, int... shape) {
        String[] numbers = java.util.Arrays.stream(shape).mapToObj(Integer::toString).toArray(String[]::new);
        try (Child receiver = Child.start(to.inside("python3", "-c", RECEIVER, address, numbers[0], numbers[1],
                numbers[2]))) {
            receiver.await("listening");
            Child.run(pair.first().inside("python3", "-c", SENDER, address, numbers[0], numbers[1], numbers[2]));
            assertEquals(0, receiver.status(), receiver.output());
        }
    }

    private static boolean kernelHasTrains() throws IOException {
        try (TunTap probe = TunTap.open("", 12)) {
            probe.offload(TunTap.OFFLOAD_CHECKSUM | TunTap.OFFLOAD_USO);
            return true;
        } catch (LinuxException refusal) {
            assertEquals(Errno.EINVAL.number(), refusal.errno());
            return false;
        }
    }
}
