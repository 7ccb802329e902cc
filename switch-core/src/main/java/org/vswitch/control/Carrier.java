package org.vswitch.control;

import io.netty.channel.Channel;
import org.vswitch.link.PeerLink;
import org.vswitch.linux.LinuxException;

/// What is to carry a client's frames, from the request to the day when a link takes it over. Used by the control
/// thread.
interface Carrier extends AutoCloseable {
    /// Makes a link of it. Called once.
    ///
    /// @param port of the endpoint
    /// @return closed by whoever puts it to use
    /// @throws LinuxException if the kernel refuses
    PeerLink link(int port) throws LinuxException;

    /// What [#link] does, for complaints.
    String deed();

    /// Tells the client where its end is; closes the connection if that cannot be.
    ///
    /// @param connection the client's
    void answer(Channel connection);

    /// Removes what there is in the file system, and closes what no link and no client has.
    @Override
    void close();
}
