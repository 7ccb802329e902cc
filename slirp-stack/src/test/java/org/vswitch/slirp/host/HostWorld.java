package org.vswitch.slirp.host;

import java.io.IOException;

/// What surrounds a host network in [HostNetworkContractTest]: who is at the loopback addresses of both families.
interface HostWorld extends AutoCloseable {
    HostNetwork network();

    /// A server that accepts.
    Server server(boolean v4) throws IOException;

    /// A port that refuses connections.
    int refusingPort(boolean v4) throws IOException;

    /// A port that answers nothing.
    int silentPort(boolean v4) throws IOException;

    /// Somebody to exchange datagrams with.
    Correspondent correspondent(boolean v4) throws IOException;

    /// A port whose datagrams are reported unreachable.
    int unreachablePort(boolean v4) throws IOException;

    /// A UDP port that the network may have.
    int freePort(boolean v4) throws IOException;

    /// How many sockets or descriptors are open.
    int open();

    @Override
    void close() throws IOException;

    /// Who connections go to.
    interface Server {
        int port();

        Peer accept() throws IOException;
    }

    /// The far end of a connection.
    interface Peer {
        void send(byte[] bytes) throws IOException;

        /// Takes what has come; empty if nothing has.
        byte[] receive() throws IOException;

        /// Whether all was received and the end seen.
        boolean sawEnd() throws IOException;

        /// Whether the connection was reset. Takes what has come.
        boolean sawReset() throws IOException;

        void endOutput() throws IOException;

        void close() throws IOException;

        void reset() throws IOException;
    }

    /// The far end of datagrams.
    interface Correspondent {
        int port();

        /// The next datagram, null if none has come; hop limit and traffic class are 0.
        FakeDatagram receive() throws IOException;

        void send(byte[] bytes, int port) throws IOException;
    }
}
