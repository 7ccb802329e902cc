package org.vswitch.plug;

import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.TimedLink;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.Dhcpv4Reply;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Udp;

/// A station's DHCP client as a link beside the station's own: it sees what comes for the station, and speaks in its
/// name. Source: RFC 2131, 4.4, figure 5.
///
/// | state | leads out |
/// |---|---|
/// | SELECTING | an offer: REQUESTING. Asks again after 1, 2, 4, ... 64 s |
/// | REQUESTING | ACK: PROBING; NAK, or no answer three times: SELECTING |
/// | PROBING | nobody has the address: BOUND; somebody has: DECLINING (3.1 step 5, RFC 5227) |
/// | DECLINING | 10 s: SELECTING; after ten addresses in a row that others had, 60 s |
/// | BOUND | T1: RENEWING |
/// | RENEWING | ACK: BOUND; NAK: SELECTING; T2: REBINDING. Asks the server that gave the lease |
/// | REBINDING | ACK: BOUND; NAK, or the lease is over: SELECTING. Asks all servers |
/// | REBOOTING | the network may be another: ACK: BOUND; NAK: SELECTING; no answer three times: BOUND as before |
/// | RELEASING | the link leaves with a lease: nothing. Tells the server that gave it, once (4.4.6) |
///
/// An ACK for another address than the one in use leads to PROBING from wherever it comes. RFC 5227 takes 4 to 7 s for
/// probes, since networks may need long to come up. This one has just carried the answers of a server: 0.3 s will do.
public final class DhcpClient implements TimedLink {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MAX_PAUSE_NS = 64 * SECOND_NS;
    private static final long LEAST_PAUSE_NS = 60 * SECOND_NS;
    private static final long ANSWER_NS = 2 * SECOND_NS;
    private static final long PROBE_NS = 100_000_000L;
    private static final long DECLINE_NS = 10 * SECOND_NS;
    /// MAX_CONFLICTS and RATE_LIMIT_INTERVAL of RFC 5227.
    private static final int MAX_CONFLICTS = 10;
    private static final long RATE_LIMIT_NS = 60 * SECOND_NS;
    private static final int TRIES = 3;
    private static final int MESSAGE_LENGTH = 548;
    private static final int UDP_OFFSET = Ethernet.HEADER_LENGTH + Ipv4.LENGTH;
    private static final int MESSAGE_OFFSET = UDP_OFFSET + Udp.LENGTH;
    private static final int HOPS = 64;
    private static final int EVERYBODY = 0xffff_ffff;

    private final long mac;
    private final Consumer<Optional<DhcpLease>> changed;
    private final FrameSlab slab = FrameSlab.forFrames(1);
    private final Dhcpv4Reply writer = new Dhcpv4Reply();
    private final Dhcpv4Options options = new Dhcpv4Options();
    private final AddressProbe probe;
    private State state = State.SELECTING;
    private Optional<DhcpLease> lease = Optional.empty();
    /// As the server gave it last.
    private Optional<DhcpLease> given = Optional.empty();
    private LeaseTimes times = new LeaseTimes(0, 0, 0);
    private int xid;
    private int address;
    private int server;
    private long serverMac;
    private int tries;
    private int conflicts;
    private long pauseNs = SECOND_NS;
    private long nowNs;
    private long dueNs;
    private long askedNs;
    private boolean began;
    private boolean wantsToSend;
    private volatile boolean toConfirm;
    private volatile Runnable wakeUp = () -> { };

    /// See the table.
    private enum State {
        /// Looks for a server.
        SELECTING,
        /// Has chosen one.
        REQUESTING,
        /// Looks whether somebody has the address that it was given.
        PROBING,
        /// Has told the server that somebody has.
        DECLINING,
        /// Has a lease.
        BOUND,
        /// Has one, and asks its server.
        RENEWING,
        /// Has one, and asks all servers.
        REBINDING,
        /// Has one, and asks whether it holds here.
        REBOOTING,
        /// Gives it back.
        RELEASING
    }

    /// A client that has to begin.
    ///
    /// @param mac the station that it is for
    /// @param changed told on the data plane's thread of each lease that differs from the last, and of its end
    public DhcpClient(long mac, Consumer<Optional<DhcpLease>> changed) {
        this.mac = mac;
        this.changed = changed;
        probe = new AddressProbe(mac);
    }

    /// Asks whether the lease still holds, as after the network was away. Callable from any thread.
    public void confirm() {
        toConfirm = true;
        wakeUp.run();
    }

