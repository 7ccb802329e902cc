package org.vswitch.bridge;

import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.vswitch.wire.Bpdu;

/// Fast spanning tree per VLAN, which understands and is understood by vde_switch's FSTP.
///
/// Knows neither links nor clocks: ports come and go by [#portAdded] and [#portRemoved], messages by [#onBpdu], time by
/// [#now], and the [Host] does what was decided. A decision is made within the call, so that a frame behind a message
/// already meets the new port states. Off at first: then all ports forward and messages are ordinary frames.
///
/// Belongs to the data-plane thread.
public final class SpanningTree implements SpanningTreePort, TreeSettings {
    private static final long HELLO_NS = TimeUnit.SECONDS.toNanos(Bpdu.HELLO_SECONDS);

    private final long bridgeId;
    private final Host host;
    private final long startNs;
    private final TreeMap<Integer, SpanningTreeVlan> vlans = new TreeMap<>();
    private boolean enabled;
    private long nowNs;
    private long helloNs;
    private long nextNs = Long.MAX_VALUE;

    /// What the spanning tree needs of the switch. Must not call back.
    public interface Host {
        /// Sends a message, behind whatever was sent to the port before.
        ///
        /// @param port egress port
        /// @param vid the VLAN; the frame needs its tag if the port is a tagged member
        /// @param frame complete and untagged; the receiver's to keep
        void send(int port, int vid, byte[] frame);

        /// Sets what a port may do within a VLAN. A port forwards from when it was added.
        ///
        /// @param vid the VLAN
        /// @param port its number
        /// @param state from now on, perhaps the same as before
        void portState(int vid, int port, PortState state);

        /// Forgets all addresses of a VLAN: they may have moved.
        ///
        /// @param vid the VLAN
        void flushAddresses(int vid);

        /// Whether a port gets the VLAN's frames with a tag.
        ///
        /// @param vid the VLAN
        /// @param port a port that was added
        /// @return false for untagged members
        boolean isTagged(int vid, int port);

        /// Who is told of changes.
        ///
        /// @return perhaps [BridgeEvents#NONE]
        BridgeEvents events();
    }

    /// A spanning tree that is off and knows no VLAN.
    ///
    /// @param switchMac address of the switch
    /// @param priority the less, the rather it becomes the root; 16 bits
    /// @param host does what is decided
    /// @param nowNs the time, from which the age of a root is counted that the switch is itself
    public SpanningTree(long switchMac, int priority, Host host, long nowNs) {
        this.bridgeId = (long) priority << 48 | switchMac;
        this.host = host;
        this.startNs = nowNs;
        this.nowNs = nowNs;
    }

    /// Sets the time of everything that follows.
    ///
    /// @param timeNs not before the last
    @Override
    public void now(long timeNs) {
        nowNs = timeNs;
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void enable(boolean on) {
        if (on == enabled) {
            return;
        }
        enabled = on;
        for (SpanningTreeVlan vlan : vlans.values()) {
            vlan.now(nowNs);
            if (on) {
                vlan.hello();
            } else {
                vlan.reset();
            }
        }
        helloNs = nowNs + HELLO_NS;
        nextNs = on ? helloNs : Long.MAX_VALUE;
    }

    @Override
    public long bridgeId() {
        return bridgeId;
    }

    /// A VLAN was created.
    ///
    /// @param vid not known yet
    public void vlanAdded(int vid) {
        vlans.put(vid, new SpanningTreeVlan(vid, bridgeId, host));
    }

    /// A VLAN was removed, together with its ports.
    ///
    /// @param vid known
    public void vlanRemoved(int vid) {
        vlans.remove(vid);
    }

    /// A port belongs to a VLAN and has an endpoint: either of these became true. If the port was known, it begins
    /// anew.
    ///
    /// @param vid a known VLAN
    /// @param port its number
    public void portAdded(int vid, int port) {
        vlan(vid).add(port, enabled);
    }

    /// A port no longer belongs to a VLAN, or lost its last endpoint. Nothing happens if it was not known.
    ///
    /// @param vid a known VLAN
    /// @param port its number
    public void portRemoved(int vid, int port) {
        SpanningTreeVlan vlan = vlan(vid);
        vlan.remove(port, enabled);
        nextNs = Math.min(nextNs, vlan.doubtsEndNs());
    }

    @Override
    public boolean onBpdu(int vid, int port, long head, int headLength) {
        Optional<Bpdu> bpdu = Bpdu.parse(head, headLength);
        if (enabled && bpdu.isPresent() && vlans.containsKey(vid)) {
            SpanningTreeVlan vlan = vlan(vid);
            vlan.onBpdu(port, bpdu.get());
            nextNs = Math.min(nextNs, vlan.doubtsEndNs());
        }
        return bpdu.isPresent();
    }

    /// Does what is due. To be called again after any other call, which may have made something due earlier; costs a
    /// comparison while nothing is.
    ///
    /// @param timeNs the time, as by [#now]
    /// @return when something will be due, or [Long#MAX_VALUE] while off
    @Override
    public long onDeadline(long timeNs) {
        now(timeNs);
        if (nextNs == Long.MAX_VALUE || nowNs - nextNs < 0) {
            return nextNs;
        }
        boolean hello = nowNs - helloNs >= 0;
        if (hello) {
            helloNs = nowNs + HELLO_NS;
        }
        nextNs = helloNs;
        for (SpanningTreeVlan vlan : vlans.values()) {
            vlan.now(nowNs);
            vlan.expire();
            if (hello) {
                vlan.hello();
            }
            nextNs = Math.min(nextNs, vlan.nextNs());
        }
        return nextNs;
    }

    @Override
    public void edge(int vid, int port, boolean on) {
        vlan(vid).edge(port, on);
    }

    @Override
    public void bonus(int vid, int port, int cost) {
        vlan(vid).bonus(port, cost);
    }

    @Override
    public View view(int vid) {
        return vlan(vid).view(startNs);
    }

    private SpanningTreeVlan vlan(int vid) {
        SpanningTreeVlan vlan = vlans.get(vid);
        vlan.now(nowNs);
        return vlan;
    }
}
