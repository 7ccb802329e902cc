package org.vswitch.slirp.host;

/// The far end of a connection that a [FakeServer] has accepted.
public final class FakePeer {
    private final FakeStream stream;

    FakePeer(FakeStream stream) {
        this.stream = stream;
    }

    /// Sends what the receive buffer of the router's socket takes.
    ///
    /// @return how many bytes
    public int send(byte[] bytes) {
        return stream.peerSend(bytes);
    }

    /// Takes all that has been written, which makes room for more.
    public byte[] receive() {
        return stream.peerReceive();
    }

    /// Whether the router has ended its output, and all of it was taken.
    public boolean sawEnd() {
        return stream.peerSawEnd();
    }

    /// Whether the router has reset the connection.
    public boolean sawReset() {
        return stream.peerSawReset();
    }

    /// The hop limit that the router's socket has of its own, 0 for none.
    public int hopLimit() {
        return stream.hopLimit();
    }

    /// Whether the router has closed its socket in either way.
    public boolean isClosed() {
        return stream.isClosed();
    }

    /// Ends the output; the router may go on sending.
    public void endOutput() {
        stream.peerEnds();
    }

    /// Closes: the router sees the end of the stream and, if it writes on or had written what was not taken, a reset.
    public void close() {
        stream.peerCloses();
    }

    /// Resets the connection.
    public void reset() {
        stream.peerResets();
    }
}
