package org.vswitch.slirp.service;

import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostDatagram;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.NoHostNetwork;

/// A host with one UDP socket at a time, on which every query comes back as its own answer. It allocates nothing, not
/// even for a new socket, as the other fake does.
final class AnsweringHost extends NoHostNetwork {
    private static final int ROOM = 4_096;
    private static final int SOCKET = 7;

    private final long answer = NativeMemory.map(ROOM);
    private final HostDatagram asked = new HostDatagram();
    private boolean open;
    private boolean silent;
    private boolean answered;
    private int interest;
    private long token;

    /// Whether queries are left without answer.
    void silent(boolean isSilent) {
        silent = isSilent;
    }

    @Override
    public int openDatagram(boolean v4, int port) {
        assert !open && v4 && port == 0;
        open = true;
        answered = false;
        interest = 0;
        return SOCKET;
    }

    @Override
    public int send(int socket, HostDatagram datagram) {
        NativeMemory.copy(datagram.address, answer, datagram.length);
        NativeMemory.putByte(answer + 2, (byte) (NativeMemory.getByte(answer + 2) | 0x80));
        asked.length = datagram.length;
        asked.peerHigh = datagram.peerHigh;
        asked.peerLow = datagram.peerLow;
        asked.peerPort = datagram.peerPort;
        answered = !silent;
        return datagram.length;
    }

    @Override
    public int receive(int socket, HostDatagram datagram) {
        if (!answered) {
            return -Errno.EAGAIN.number();
        }
        answered = false;
        NativeMemory.copy(answer, datagram.address, asked.length);
        datagram.length = asked.length;
        datagram.peerHigh = asked.peerHigh;
        datagram.peerLow = asked.peerLow;
        datagram.peerPort = asked.peerPort;
        return asked.length;
    }

    @Override
    public int receiveError(int socket, HostError error) {
        return -Errno.EAGAIN.number();
    }

    @Override
    public int watch(int socket, int wanted, long newToken) {
        interest = wanted;
        token = newToken;
        return 0;
    }

    @Override
    public int poll(ReadinessConsumer consumer) {
        if (!open || !answered || (interest & READABLE) == 0) {
            return 0;
        }
        consumer.ready(token, READABLE);
        return 1;
    }

    @Override
    public void close(int socket) {
        assert open;
        open = false;
    }

    @Override
    public void close() {
        NativeMemory.unmap(answer, ROOM);
    }
}
