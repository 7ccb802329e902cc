package org.vswitch.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.vswitch.control.Accounts;
import org.vswitch.grant.GrantAnswer;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;
import org.vswitch.linux.Sockets;

/// Gives taps to users without privileges.
///
/// Theory of operation. One thread, which waits for nobody. A connection brings one request, a packet of fixed size,
/// within 5 s; who connected is what the kernel recorded. If the policy allows it the tap is made, its descriptor sent,
/// and our copy closed: from then on the interface lives as long as the descriptor. The connection stays, and stands
/// for the lease: when it ends the interface is removed, since whoever has the descriptor may have made it persistent,
/// or have passed it on. So whatever is killed, no tap is left: before the descriptor is sent it goes with this
/// process, and then with the client's.
///
/// What a user can occupy is bounded: connections without a request, of one user and of all, and taps.
public final class Broker implements AutoCloseable {
    private static final long REQUEST_TIMEOUT_NS = 5_000_000_000L;
    private static final int MAX_WAITING = 32;
    private static final int MAX_WAITING_OF_USER = 4;
    private static final int EVENTS = 64;
    private static final int BACKLOG = 64;
    private static final long LISTENER = -1;
    private static final long STOP = -2;
    private static final long RELOAD = -3;
    /// How long nothing is accepted after the system ran out of descriptors.
    private static final int PAUSE_MS = 100;

    private final String policyFile;
    private final AuditLog audit;
    private final EarlierTaps earlier;
    private final Consumer<String> log;
    private final TapMaker maker = new TapMaker(Path.of("/proc/sys/net"));
    private final BrokerSocket socket;
    private final Epoll epoll = new Epoll(EVENTS);
    private final EventFd stop = new EventFd();
    private final EventFd reload = new EventFd();
    /// By descriptor, in the order in which they came.
    private final Map<Long, Session> sessions = new LinkedHashMap<>();
    private Policy policy;
    private boolean accepting = true;
    private boolean stopped;

    /// One connection: before its request, then as a lease.
    private static final class Session {
        private final Fd fd;
        private final Rule.Peer peer;
        private final long deadlineNs;
        private Optional<GrantRequest> lease = Optional.empty();
        private NetworkDevice device;

        Session(Fd fd, Rule.Peer peer, long deadlineNs) {
            this.fd = fd;
            this.peer = peer;
            this.deadlineNs = deadlineNs;
        }
    }

    /// Where to listen, and for whom.
    ///
    /// @param policyFile who may have what
    /// @param socket path of the socket
    /// @param mode its permissions
    /// @param group its group, or -1
    public record Settings(String policyFile, String socket, int mode, int group) {
    }

    /// Begins to listen.
    ///
    /// @param settings where, and for whom
    /// @param log takes a line for each decision, on the thread of [#run]
    /// @throws IOException with one line about the policy or the socket
    public Broker(Settings settings, Consumer<String> log) throws IOException {
        this.log = log;
        audit = new AuditLog(log, System.nanoTime());
        earlier = new EarlierTaps(log);
        policyFile = settings.policyFile();
        policy = Policy.load(policyFile, new Accounts());
        earlier.look(Set.of());
        socket = BrokerSocket.listen(settings, BACKLOG);
        epoll.add(socket.fd().number(), Epoll.READABLE, LISTENER);
        epoll.add(stop.fd(), Epoll.READABLE, STOP);
        epoll.add(reload.fd(), Epoll.READABLE, RELOAD);
    }

    /// Works until it is stopped. All leases end then without being removed: who has a tap keeps it.
    public void run() {
        while (!stopped) {
            int count = epoll.await(timeoutMs(System.nanoTime()));
            audit.at(System.nanoTime());
            accept(true);
            for (int i = 0; i < count; i++) {
                long token = epoll.token(i);
                if (token == STOP) {
                    stopped = true;
                } else if (token == RELOAD) {
                    reload.drain();
                    readPolicy();
                } else if (token == LISTENER) {
                    acceptAll();
                } else if (sessions.containsKey(token)) {
                    ready(sessions.get(token));
                }
            }
            expire(System.nanoTime());
        }
    }

    /// Has [#run] return. Callable from any thread.
    public void stop() {
        stop.signal();
    }

    /// Has [#run] read the policy again. Taps that are there stay, and count. Callable from any thread.
    public void reload() {
        reload.signal();
    }

    @Override
    public void close() {
        audit.end();
        sessions.values().forEach(this::forget);
        socket.close();
        epoll.close();
        stop.close();
        reload.close();
    }

    /// A file with a mistake changes nothing.
    private void readPolicy() {
        try {
            policy = Policy.load(policyFile, new Accounts());
            log.accept(policyFile + ": read again");
        } catch (IOException refusal) {
            log.accept(refusal.getMessage() + " (not read again: what it said before holds)");
        }
    }

    private int timeoutMs(long nowNs) {
        long leftNs = LongStream.concat(audit.deadlineNs().stream(), sessions.values().stream()
                .filter(each -> each.lease.isEmpty()).mapToLong(each -> each.deadlineNs).limit(1))
                .map(each -> Math.max(0, each - nowNs)).min().orElse(-1);
        int ms = leftNs < 0 ? -1 : (int) (leftNs / 1_000_000 + 1);
        return accepting ? ms : ms < 0 ? PAUSE_MS : Math.min(ms, PAUSE_MS);
    }

    private void accept(boolean wanted) {
        if (wanted != accepting && epoll.modify(socket.fd().number(), wanted ? Epoll.READABLE : 0, LISTENER) == 0) {
            accepting = wanted;
        }
    }

