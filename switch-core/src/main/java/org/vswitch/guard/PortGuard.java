package org.vswitch.guard;

import java.util.List;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.MacAddress;

/// The guard of one port: asked about each frame that comes in, before anything is learned from it.
///
/// Theory of operation. What costs least comes first, and what is refused leaves no trace: the rates, then the station,
/// then what is inside. A guard of a trusted port refuses nothing; it reads what DHCP servers and routers tell the
/// others. What was learned, leased and claimed is forgotten when nobody is plugged in any more.
///
/// Used by the data-plane thread alone; allocates nothing after construction.
public final class PortGuard {
    private static final int BITS = 8;
    /// Frames that may always come at once.
    private static final int LEAST_BURST = 16;
    /// Groups that bridges do not forward: BPDUs, PAUSE, LACP, 802.1X, LLDP (IEEE 802.1Q-2018 table 8-1); those of all
    /// LANs' management and of GARP and MRP applications (IEEE 802.1D-2004 clause 7.12) follow.
    private static final long RESERVED = 0x0180_c200_0000L;
    private static final long LAST_RESERVED = 0x0180_c200_002fL;
    private static final int VENDOR_SHIFT = 24;
    /// Where CDP, VTP, DTP and the spanning tree of each VLAN are said.
    private static final long CISCO_GROUPS = 0x01_000c;

    private final int port;
    private final GuardSettings settings;
    private final PortGuards guards;
    private final OwnMacs macs;
    private final OwnAddresses addresses;
    private final DhcpRequests requests = new DhcpRequests();
    private final TokenBucket all;
    private final TokenBucket broadcast;
    private final TokenBucket unknown;
    private final boolean ip;
    private final boolean arp;
    private final boolean dhcp;
    private final boolean ra;
    private final boolean bpdu;
    private final boolean types;
    private final boolean trusted;

    /// A guard that has seen nothing yet.
    ///
    /// @param port number of the port
    /// @param settings what it demands
    /// @param guards of the other ports
    PortGuard(int port, GuardSettings settings, PortGuards guards) {
        this.port = port;
        this.settings = settings;
        this.guards = guards;
        this.macs = new OwnMacs(settings.macs(), settings.learnedMacs());
        this.addresses = new OwnAddresses(settings.addresses());
        GuardRates rates = settings.rates();
        all = new TokenBucket(rates.bits(), (long) FrameSlab.MAX_FRAME * BITS, guards.nowNs());
        broadcast = new TokenBucket(rates.broadcast(), LEAST_BURST, guards.nowNs());
        unknown = new TokenBucket(rates.unknown(), LEAST_BURST, guards.nowNs());
        ip = settings.has(Check.IP);
        arp = settings.has(Check.ARP);
        dhcp = settings.has(Check.DHCP);
        ra = settings.has(Check.RA);
        bpdu = settings.has(Check.BPDU);
        types = settings.has(Check.TYPES);
        trusted = settings.has(Check.TRUSTED);
    }

    /// Whether a frame may not pass. To be asked once for each frame.
    ///
    /// @param batch where it is
    /// @param row which
    /// @param vid the VLAN that the bridge puts it into
    /// @return the reason, or null if it may
    public Drop refusal(FrameBatch batch, int row, int vid) {
        if (trusted) {
            guards.snoop(this, batch, row, vid);
            return null;
        }
        if (!all.take((long) batch.length(row) * BITS, guards.nowNs())) {
            return Drop.RATE_ALL;
        }
        if (MacAddress.isGroup(batch.destination(row)) && !broadcast.take(batch.segments(row), guards.nowNs())) {
            return Drop.RATE_BROADCAST;
        }
        if (bpdu && isForSwitches(batch.destination(row))) {
            return Drop.GUARD_BPDU;
        }
        if (settings.checksMacs() && !isOwn(batch.source(row), vid)) {
            return Drop.GUARD_MAC;
        }
        return ip || arp || dhcp || ra || types ? refusal(guards.sight(batch, row, vid)) : null;
    }

    /// Whether a frame may not be flooded because its receiver is not known. To be asked once for each such frame.
    ///
    /// @param frames how many it counts for: a super-frame for its segments
    /// @return the reason, or null if it may
    public Drop refusalToFlood(int frames) {
        return unknown.take(frames, guards.nowNs()) ? null : Drop.RATE_UNKNOWN;
    }

    /// Takes note of a station that has appeared at this port. Nobody else may use its address if the port is trusted.
    ///
    /// @param mac its address
    public void appeared(long mac) {
        if (trusted) {
            guards.seize(this, mac);
        }
    }

    /// What it demands.
    ///
    /// @return as it was set
    public GuardSettings settings() {
        return settings;
    }

    /// The stations that were learned, for consoles.
    ///
    /// @return a copy
    public List<Long> learnedMacs() {
        return macs.learned();
    }

    /// The addresses that were leased or claimed, and the networks that were delegated, for consoles.
    ///
    /// @return a copy
    public List<OwnAddresses.Entry> ownAddresses() {
        return addresses.entries(guards.nowNs());
    }

    private Drop refusal(Sight sight) {
        return switch (sight.type()) {
            case Ethernet.TYPE_IPV4 -> ip || dhcp ? guards.ipv4().refusal(sight, this) : null;
            case Ethernet.TYPE_IPV6 -> ip || arp || dhcp || ra ? guards.ipv6().refusal(sight, this) : null;
            case Ethernet.TYPE_ARP, ArpCheck.TYPE_RARP -> arp ? ArpCheck.refusal(sight, this) : null;
            case Sight.CUT_OFF -> Drop.GUARD_HEADERS;
            default -> otherRefusal(sight);
        };
    }

    /// Of a frame that nothing here looks into.
    private Drop otherRefusal(Sight sight) {
        if (sight.isOffloaded()) {
            return Drop.GUARD_HEADERS;
        }
        return types ? Drop.GUARD_TYPE : null;
    }

    private static boolean isForSwitches(long destination) {
        return destination >= RESERVED && destination <= LAST_RESERVED || destination >>> VENDOR_SHIFT == CISCO_GROUPS;
    }

    private boolean isOwn(long mac, int vid) {
        if (macs.contains(mac)) {
            return true;
        }
        if (!macs.hasRoom() || MacAddress.isGroup(mac) || mac == 0 || !guards.isFree(this, mac, vid)) {
            return false;
        }
        macs.add(mac);
        return true;
    }

    /// Whether a check is switched on, without a look into a set.
    boolean has(Check check) {
        return switch (check) {
            case IP -> ip;
            case ARP -> arp;
            case DHCP -> dhcp;
            case RA -> ra;
            case BPDU -> bpdu;
            case TYPES -> types;
            case TRUSTED -> trusted;
            case ISOLATED -> settings.has(Check.ISOLATED);
        };
    }

    /// Whether the sender of the frame that is being looked at may use an address.
    boolean permits(long high, long low) {
        return addresses.permits(high, low, guards.vid(), guards.nowNs());
    }

    /// Whether the sender of that frame may ask if anybody uses an address.
    boolean mayProbe(long high, long low) {
        return !guards.isOthers(this, high, low);
    }

    int port() {
        return port;
    }

    OwnMacs macs() {
        return macs;
    }

    OwnAddresses addresses() {
        return addresses;
    }

    DhcpRequests requests() {
        return requests;
    }

    /// Forgets everything but its settings.
    void clear() {
        macs.clear();
        addresses.clear();
        requests.clear();
    }
}
