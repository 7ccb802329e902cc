package org.vswitch.control;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import org.vswitch.link.PeerLink;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;

/// VDE's pair of data sockets.
final class DatagramCarrier implements Carrier {
    private final DataSocket socket;
    private final CtlDirectory directory;
    private final DataSocket.Access access;
    private SocketAddress address;

    /// @param socket connected to the client's, without a name
    /// @param directory where it gets its name
    /// @param access who may use it
    DatagramCarrier(DataSocket socket, CtlDirectory directory, DataSocket.Access access) {
        this.socket = socket;
        this.directory = directory;
        this.access = access;
    }

    @Override
    public PeerLink link(int port) throws LinuxException {
        address = socket.bind(directory, port, access);
        return socket.link();
    }

    @Override
    public String deed() {
        return "Binding to data socket";
    }

    @Override
    public void answer(Channel connection) {
        connection.writeAndFlush(Unpooled.wrappedBuffer(address.bytes()))
                .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void close() {
        socket.close();
    }
}
