package org.vswitch.slirp.host;

import org.vswitch.linux.Errno;

/// A TCP socket and the connection behind it, up to the peer's end, with Linux's order of events: what has come is read
/// before an error, an error is told once, then reading finds the end and writing a broken pipe.
final class FakeStream implements FakeSocket {
    private final ByteQueue toPeer;
    private final ByteQueue fromPeer;
    private int hopLimit;
    /// What was reported in place of an answer, and who should have given one; null if nothing was.
    private FakeReport report;
    private FakeServer destination;
    private boolean echo;
    private boolean connecting = true;
    private boolean dead;
    private int error;
    private boolean outputEnded;
    private boolean peerEnded;
    private boolean peerClosed;
    private boolean closed;
    private boolean peerReset;

    FakeStream(int bufferBytes, int hopLimit) {
        this.hopLimit = hopLimit;
        toPeer = new ByteQueue(bufferBytes);
        fromPeer = new ByteQueue(bufferBytes);
    }

    void connected(boolean echoing) {
        connecting = false;
        echo = echoing;
    }

    /// The attempt or the connection fails.
    void fail(Errno errno) {
        connecting = false;
        dead = true;
        error = errno.number();
        toPeer.clear();
    }

    /// A hop of the way has ended the attempt.
    void fail(FakeReport reported, FakeServer server) {
        fail(reported.errno());
        report = reported;
        destination = server;
    }

    @Override
    public int receiveError(HostError into) {
        if (report == null) {
            return -Errno.EAGAIN.number();
        }
        into.errno = report.errno().number();
        into.type = report.type();
        into.code = report.code();
        into.information = report.mtu();
        into.reporterHigh = report.high();
        into.reporterLow = report.low();
        destination.nameAs(into);
        into.quoteLength = 0;
        report = null;
        return 0;
    }

    /// How far its packets go; 0: as far as any.
    int hopLimit() {
        return hopLimit;
    }

    int liftHopLimit() {
        hopLimit = 0;
        report = null;
        return 0;
    }

    int connectResult() {
        int failure = takeError();
        return failure != 0 ? failure : connecting || dead ? -Errno.EINPROGRESS.number() : 0;
    }

    int read(IoVector into) {
        int count = 0;
        for (int i = 0; i < into.count() && fromPeer.count() > 0; i++) {
            count += fromPeer.take(into.pieceAddress(i), into.pieceLength(i));
        }
        if (count > 0) {
            pump();
            return count;
        }
        int failure = takeError();
        if (failure != 0) {
            return failure;
        }
        return dead || peerEnded ? 0 : -Errno.EAGAIN.number();
    }

    int write(IoVector from) {
        int failure = takeError();
        if (failure != 0) {
            return failure;
        }
        if (dead || outputEnded) {
            return -Errno.EPIPE.number();
        }
        if (connecting) {
            return -Errno.EAGAIN.number();
        }
        if (peerClosed) { // it answers with a reset
            fail(Errno.EPIPE);
            return from.length();
        }
        int count = 0;
        for (int i = 0; i < from.count() && toPeer.free() > 0; i++) {
            count += toPeer.put(from.pieceAddress(i), from.pieceLength(i));
        }
        pump();
        return count == 0 && from.length() > 0 ? -Errno.EAGAIN.number() : count;
    }

    int endOutput() {
        if (dead || connecting) {
            return -Errno.ENOTCONN.number();
        }
        outputEnded = true;
        pump();
        return 0;
    }

    void reset() {
        peerReset = true;
        close();
    }

    /// As the kernel does: what was not read makes it a reset.
    @Override
    public void close() {
        peerReset |= fromPeer.count() > 0;
        outputEnded = true;
        closed = true;
    }

    @Override
    public int readiness() {
        if (connecting) {
            return 0;
        }
        boolean failed = dead || error != 0 || report != null || outputEnded && peerEnded;
        boolean readable = fromPeer.count() > 0 || peerEnded || failed;
        boolean writable = outputEnded || toPeer.isHalfFree() || failed;
        return (readable ? HostNetwork.READABLE : 0) | (writable ? HostNetwork.WRITABLE : 0) | (failed ? FAILED : 0);
    }

    boolean isClosed() {
        return closed;
    }

    int peerSend(byte[] bytes) {
        if (peerEnded || peerClosed) {
            throw new IllegalStateException("the peer has ended");
        }
        if (closed) {
            peerReset = true;
            return 0;
        }
        return fromPeer.put(bytes);
    }

    byte[] peerReceive() {
        return peerReset ? new byte[0] : toPeer.take();
    }

    boolean peerSawEnd() {
        return outputEnded && toPeer.count() == 0 && !peerReset;
    }

    boolean peerSawReset() {
        return peerReset;
    }

    void peerEnds() {
        peerEnded = true;
    }

    void peerResets() {
        peerClosed = true;
        fail(peerEnded ? Errno.EPIPE : Errno.ECONNRESET);
    }

    void peerCloses() {
        if (toPeer.count() > 0) {
            peerResets();
        } else {
            peerEnded = true;
            peerClosed = true;
        }
    }

    private int takeError() {
        int taken = -error;
        error = 0;
        return taken;
    }

    private void pump() {
        if (echo) {
            toPeer.moveTo(fromPeer);
            peerEnded |= outputEnded && toPeer.count() == 0;
        }
    }
}
