package org.vswitch.guard;

import java.util.Arrays;
import org.vswitch.frame.FrameBatch;
import org.vswitch.wire.Ethernet;

/// The guards of all ports of a bridge, and what one has to know of the others: an address belongs to one port.
///
/// Used by the data-plane thread alone. Each frame is looked at by one guard after the other's is done, so they share
/// what they look with.
public final class PortGuards {
    /// Where stations are, as the bridge has learned.
    @FunctionalInterface
    public interface Stations {
        /// Whether a station was seen at another port.
        ///
        /// @param mac its address
        /// @param vid the VLAN
        /// @param port the number of a port
        /// @return false if it is not known, or there
        boolean isElsewhere(long mac, int vid, int port);
    }

    /// How long an address is only claimed, in which an owner may object (RFC 6620, TENT_LT).
    private static final long TENTATIVE_NS = 500_000_000L;

    /// A lease without end (RFC 2131, 3.3; RFC 8415, 7.7).
    private static final int FOREVER_SECONDS = 0xffff_ffff;
    private static final long SECOND_NS = 1_000_000_000L;

    private final Stations stations;
    private final Sight sight = new Sight();
    private final Ipv4Check ipv4 = new Ipv4Check(new DhcpCheck());
    private final Ipv6Check ipv6 = new Ipv6Check(this);
    private PortGuard[] guards = {};
    private boolean guarding;
    private long nowNs;

    /// No port has a guard.
    ///
    /// @param stations asked before an address is learned
    public PortGuards(Stations stations) {
        this.stations = stations;
    }

    /// Sets the time.
    ///
    /// @param timeNs of this pass
    public void now(long timeNs) {
        nowNs = timeNs;
    }

    /// Gives a port a guard that has seen nothing yet, or takes it away.
    ///
    /// @param port its number
    /// @param settings what is demanded
    public void set(int port, GuardSettings settings) {
        PortGuard[] others = Arrays.stream(guards).filter(guard -> guard.port() != port).toArray(PortGuard[]::new);
        if (settings.isGuarding() || settings.has(Check.TRUSTED)) {
            guards = Arrays.copyOf(others, others.length + 1);
            guards[others.length] = new PortGuard(port, settings, this);
        } else {
            guards = others;
        }
        guarding = Arrays.stream(guards).anyMatch(guard -> guard.settings().isGuarding());
    }

    /// The guard that is to be asked about the frames of a port.
    ///
    /// @param port its number
    /// @return null if there is none, or it is trusted and nobody needs to know what it says
    public PortGuard active(int port) {
        for (PortGuard guard : guards) {
            if (guard.port() == port) {
                return guarding ? guard : null;
            }
        }
        return null;
    }

    /// Forgets what was learned of a port, since nobody is plugged in any more.
    ///
    /// @param port its number
    public void left(int port) {
        for (PortGuard guard : guards) {
            if (guard.port() == port) {
                guard.clear();
            }
        }
    }

    Sight sight(FrameBatch batch, int row, int vid) {
        sight.look(batch, row, vid);
        return sight;
    }

    long nowNs() {
        return nowNs;
    }

    /// The VLAN of the frame that is being looked at.
    int vid() {
        return sight.vid();
    }

    Ipv4Check ipv4() {
        return ipv4;
    }

    Ipv6Check ipv6() {
        return ipv6;
    }

    /// Reads what a trusted port says.
    void snoop(PortGuard guard, FrameBatch batch, int row, int vid) {
        sight.look(batch, row, vid);
        switch (sight.type()) {
            case Ethernet.TYPE_IPV4 -> ipv4.snoop(sight, this);
            case Ethernet.TYPE_IPV6 -> ipv6.snoop(sight, guard);
            default -> { }
        }
    }

    /// Whether a port may take a station for its own.
    boolean isFree(PortGuard by, long mac, int vid) {
        for (PortGuard other : guards) {
            if (other != by && other.macs().contains(mac)) {
                return false;
            }
        }
        return !stations.isElsewhere(mac, vid, by.port());
    }

    /// A station belongs to a trusted port: no other has learned it.
    void seize(PortGuard by, long mac) {
        for (PortGuard other : guards) {
            if (other != by) {
                other.macs().remove(mac);
            }
        }
    }

    /// An address belongs to a trusted port: no other has leased or claimed it, or can claim it.
    void seize(PortGuard by, long high, long low) {
        for (PortGuard other : guards) {
            if (other != by) {
                other.addresses().remove(high, low, vid());
            }
        }
        int slot = by.addresses().put(high, low, vid(), nowNs);
        if (slot >= 0) {
            by.addresses().claim(slot, nowNs);
        }
    }

    /// Somebody looks whether an address is free. If nobody objects it is his from a moment on.
    ///
    /// @return false if somebody else is just doing the same
    boolean claim(PortGuard by, long high, long low) {
        if (by.addresses().holds(high, low, vid(), nowNs)) {
            return true;
        }
        for (PortGuard other : guards) {
            if (other != by && other.addresses().holds(high, low, vid(), nowNs)) {
                return other.addresses().permits(high, low, vid(), nowNs);
            }
        }
        int slot = by.addresses().put(high, low, vid(), nowNs);
        if (slot >= 0) {
            by.addresses().claim(slot, nowNs + TENTATIVE_NS);
        }
        return true;
    }

    /// Takes an address at once.
    ///
    /// @return false if it is somebody else's, or there is no room
    boolean claimNow(PortGuard by, long high, long low) {
        if (isOthers(by, high, low)) {
            return false;
        }
        int slot = by.addresses().put(high, low, vid(), nowNs);
        if (slot >= 0) {
            by.addresses().claim(slot, nowNs);
        }
        return slot >= 0;
    }

    /// Whether an address is another port's.
    boolean isOthers(PortGuard by, long high, long low) {
        for (PortGuard other : guards) {
            if (other != by && other.addresses().holds(high, low, vid(), nowNs)) {
                return true;
            }
        }
        return false;
    }

    /// The port that has asked a DHCP server.
    ///
    /// @return null if it was none with a guard
    PortGuard requester(int transaction, long station) {
        for (PortGuard guard : guards) {
            if (guard.requests().contains(transaction, station, vid())) {
                return guard;
            }
        }
        return null;
    }

    /// A DHCP server has given a port an address, which is nobody else's then, for a number of seconds or
    /// [#FOREVER_SECONDS].
    void lease(PortGuard to, long high, long low, int seconds) {
        for (PortGuard other : guards) {
            if (other != to) {
                other.addresses().remove(high, low, vid());
            }
        }
        int slot = to.addresses().put(high, low, vid(), nowNs);
        if (slot >= 0) {
            to.addresses().lease(slot, endNs(seconds));
        }
    }

    /// A DHCPv6 server has delegated a network to a port, which is nobody else's then.
    ///
    /// @return its place there, for [OwnPrefixes#lease] at once; negative if there is none
    int delegate(PortGuard to, long high, long low, int bits) {
        for (PortGuard other : guards) {
            if (other != to) {
                other.addresses().delegated().remove(high, low, bits, vid());
            }
        }
        to.addresses().delegated().forgetEnded(nowNs);
        return to.addresses().delegated().put(high, low, bits, vid());
    }

    /// When a lease ends that lasts for a number of seconds from now on, or [#FOREVER_SECONDS].
    long endNs(int seconds) {
        return seconds == FOREVER_SECONDS ? OwnAddresses.FOREVER
                : nowNs + Integer.toUnsignedLong(seconds) * SECOND_NS;
    }
}
