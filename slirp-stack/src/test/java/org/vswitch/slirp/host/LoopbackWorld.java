package org.vswitch.slirp.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;

/// [HostWorld] of real sockets on 127.0.0.1 and ::1. Ports that refuse or are unreachable are held by a socket that
/// does not answer for them, so that nobody else can.
final class LoopbackWorld implements HostWorld {
    private final HostNetwork network;
    private final Deque<Channel> opened = new ArrayDeque<>();

    LoopbackWorld() throws IOException {
        network = new LinuxHostNetwork();
    }

    @Override
    public HostNetwork network() {
        return network;
    }

    @Override
    public Server server(boolean v4) throws IOException {
        ServerSocketChannel listener = keep(ServerSocketChannel.open(family(v4)));
        listener.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 16);
        listener.configureBlocking(false);
        listener.bind(new InetSocketAddress(address(v4), 0));
        int port = port(listener.getLocalAddress());
        return new Server() {
            @Override
            public int port() {
                return port;
            }

            @Override
            public Peer accept() throws IOException {
                SocketChannel accepted = listener.accept();
                return accepted == null ? null : new ChannelEnd(keep(accepted));
            }
        };
    }

    @Override
    public int refusingPort(boolean v4) throws IOException {
        SocketChannel holder = keep(SocketChannel.open(family(v4)));
        holder.bind(new InetSocketAddress(address(v4), 0));
        return port(holder.getLocalAddress());
    }

    /// A full queue of connections not yet accepted: further attempts are ignored.
    @Override
    public int silentPort(boolean v4) throws IOException {
        ServerSocketChannel listener = keep(ServerSocketChannel.open(family(v4)));
        listener.bind(new InetSocketAddress(address(v4), 0), 1);
        boolean connected = true;
        while (connected) {
            SocketChannel channel = keep(SocketChannel.open(family(v4)));
            channel.configureBlocking(false);
            connected = channel.connect(listener.getLocalAddress()) || channel.finishConnect();
        }
        return port(listener.getLocalAddress());
    }

    @Override
    public Correspondent correspondent(boolean v4) throws IOException {
        DatagramChannel channel = keep(DatagramChannel.open(family(v4)));
        channel.bind(new InetSocketAddress(address(v4), 0));
        channel.configureBlocking(false);
        return new ChannelCorrespondent(channel);
    }

    @Override
    public int unreachablePort(boolean v4) throws IOException {
        DatagramChannel holder = keep(DatagramChannel.open(family(v4)));
        holder.bind(new InetSocketAddress(address(v4), 0));
        holder.connect(new InetSocketAddress(address(v4), 9)); // reachable to that one alone
        return port(holder.getLocalAddress());
    }

    @Override
    public int freePort(boolean v4) throws IOException {
        return Processes.probe(() -> {
            try (DatagramChannel channel = DatagramChannel.open(family(v4))) {
                channel.bind(new InetSocketAddress(address(v4), 0));
                return port(channel.getLocalAddress());
            }
        });
    }

    @Override
    public int open() {
        return Sandbox.openDescriptors();
    }

    @Override
    public void close() throws IOException {
        network.close();
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    private <T extends Channel> T keep(T channel) {
        opened.push(channel);
        return channel;
    }

    private static StandardProtocolFamily family(boolean v4) {
        return v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }

    private static InetAddress address(boolean v4) throws IOException {
        return InetAddress.getByName(v4 ? "127.0.0.1" : "::1");
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    private static final class ChannelEnd implements Peer {
        private final SocketChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        private boolean ended;

        ChannelEnd(SocketChannel channel) throws IOException {
            this.channel = channel;
            channel.configureBlocking(false);
        }

        @Override
        public void send(byte[] bytes) throws IOException {
            if (channel.write(ByteBuffer.wrap(bytes)) < bytes.length) {
                throw new IllegalStateException("the send buffer is full");
            }
        }

        @Override
        public byte[] receive() throws IOException {
            buffer.clear();
            ended |= channel.read(buffer) < 0;
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            return bytes;
        }

        @Override
        public boolean sawEnd() throws IOException {
            receive();
            return ended;
        }

        @Override
        public boolean sawReset() throws IOException {
            try {
                receive();
                return false;
            } catch (SocketException reset) {
                return reset.getMessage().contains("reset");
            }
        }

        @Override
        public void endOutput() throws IOException {
            channel.shutdownOutput();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        @Override
        public void reset() throws IOException {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }
    }

    private record ChannelCorrespondent(DatagramChannel channel) implements Correspondent {
        @Override
        public int port() {
            return channel.socket().getLocalPort();
        }

        @Override
        public FakeDatagram receive() throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            SocketAddress source = channel.receive(buffer);
            if (source == null) {
                return null;
            }
            byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
            return new FakeDatagram(bytes, LoopbackWorld.port(source), 0, 0);
        }

        @Override
        public void send(byte[] bytes, int toPort) throws IOException {
            InetAddress to = ((InetSocketAddress) channel.getLocalAddress()).getAddress();
            channel.send(ByteBuffer.wrap(bytes), new InetSocketAddress(to, toPort));
        }
    }
}
