package org.vswitch.slirp.host;

/// [HostWorld] in memory.
final class FakeWorld implements HostWorld {
    private final FakeHostNetwork network = new FakeHostNetwork();
    private int nextPort = 1000;

    @Override
    public HostNetwork network() {
        return network;
    }

    @Override
    public Server server(boolean v4) {
        FakeServer server = network.server(0, HostNetworkContractTest.loopback(v4), ++nextPort);
        int port = nextPort;
        return new Server() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public Peer accept() {
                FakePeer accepted = server.accept();
                return accepted == null ? null : new FakeEnd(accepted);
            }
        };
    }

    @Override
    public int refusingPort(boolean v4) {
        return ++nextPort;
    }

    @Override
    public int silentPort(boolean v4) {
        network.server(0, HostNetworkContractTest.loopback(v4), ++nextPort).silent();
        return nextPort;
    }

    @Override
    public Correspondent correspondent(boolean v4) {
        FakeDatagramPeer peer = network.datagramPeer(0, HostNetworkContractTest.loopback(v4), ++nextPort);
        int port = nextPort;
        return new Correspondent() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public FakeDatagram receive() {
                FakeDatagram next = peer.receive();
                return next == null ? null : new FakeDatagram(next.bytes(), next.port(), 0, 0);
            }

            @Override
            public void send(byte[] bytes, int toPort) {
                peer.send(bytes, toPort);
            }
        };
    }

    @Override
    public int unreachablePort(boolean v4) {
        return ++nextPort;
    }

    @Override
    public int freePort(boolean v4) {
        return ++nextPort;
    }

    @Override
    public int open() {
        return network.openSockets();
    }

    @Override
    public void close() {
        network.close();
    }

    private record FakeEnd(FakePeer peer) implements Peer {
        @Override
        public void send(byte[] bytes) {
            if (peer.send(bytes) < bytes.length) {
                throw new IllegalStateException("the receive buffer is full");
            }
        }

        @Override
        public byte[] receive() {
            return peer.receive();
        }

        @Override
        public boolean sawEnd() {
            return peer.sawEnd();
        }

        @Override
        public boolean sawReset() {
            return peer.sawReset();
        }

        @Override
        public void endOutput() {
            peer.endOutput();
        }

        @Override
        public void close() {
            peer.close();
        }

        @Override
        public void reset() {
            peer.reset();
        }
    }
}
