package org.vswitch.benchmark.load;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameRing;

/// What it costs a frame to go through a ring: copied in by one side, lent to the other, given back. Batches of 64.
public final class RingHops {
    private static final int LENGTH = 64;
    private static final long NS = 1_000_000_000;

    private final FrameRing ring = new FrameRing(1 << 20);
    private final FrameBatch batch = FrameBatch.forReceiving();
    private final FrameBatch lent = FrameBatch.forReceiving();
    private volatile boolean ending;

    private RingHops() {
        for (int i = 0; i < FrameBatch.CAPACITY; i++) {
            batch.addFrame(batch.slot(i), LENGTH);
        }
    }

    /// Prints nanoseconds per frame: of one thread at both sides, and of two threads, which spin.
    ///
    /// @param arguments seconds for each
    /// @throws InterruptedException if told to end
    public static void main(String[] arguments) throws InterruptedException {
        long lengthNs = (long) (Double.parseDouble(arguments[0]) * NS);
        RingHops hops = new RingHops();
        hops.byOne(lengthNs / 2);
        double one = hops.byOne(lengthNs);
        double two = hops.byTwo(lengthNs);
        System.out.printf("%.2f %.2f%n", one, two);
    }

    private double byOne(long lengthNs) {
        long startNs = System.nanoTime();
        long frames = 0;
        long nowNs = startNs;
        for (; nowNs - startNs < lengthNs; nowNs = System.nanoTime()) {
            for (int i = 0; i < 100; i++) {
                offer();
                frames += take();
            }
        }
        return (double) (nowNs - startNs) / frames;
    }

    private double byTwo(long lengthNs) throws InterruptedException {
        Thread producer = new Thread(() -> {
            while (!ending) {
                offer();
            }
        });
        producer.setDaemon(true);
        producer.start();
        long startNs = System.nanoTime();
        long frames = 0;
        long nowNs = startNs;
        for (; nowNs - startNs < lengthNs; nowNs = System.nanoTime()) {
            frames += take();
        }
        ending = true;
        producer.join();
        return (double) (nowNs - startNs) / frames;
    }

    private void offer() {
        int row = 0;
        while (row < FrameBatch.CAPACITY && ring.offer(batch, row, 1)) {
            row++;
        }
        if (row == 0) {
            Thread.onSpinWait();
        }
    }

    private int take() {
        lent.clear();
        int count = ring.lend(lent);
        if (count > 0) {
            ring.release();
        } else {
            Thread.onSpinWait();
        }
        return count;
    }
}
