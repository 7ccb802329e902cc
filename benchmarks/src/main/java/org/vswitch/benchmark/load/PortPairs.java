package org.vswitch.benchmark.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.Sockets;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;

/// Four plugs of a switch, two that send all they can and two that receive, each with a thread of its own: how many
/// frames of 64 bytes pass between them.
public final class PortPairs {
    private static final int PAIRS = 2;
    private static final int LENGTH = 64;
    private static final int ROOM = 2048;
    private static final int BATCH = MessageBatch.CAPACITY;
    private static final long STATION = 0x0200_0000_0100L;
    private static final long NS = 1_000_000_000;

    private final long[] received = new long[PAIRS];
    private volatile boolean ending;

    private PortPairs() {
    }

    /// Prints frames per second, both pairs together.
    ///
    /// @param arguments the switch's directory; seconds to settle; seconds to count
    /// @throws LinuxException if the switch refuses
    public static void main(String[] arguments) throws LinuxException {
        System.out.printf("%.0f%n", new PortPairs().run(Path.of(arguments[0]), Double.parseDouble(arguments[1]),
                Double.parseDouble(arguments[2])));
        System.exit(0); // threads may wait in a socket
    }

    private double run(Path directory, double settle, double seconds) throws LinuxException {
        List<VdeClient> clients = new ArrayList<>();
        for (int i = 0; i < 2 * PAIRS; i++) {
            clients.add(VdeClient.attach(directory, 0));
            hello(clients.getLast(), i);
        }
        for (int pair = 0; pair < PAIRS; pair++) {
            int index = pair;
            start(() -> receive(clients.get(index), index));
            start(() -> send(clients.get(PAIRS + index), index));
        }
        Station.waitUntil(System.nanoTime() + (long) (settle * NS));
        long fromNs = System.nanoTime();
        long before = sum();
        Station.waitUntil(fromNs + (long) (seconds * NS));
        double rate = (sum() - before) * (double) NS / (System.nanoTime() - fromNs);
        ending = true;
        return rate;
    }

    /// What a thread does.
    @FunctionalInterface
    private interface Loop {
        void run() throws LinuxException;
    }

    private static void start(Loop loop) {
        Thread thread = new Thread(() -> {
            try {
                loop.run();
            } catch (LinuxException failure) {
                throw new IllegalStateException(failure);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private synchronized long sum() {
        long sum = 0;
        for (long count : received) {
            sum += count;
        }
        return sum;
    }

    private synchronized void count(int pair, int frames) {
        received[pair] += frames;
    }

    private static void hello(VdeClient client, int index) throws LinuxException {
        long frame = frame(0xffff_ffff_ffffL, STATION + index);
        VdeClient.check(Sockets.send(client.data().number(), frame, LENGTH), "send");
    }

    private void receive(VdeClient client, int pair) throws LinuxException {
        MessageBatch batch = new MessageBatch();
        long room = NativeMemory.map((long) BATCH * ROOM);
        for (int i = 0; i < BATCH; i++) {
            batch.receiveInto(i, room + (long) i * ROOM, ROOM);
        }
        int socket = client.data().number();
        while (!ending) {
            int count = batch.receive(socket, BATCH);
            if (count <= 0) {
                count = Sockets.receive(socket, room, ROOM) > 0 ? 1 : 0; // waits
            }
            count(pair, count);
        }
    }

    private void send(VdeClient client, int pair) throws LinuxException {
        MessageBatch batch = new MessageBatch();
        long frame = frame(STATION + pair, STATION + PAIRS + pair);
        int socket = client.data().number();
        batch.begin(null);
        for (int i = 0; i < BATCH; i++) {
            batch.startMessage(1);
            batch.addPiece(frame, LENGTH);
        }
        while (!ending) {
            if (batch.send(socket, 0) <= 0) {
                Sockets.send(socket, frame, LENGTH); // waits
            }
        }
    }

    private static long frame(long destination, long source) {
        long frame = NativeMemory.map(LENGTH);
        NetworkOrder.u48(frame, destination);
        NetworkOrder.u48(frame + 6, source);
        NetworkOrder.u16(frame + 12, Ethernet.TYPE_IPV4);
        return frame;
    }
}
