package org.vswitch.bridge;

import org.vswitch.frame.Drop;
import org.vswitch.guard.Check;
import org.vswitch.guard.GuardSettings;
import org.vswitch.guard.PortGuard;
import org.vswitch.link.Endpoint;
import org.vswitch.link.PortOrder;

/// A port of the bridge: 0 to n endpoints, its VLAN, who may plug in, and its side of the ledger.
///
///     received = consumed + sum of discarded(reason) + passed on
///
/// A port that lost its last endpoint keeps its settings and counters. Used by the data-plane thread alone.
public final class BridgePort {
    /// No user or group.
    public static final int NOBODY = -1;

    private final int number;
    private final PortOrder order = new PortOrder();
    private final long[] discarded = new long[Drop.COUNT];
    private Endpoint[] endpoints = new Endpoint[0];
    private int untaggedVlan;
    private boolean trunk;
    private BridgePort mirror;
    private GuardSettings guardSettings = GuardSettings.OFF;
    private PortGuard guard;
    private boolean isolated;
    private boolean openToAutomatic;
    private int currentUser = NOBODY;
    private int allowedUser = NOBODY;
    private int allowedGroup = NOBODY;
    private Traffic shownSince = new Traffic(0, 0, 0, 0);
    private long received;
    private long receivedBytes;
    private long consumed;
    private long passedOn;
    private long transmitted;
    private long transmittedBytes;

    /// A port in VLAN 0.
    ///
    /// @param number 0 or above
    /// @param allocatable whether it may be given to somebody who asks for no particular port
    BridgePort(int number, boolean allocatable) {
        this.number = number;
        this.openToAutomatic = allocatable;
    }

    /// The port's number.
    ///
    /// @return 0 or above
    public int number() {
        return number;
    }

    /// The endpoints.
    ///
    /// @return not to be changed
    public Endpoint[] endpoints() {
        return endpoints;
    }

    /// Whether anything is plugged in.
    ///
    /// @return true with one endpoint or more
    public boolean isActive() {
        return endpoints.length > 0;
    }

    /// The VLAN of its untagged frames.
    ///
    /// @return 0 to 4,094, or [VlanTable#NO_VLAN]
    public int untaggedVlan() {
        return untaggedVlan;
    }

    /// Whether it passes every tag.
    ///
    /// @return true for a transparent trunk
    public boolean isTrunk() {
        return trunk;
    }

    /// Where copies of its frames go.
    ///
    /// @return a port, or null
    public BridgePort mirror() {
        return mirror;
    }

    /// What its guard demands.
    ///
    /// @return [GuardSettings#OFF] if it has none
    public GuardSettings guardSettings() {
        return guardSettings;
    }

    /// Who is asked about its frames.
    ///
    /// @return null if nobody is
    public PortGuard guard() {
        return guard;
    }

    /// Whether it reaches only ports that are not isolated.
    ///
    /// @return as its guard says
    public boolean isIsolated() {
        return isolated;
    }

    /// Whether it may be given to somebody who asks for no particular port.
    ///
    /// @return as set last
    public boolean isAllocatable() {
        return openToAutomatic;
    }

    /// Allows or forbids that it is given to somebody who asks for no particular port.
    ///
    /// @param allowed whether it may
    public void allocatable(boolean allowed) {
        openToAutomatic = allowed;
    }

    /// Who plugged in.
    ///
    /// @return a user id, or [#NOBODY]
    public int currentUser() {
        return currentUser;
    }

    /// Sets who plugged in.
    ///
    /// @param uid a user id, or [#NOBODY]
    public void currentUser(int uid) {
        currentUser = uid;
    }

    /// The user who may plug in.
    ///
    /// @return a user id, or [#NOBODY] for no restriction
    public int allowedUser() {
        return allowedUser;
    }

    /// Sets the user who may plug in.
    ///
    /// @param uid a user id, or [#NOBODY]
    public void allowedUser(int uid) {
        allowedUser = uid;
    }

    /// The group whose members may plug in.
    ///
    /// @return a group id, or [#NOBODY] for no restriction
    public int allowedGroup() {
        return allowedGroup;
    }

    /// Sets the group whose members may plug in.
    ///
    /// @param gid a group id, or [#NOBODY]
    public void allowedGroup(int gid) {
        allowedGroup = gid;
    }

    /// Frames that came in, those discarded included.
    ///
    /// @return a count
    public long received() {
        return received;
    }

    /// Bytes that came in.
    ///
    /// @return a count
    public long receivedBytes() {
        return receivedBytes;
    }

    /// Frames that were for the switch itself: spanning tree messages.
    ///
    /// @return a count
    public long consumed() {
        return consumed;
    }

    /// Frames that went to at least one other port.
    ///
    /// @return a count
    public long passedOn() {
        return passedOn;
    }

    /// Frames that came in and were lost for a reason.
    ///
    /// @param reason why
    /// @return a count
    public long discarded(Drop reason) {
        return discarded[reason.ordinal()];
    }

    /// Frames that were to go out, counted once whatever the number of endpoints.
    ///
    /// @return a count
    public long transmitted() {
        return transmitted;
    }

    /// Bytes that were to go out.
    ///
    /// @return a count
    public long transmittedBytes() {
        return transmittedBytes;
    }

    /// Makes the packet and byte counts of consoles start again from zero; the ledgers go on.
    public void resetCounters() {
        shownSince = new Traffic(received, receivedBytes, transmitted, transmittedBytes);
    }

    /// The packet and byte counts of consoles.
    ///
    /// @return since the last [#resetCounters]
    public Traffic traffic() {
        return new Traffic(received - shownSince.framesIn, receivedBytes - shownSince.bytesIn,
                transmitted - shownSince.framesOut, transmittedBytes - shownSince.bytesOut);
    }

    /// What consoles show of a port.
    ///
    /// @param framesIn frames that came in
    /// @param bytesIn bytes that came in
    /// @param framesOut frames that were to go out
    /// @param bytesOut bytes that were to go out
    public record Traffic(long framesIn, long bytesIn, long framesOut, long bytesOut) {
    }

    PortOrder order() {
        return order;
    }

    void untaggedVlan(int vid) {
        untaggedVlan = vid;
    }

    void trunk(boolean on) {
        trunk = on;
    }

    void mirror(BridgePort to) {
        mirror = to;
    }

    void guardSettings(GuardSettings changed) {
        guardSettings = changed;
        isolated = changed.has(Check.ISOLATED);
    }

    void guard(PortGuard asked) {
        guard = asked;
    }

    void add(Endpoint endpoint) {
        Endpoint[] more = java.util.Arrays.copyOf(endpoints, endpoints.length + 1);
        more[endpoints.length] = endpoint;
        endpoints = more;
    }

    void remove(Endpoint endpoint) {
        endpoints = java.util.Arrays.stream(endpoints).filter(other -> other != endpoint).toArray(Endpoint[]::new);
    }

    void countReceived(int frames) {
        received += frames;
    }

    void countReceivedBytes(long bytes) {
        receivedBytes += bytes;
    }

    void countConsumed() {
        consumed++;
    }

    void countPassedOn() {
        passedOn++;
    }

    void discard(Drop reason, long frames) {
        discarded[reason.ordinal()] += frames;
    }

    void countTransmitted(int bytes) {
        transmitted++;
        transmittedBytes += bytes;
    }
}
