package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.linux.Fd;

/// A device that writes down what it is told, and holds what it is given.
final class ToldDevice implements VhostRings, AutoCloseable {
    private final List<String> told = new ArrayList<>();
    private final RingSetup[] running;
    private final Fd[] calls;
    private int index;
    private boolean ended;

    ToldDevice(int rings) {
        running = new RingSetup[rings];
        calls = new Fd[rings];
    }

    /// What it was told since the last time.
    List<String> take() {
        List<String> taken = List.copyOf(told);
        told.clear();
        return taken;
    }

    /// What a ring that runs was started with.
    RingSetup setup(int ring) {
        return running[ring];
    }

    /// Where rings stand when they are stopped.
    void index(int now) {
        index = now;
    }

    /// Lets every further call fail.
    void end() {
        ended = true;
    }

    @Override
    public int rings() {
        return running.length;
    }

    @Override
    public void features(long acked) throws IOException {
        note("features " + Long.toHexString(acked));
        for (RingSetup setup : running) {
            if (setup != null) {
                throw new IllegalStateException("features while a ring runs");
            }
        }
    }

    @Override
    public void memory(GuestMemory memory) throws IOException {
        note("memory " + memory.regions().size());
    }

    @Override
    public void start(int ring, RingSetup setup) throws IOException {
        if (running[ring] != null) {
            halt(ring);
        }
        running[ring] = setup;
        note("start " + ring + " size=" + setup.size() + (setup.kick() == null ? " polled" : "")
                + (setup.call() == null ? " silent" : ""));
    }

    @Override
    public void call(int ring, Fd call) throws IOException {
        close(calls[ring]);
        calls[ring] = call;
        note("call " + ring + (call == null ? " silent" : ""));
    }

    @Override
    public int stop(int ring) throws IOException {
        note("stop " + ring);
        if (running[ring] == null) {
            return -1;
        }
        halt(ring);
        return index;
    }

    @Override
    public void enable(int ring, boolean enabled) throws IOException {
        note((enabled ? "enable " : "disable ") + ring);
    }

    @Override
    public void inject(long mac) throws IOException {
        note("inject " + Long.toHexString(mac));
    }

    @Override
    public void mtu(int bytes) throws IOException {
        note("mtu " + bytes);
    }

    @Override
    public void close() {
        for (int ring = 0; ring < running.length; ring++) {
            if (running[ring] != null) {
                halt(ring);
            }
        }
    }

    private void halt(int ring) {
        running[ring].close();
        running[ring] = null;
        close(calls[ring]);
        calls[ring] = null;
    }

    private void note(String what) throws IOException {
        if (ended) {
            throw new IOException("the device has ended");
        }
        told.add(what);
    }

    private static void close(Fd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
