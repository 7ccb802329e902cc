package org.vswitch.link;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A host that keeps the links it is given for the test to use.
final class TestHost implements LinkHost, AutoCloseable {
    private final List<Held> held = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private boolean refusing;
    private boolean ended;
    private boolean keeping;

    private record Held(Link link, LinkLabel label, Runnable onDetached) {
    }

    /// Makes the host refuse all further links.
    synchronized void refuse() {
        refusing = true;
    }

    /// Makes the host take links again.
    synchronized void accept() {
        refusing = false;
    }

    /// Makes the host keep places, from before the URL is opened.
    synchronized void keep() {
        keeping = true;
    }

    @Override
    public synchronized boolean keepPlace() {
        return keeping;
    }

    @Override
    public synchronized long attach(Link link, LinkLabel label, Runnable onDetached) throws IOException {
        if (refusing) {
            throw new IOException("no port is free");
        }
        held.add(new Held(link, label, onDetached));
        return held.size() - 1L;
    }

    @Override
    public synchronized void detach(long attachment) {
        Held one = held.set((int) attachment, null);
        if (one != null) {
            one.link.close();
            one.onDetached.run();
        }
    }

    @Override
    public synchronized void ended() {
        ended = true;
    }

    /// Whether nothing more is to be expected.
    synchronized boolean hasEnded() {
        return ended;
    }

    @Override
    public String program() {
        return "test";
    }

    @Override
    public synchronized void log(String message) {
        messages.add(message);
    }

    /// What it was told.
    synchronized List<String> messages() {
        return List.copyOf(messages);
    }

    /// The link attached as number `index`, or null once it was detached.
    synchronized Link link(int index) {
        Held one = held.get(index);
        return one == null ? null : one.link;
    }

    /// How the link attached as number `index` appears.
    synchronized LinkLabel label(int index) {
        return held.get(index).label;
    }

    /// How many links were attached, those that are detached again included.
    synchronized int count() {
        return held.size();
    }

    @Override
    public synchronized void close() {
        for (int i = 0; i < held.size(); i++) {
            detach(i);
        }
    }
}
