package org.vswitch.link;

import java.util.List;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SharedMemory;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.WakeSocket;

/// A switch's side of shared memory for a plug of a VDE network, from its request to the answer.
///
/// The connection of a plug is the control side's, which waits there for its end. So wake-ups go over a socket of their
/// own, of which the client is handed one end. What is handed over is closed here, and belongs to the control thread;
/// the link, which another thread may close at any time, knows nothing of it.
public final class ShmPlug implements AutoCloseable {
    private final ShmLink link;
    private final Fd file;
    private final Fd far;

    private ShmPlug(ShmLink link, Fd file, Fd far) {
        this.link = link;
        this.file = file;
        this.far = far;
    }

    /// Makes memory for a client.
    ///
    /// @param hello what it takes
    /// @return with a link that nobody has yet, to be closed as well
    /// @throws LinuxException if the kernel refuses; nothing is left
    public static ShmPlug of(ShmHello hello) throws LinuxException {
        SharedMemory memory = ShmHandshake.memory();
        Fd file = null;
        try {
            file = memory.file().duplicate();
            memory.file().close();
            Sockets.Pair pair = Sockets.pair(Sockets.Type.SEQPACKET, true);
            ShmLink link = ShmLink.introduced(new WakeSocket(pair.first()), memory,
                    ShmHandshake.side(true, Offload.ALL), hello.features(Offload.ALL));
            return new ShmPlug(link, file, pair.second());
        } catch (LinuxException refusal) {
            memory.close();
            if (file != null) {
                file.close();
            }
            throw refusal;
        }
    }

    /// The switch's end.
    ///
    /// @return closed by whoever puts it to use
    public ShmLink link() {
        return link;
    }

    /// Hands the client its end.
    ///
    /// @param connection to the client, still the caller's
    /// @throws LinuxException if it does not go at once
    public void offer(Fd connection) throws LinuxException {
        ShmHandshake.send(connection, List.of(file, far), Offload.ALL);
        close();
    }

    /// Closes what was meant for the client, without which the link ends.
    @Override
    public void close() {
        file.close();
        far.close();
    }
}