    @Override
    public LinkFeatures features() {
        return new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, true, 0);
    }

    @Override
    public int descriptor() {
        return NO_DESCRIPTOR;
    }

    @Override
    public void now(long timeNs) {
        nowNs = timeNs;
        if (!began) {
            began = true;
            select();
        }
        if (toConfirm) {
            toConfirm = false;
            confirmOrSelect();
        }
        if (nowNs - dueNs >= 0 && deadlineNs() != Long.MAX_VALUE) {
            act();
        }
    }

    @Override
    public long deadlineNs() {
        boolean never = state == State.BOUND && times.renewNs() == Long.MAX_VALUE || state == State.RELEASING;
        return never ? Long.MAX_VALUE : dueNs;
    }

    @Override
    public boolean isReady() {
        return wantsToSend;
    }

    @Override
    public boolean awaitsRoom() {
        return false;
    }

    @Override
    public void wakeBy(Runnable wakesUp) {
        wakeUp = wakesUp;
    }

    @Override
    public boolean arm() {
        return !wantsToSend && !toConfirm;
    }

    @Override
    public int receive(FrameBatch batch) {
        if (!wantsToSend) {
            return 0;
        }
        wantsToSend = false;
        long frame = batch.slot(0);
        batch.addFrame(frame, write(frame));
        return 1;
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        for (int i = from; i < to; i++) {
            switch (state) {
                case BOUND, DECLINING, RELEASING -> { }
                case PROBING -> {
                    if (probe.isConflict(batch, rows[i], slab.frame(0), address)) {
                        decline();
                    }
                }
                default -> {
                    long message = answer(batch, rows[i]);
                    if (message != 0) {
                        hear(message, batch.source(rows[i]));
                    }
                }
            }
        }
        return to - from;
    }

    /// Gives the lease back, if there is one: servers have few addresses, and a station that comes anew has another
    /// MAC address. Nothing else is said any more, and nothing is heard.
    @Override
    public void leave() {
        boolean held = (lease.isPresent() || state == State.PROBING) && server != 0
                && (times.endNs() == Long.MAX_VALUE || nowNs - times.endNs() < 0);
        state = State.RELEASING;
        xid = ThreadLocalRandom.current().nextInt();
        lease = Optional.empty();
        wantsToSend = held;
    }

    @Override
    public void close() {
        slab.free();
    }

    private void select() {
        state = State.SELECTING;
        xid = ThreadLocalRandom.current().nextInt();
        address = 0;
        pauseNs = SECOND_NS;
        dueNs = nowNs;
    }

    private void confirmOrSelect() {
        if (lease.isEmpty()) {
            select();
            return;
        }
        state = State.REBOOTING;
        xid = ThreadLocalRandom.current().nextInt();
        tries = 0;
        dueNs = nowNs;
    }

    /// What is due.
    private void act() {
        switch (state) {
            case SELECTING -> {
                send(nowNs + pauseNs);
                pauseNs = Math.min(2 * pauseNs, MAX_PAUSE_NS);
            }
            case REQUESTING -> {
                if (tries++ < TRIES) {
                    send(nowNs + ANSWER_NS);
                } else {
                    select();
                }
            }
            case PROBING -> {
                if (tries++ < TRIES) {
                    send(nowNs + PROBE_NS);
                } else {
                    use();
                    wantsToSend = true;
                }
            }
            case DECLINING -> select();
            case REBOOTING -> reboot();
            case BOUND -> {
                xid = ThreadLocalRandom.current().nextInt();
                state = State.RENEWING;
                renew(times.rebindNs());
            }
            case RENEWING -> {
                if (nowNs - times.rebindNs() >= 0) {
                    state = State.REBINDING;
                    renew(times.endNs());
                } else {
                    renew(times.rebindNs());
                }
            }
            case REBINDING -> {
                if (nowNs - times.endNs() >= 0) {
                    lose();
                } else {
                    renew(times.endNs());
                }
            }
            case RELEASING -> { }
        }
    }

    /// Asks, and again after half of the time that is left, but not within a minute.
    private void renew(long untilNs) {
        send(Math.min(untilNs, nowNs + Math.max(LEAST_PAUSE_NS, (untilNs - nowNs) / 2)));
    }

    private void reboot() {
        if (times.endNs() != Long.MAX_VALUE && nowNs - times.endNs() >= 0) {
            lose();
        } else if (tries++ < TRIES) {
            send(nowNs + ANSWER_NS);
        } else {
            state = State.BOUND;
            dueNs = times.renewNs();
        }
    }

    private void send(long nextNs) {
        wantsToSend = true;
        askedNs = nowNs;
        dueNs = nextNs;
    }

    private void lose() {
        giveUp();
        select();
    }

    private void giveUp() {
        if (lease.isPresent()) {
            lease = Optional.empty();
            changed.accept(lease);
        }
    }

    private void decline() {
        giveUp();
        state = State.DECLINING;
        xid = ThreadLocalRandom.current().nextInt();
        conflicts++;
        send(nowNs + (conflicts < MAX_CONFLICTS ? DECLINE_NS : RATE_LIMIT_NS));
    }

    private void hear(long message, long from) {
        int type = options.messageType();
        if (state == State.SELECTING) {
            if (type == Dhcpv4.DHCPOFFER && Dhcpv4.yiaddr(message) != 0) {
                address = Dhcpv4.yiaddr(message);
                server = options.serverIdentifier();
                state = State.REQUESTING;
                tries = 0;
                dueNs = nowNs;
                act();
            }
        } else if (type == Dhcpv4.DHCPNAK) {
            lose();
        } else if (type == Dhcpv4.DHCPACK && Dhcpv4.yiaddr(message) != 0) {
            bind(message, from);
        }
    }

    private void bind(long message, long from) {
        address = Dhcpv4.yiaddr(message);
        server = options.serverIdentifier();
        serverMac = from;
        times = LeaseTimes.of(options, askedNs);
        given = Optional.of(DhcpLease.of(message, options));
        if (lease.map(DhcpLease::address).equals(given.map(DhcpLease::address))) {
            use();
        } else {
            state = State.PROBING;
            tries = 0;
            dueNs = nowNs;
        }
    }

    private void use() {
        state = State.BOUND;
        dueNs = times.renewNs();
        conflicts = 0;
        if (!given.equals(lease)) {
            lease = given;
            changed.accept(lease);
        }
    }

    /// Where the server's message to us lies in a copy of the frame, its options read; 0 if that is something else.
    private long answer(FrameBatch batch, int row) {
        int length = batch.length(row);
        if (batch.isTagged(row) || batch.type(row) != Ethernet.TYPE_IPV4 || length > FrameSlab.MAX_FRAME) {
            return 0;
        }
        long frame = slab.frame(0);
        batch.copyTo(row, frame);
        long ip = frame + Ethernet.HEADER_LENGTH;
        int available = length - Ethernet.HEADER_LENGTH;
        if (!Ipv4.isValid(ip, available) || Ipv4.isFragment(ip) || Ipv4.protocol(ip) != Udp.PROTOCOL) {
            return 0;
        }
        long udp = ip + Ipv4.headerLength(ip);
        int udpLength = Ipv4.totalLength(ip) - Ipv4.headerLength(ip);
        if (!Udp.isValid(udp, udpLength) || Udp.destinationPort(udp) != Dhcpv4.CLIENT_PORT) {
            return 0;
        }
        long message = udp + Udp.LENGTH;
        int messageLength = Udp.length(udp) - Udp.LENGTH;
        return Dhcpv4.isReply(message, messageLength) && Dhcpv4.xid(message) == xid
                && Dhcpv4.chaddr(message) == mac && options.parse(message, messageLength) ? message : 0;
    }

    /// Writes what the state asks for.
    ///
    /// @return bytes of the frame
    private int write(long frame) {
        return switch (state) {
            case PROBING -> probe.writeQuestion(frame, address);
            case BOUND -> probe.writeAnnouncement(frame, address);
            default -> writeDatagram(frame);
        };
    }

    private int writeDatagram(long frame) {
        int length = writeMessage(frame + MESSAGE_OFFSET);
        long udp = frame + UDP_OFFSET;
        Udp.sourcePort(udp, Dhcpv4.CLIENT_PORT);
        Udp.destinationPort(udp, Dhcpv4.SERVER_PORT);
        Udp.length(udp, Udp.LENGTH + length);
        Udp.checksum(udp, 0); // none (RFC 768)
        long ip = frame + Ethernet.HEADER_LENGTH;
        boolean alone = (state == State.RENEWING || state == State.RELEASING) && server != 0;
        Ipv4.emit(ip, Ipv4.LENGTH + Udp.LENGTH + length);
        Ipv4.timeToLive(ip, HOPS);
        Ipv4.protocol(ip, Udp.PROTOCOL);
        Ipv4.source(ip, usesAddress() ? address : 0);
        Ipv4.destination(ip, alone ? server : EVERYBODY);
        Ipv4.updateChecksum(ip);
        NetworkOrder.u48(frame, alone ? serverMac : MacAddress.BROADCAST);
        Ethernet.source(frame, mac);
        Ethernet.type(frame, Ethernet.TYPE_IPV4);
        return MESSAGE_OFFSET + length;
    }

    /// RFC 2131, table 5.
    ///
    /// @return bytes
    private int writeMessage(long at) {
        writer.beginRequest(at, MESSAGE_LENGTH, xid, mac);
        writer.u8(Dhcpv4Options.MESSAGE_TYPE, switch (state) {
            case SELECTING -> Dhcpv4.DHCPDISCOVER;
            case DECLINING -> Dhcpv4.DHCPDECLINE;
            case RELEASING -> Dhcpv4.DHCPRELEASE;
            default -> Dhcpv4.DHCPREQUEST;
        });
        if (usesAddress()) {
            writer.ciaddr(address);
        } else if (address != 0) {
            writer.u32(Dhcpv4Options.REQUESTED_ADDRESS, address);
        }
        boolean returns = state == State.RELEASING || state == State.DECLINING;
        if (state == State.REQUESTING || returns) {
            writer.u32(Dhcpv4Options.SERVER_IDENTIFIER, server);
        }
        if (returns) {
            writer.noBroadcast();
        } else {
            writer.bytes(Dhcpv4Options.PARAMETER_REQUEST_LIST, new byte[] {Dhcpv4Options.SUBNET_MASK,
                Dhcpv4Options.ROUTER, Dhcpv4Options.DOMAIN_NAME_SERVER, Dhcpv4Options.RENEWAL_TIME,
                Dhcpv4Options.REBINDING_TIME});
        }
        return writer.end();
    }

    private boolean usesAddress() {
        return state == State.RENEWING || state == State.REBINDING || state == State.RELEASING;
    }
}
