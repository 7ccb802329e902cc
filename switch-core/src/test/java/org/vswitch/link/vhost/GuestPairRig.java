package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.MacTable;
import org.vswitch.bridge.PortSettings;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.engine.DataPlane;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkLabel;

/// Guests on the ports of a bridge, from port 1 on.
public final class GuestPairRig implements AutoCloseable {
    /// What goes wrong is said here.
    final List<String> log = new ArrayList<>();
    final List<TestGuest> guests = new ArrayList<>();
    final List<Endpoint> endpoints = new ArrayList<>();
    final List<VhostUserLink> links = new ArrayList<>();
    final DataPlane plane = new DataPlane();
    final Bridge bridge;

    /// A bridge without guests.
    public GuestPairRig() throws IOException {
        bridge = new Bridge(new BridgePorts(8), new MacTable(1024), plane.egress(), plane);
        plane.forwarder(bridge);
    }

    /// Plugs a guest in.
    ///
    /// @param features what it agrees to
    /// @param pairs of rings
    /// @param size of each ring
    public TestGuest plug(long features, int pairs, int size) throws IOException {
        return plug(new TestGuest(features, pairs, size), pairs);
    }

    /// Plugs in a guest that there is, which is closed with this.
    TestGuest plug(TestGuest guest, int pairs) throws IOException {
        int port = guests.size() + 1;
        guests.add(guest);
        VhostUserLink link = new VhostUserLink(pairs, log::add);
        links.add(link);
        guest.plugInto(link);
        new PortSettings(bridge).create(port, true);
        endpoints.add(plane.attach(new Plug(port, port, link, new LinkLabel("vhost-user", "test"), () -> { })));
        return guest;
    }

    /// One turn of the loop.
    public void pass() {
        plane.doWork();
    }

    @Override
    public void close() {
        plane.onClose();
        guests.forEach(TestGuest::close);
    }
}
