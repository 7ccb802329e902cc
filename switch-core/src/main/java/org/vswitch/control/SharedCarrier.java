package org.vswitch.control;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import org.vswitch.link.PeerLink;
import org.vswitch.link.ShmHello;
import org.vswitch.link.ShmPlug;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;

/// Memory that a client of ours shares with the switch. There is nothing in the file system.
final class SharedCarrier implements Carrier {
    private final ShmHello hello;
    private ShmPlug plug;

    /// @param hello what the client takes
    SharedCarrier(ShmHello hello) {
        this.hello = hello;
    }

    @Override
    public PeerLink link(int port) throws LinuxException {
        plug = ShmPlug.of(hello);
        return plug.link();
    }

    @Override
    public String deed() {
        return "Sharing memory";
    }

    /// Sent beside Netty, which does not send bytes and two descriptors in one message: there is room for this one, as
    /// nothing else is ever sent.
    @Override
    public void answer(Channel connection) {
        Fd socket = new Fd(((UnixChannel) connection).fd().intValue());
        try {
            plug.offer(socket);
        } catch (LinuxException gone) {
            connection.close();
        } finally {
            socket.release();
        }
    }

    @Override
    public void close() {
        if (plug != null) {
            plug.close();
        }
    }
}
