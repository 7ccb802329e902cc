package org.vswitch.slirp;

import java.util.HashMap;
import java.util.Map;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;

/// The guests of a router: each frame that the router sends is checked and handed to the connection that it is for.
/// Guest N has the station and the address that are N above those of [GuestPackets].
final class GuestSide implements AutoCloseable {
    final StackRig rig;
    private final RouterDrive drive;
    private final Map<Long, GuestTcp> connections = new HashMap<>();

    GuestSide(StackRig rig) {
        this.rig = rig;
        drive = new RouterDrive(rig, this::take, () -> connections.values().forEach(GuestTcp::acknowledge));
    }

    /// A guest begins a connection.
    GuestTcp open(int guest, int port, int to, int toPort) {
        GuestTcp connection = new GuestTcp(this, guest, port, to, toPort);
        connections.put(key(GuestPackets.GUEST + guest, port), connection);
        connection.begin();
        return connection;
    }

    /// One pass: the router's sockets, its deadlines, what it sends, and the guests' acknowledgements.
    void turn() {
        drive.turn();
    }

    /// The guests lose all their connections, as when they are switched off.
    void forget() {
        connections.clear();
    }

    /// Time goes by, from deadline to deadline.
    void pass(long ns) {
        drive.pass(ns);
    }

    private void take(byte[] frame) {
        if (FrameCheck.u16(frame, 12) != 0x0800 || frame[23] != GuestPackets.TCP) {
            return;
        }
        long station = (long) FrameCheck.u16(frame, 0) << 32 | (long) FrameCheck.u16(frame, 2) << 16
                | FrameCheck.u16(frame, 4);
        GuestTcp connection = connections.get(key(station, FrameCheck.u16(frame, 36)));
        if (connection != null) {
            connection.take(frame);
        }
    }

    private static long key(long station, int port) {
        return station << 16 | port;
    }

    @Override
    public void close() {
        drive.close();
    }
}