    private void acceptAll() {
        while (waiting(-1) < MAX_WAITING) {
            int accepted = Sockets.accept(socket.fd());
            if (accepted >= 0) {
                begin(new Fd(accepted));
            } else {
                if (accepted == -Errno.EMFILE.number() || accepted == -Errno.ENFILE.number()) {
                    accept(false);
                }
                return;
            }
        }
        accept(false);
    }

    /// How many connections have brought no request yet, of one user or, with -1, of all.
    private int waiting(int uid) {
        return (int) sessions.values().stream()
                .filter(each -> each.lease.isEmpty() && (uid == -1 || each.peer.uid() == uid)).count();
    }

    private void begin(Fd fd) {
        try {
            Sockets.Credentials credentials = Sockets.peer(fd.number());
            Set<Integer> groups = new HashSet<>(Sockets.peerGroups(fd.number()));
            groups.add(credentials.gid());
            Rule.Peer peer = new Rule.Peer(credentials.pid(), credentials.uid(), groups);
            if (waiting(peer.uid()) >= MAX_WAITING_OF_USER) {
                audit.refused(peer, GrantStatus.MALFORMED, "too many connections without a request");
                fd.close();
                return;
            }
            long token = fd.number();
            epoll.add(fd.number(), Epoll.READABLE, token);
            sessions.put(token, new Session(fd, peer, System.nanoTime() + REQUEST_TIMEOUT_NS));
        } catch (LinuxException gone) {
            log.accept("connection lost: " + gone.getMessage());
            fd.close();
        }
    }

    private void ready(Session session) {
        byte[] packet = new byte[GrantRequest.LENGTH + 1];
        int length = Sockets.receive(session.fd, packet);
        if (length == -Errno.EAGAIN.number()) {
            return;
        }
        if (length > 0 && session.lease.isEmpty()) {
            answer(session, Arrays.copyOf(packet, length));
            return;
        }
        if (length > 0) {
            audit.refused(session.peer, GrantStatus.MALFORMED, "something behind the request");
        }
        end(session);
    }

    private void answer(Session session, byte[] packet) {
        GrantRequest.Reading reading = GrantRequest.parse(packet);
        if (reading.request().isEmpty()) {
            audit.refused(session.peer, reading.status(), packet.length + " bytes");
            refuse(session, new GrantAnswer(reading.status(), "", 0));
            return;
        }
        GrantRequest request = reading.request().get();
        try {
            earlier.look(sessions.values().stream().filter(each -> each.device != null)
                    .map(each -> each.device.index()).collect(Collectors.toSet()));
            decide(session, request);
        } catch (IOException refusal) {
            int errno = refusal instanceof LinuxException call ? call.errno() : Errno.EIO.number();
            GrantStatus status = errno == Errno.EBUSY.number() ? GrantStatus.EXISTS : GrantStatus.KERNEL;
            audit.refused(session.peer, request, status, String.valueOf(refusal.getMessage()));
            refuse(session, new GrantAnswer(status, request.name(), status == GrantStatus.EXISTS ? 0 : errno));
        }
    }

    private void decide(Session session, GrantRequest request) throws IOException {
        Policy.Decision decision = policy.decide(session.peer, request, taps(session.peer.uid()), taps(-1));
        if (decision.rule().isEmpty()) {
            audit.refused(session.peer, request, decision.status(), "");
            refuse(session, new GrantAnswer(decision.status(), request.name(), 0));
            return;
        }
        grant(session, request, maker.make(request, decision.rule().get().ingress(),
                EarlierTaps.mark(session.peer.uid())));
    }

    private void grant(Session session, GrantRequest request, TapMaker.Made made) {
        byte[] answer = new GrantAnswer(GrantStatus.GRANTED, request.name(), 0).bytes();
        int sent = FdPassing.send(session.fd, answer, made.tap().descriptors());
        made.tap().close();
        session.device = made.device();
        if (sent < 0) {
            audit.refused(session.peer, request, GrantStatus.KERNEL, "the client has gone");
            end(session);
            return;
        }
        session.lease = Optional.of(request);
        audit.granted(session.peer, request, taps(session.peer.uid()));
    }

    /// How many taps there are, of one user or, with -1, of all.
    private int taps(int uid) {
        return earlier.count(uid) + (int) sessions.values().stream()
                .filter(each -> each.lease.isPresent() && (uid == -1 || each.peer.uid() == uid)).count();
    }

    private void refuse(Session session, GrantAnswer answer) {
        Sockets.send(session.fd, answer.bytes());
        end(session);
    }

    private void end(Session session) {
        sessions.remove((long) session.fd.number());
        if (session.device != null) {
            try {
                session.device.remove();
            } catch (LinuxException refusal) {
                if (!refusal.is(Errno.ENODEV)) {
                    log.accept("cannot remove an interface: " + refusal.getMessage());
                }
            }
        }
        forget(session);
        session.lease.ifPresent(request -> audit.returned(session.peer, request, taps(session.peer.uid())));
    }

    private void forget(Session session) {
        session.fd.close();
        if (session.device != null) {
            session.device.close();
        }
    }

    private void expire(long nowNs) {
        List<Session> late = new ArrayList<>();
        sessions.values().stream().filter(each -> each.lease.isEmpty() && nowNs - each.deadlineNs >= 0)
                .forEach(late::add);
        for (Session session : late) {
            audit.refused(session.peer, GrantStatus.MALFORMED, "no request within 5 s");
            end(session);
        }
    }
}
