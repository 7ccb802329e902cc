package org.vswitch.slirp.host;

/// A host's network that can do nothing: what hosts of tests that need a part of one begin with. It leads everywhere,
/// and no address is its own.
public abstract class NoHostNetwork implements HostNetwork {
    @Override
    public boolean isOwn(long high, long low) {
        return false;
    }

    @Override
    public boolean reaches(long high, long low) {
        return true;
    }

    @Override
    public int connect(long high, long low, int port, int hopLimit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int liftHopLimit(int socket, boolean v4) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int connectResult(int socket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(int socket, IoVector into) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(int socket, IoVector from) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int endOutput(int socket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void reset(int socket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int openDatagram(boolean v4, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int openPing(boolean v4, int identifier) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int send(int socket, HostDatagram datagram) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int receive(int socket, HostDatagram datagram) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int sockets() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int mostSockets() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int receiveError(int socket, HostError error) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int descriptor() {
        return -1;
    }
}
