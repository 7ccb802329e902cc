package org.vswitch.slirp.tcp;

import java.util.Arrays;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.FakeReport;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.IoVector;
import org.vswitch.slirp.host.NoHostNetwork;

/// A host with one TCP socket at a time, whose other end the test plays. Errors are errno values the test sets.
final class FakeHost extends NoHostNetwork {
    private static final int BOTH = READABLE | WRITABLE;

    /// What the socket takes until the test makes room.
    int room = Integer.MAX_VALUE;
    /// What became of the guest's bytes.
    byte[] received = new byte[1 << 16];
    int receivedLength;
    boolean ended;
    boolean wasReset;
    boolean open;
    int opened;
    int writes;
    int broken;
    /// Of the last attempt, while its own counts.
    int hopLimit;
    int lifted;
    /// How often it was asked for reports.
    int asked;

    private byte[] toSend = {};
    private int sent;
    private boolean finished;
    private boolean connecting;
    private int result;
    private int watched;
    private int interest;
    private long token;
    private int refusal;
    private FakeReport report;

    /// The destination's kernel answers.
    void accept() {
        connecting = false;
        result = 0;
    }

    /// The attempt fails.
    void refuse(Errno errno) {
        connecting = false;
        result = -errno.number();
    }

    /// A hop reports about the attempt, which goes on: as when the report comes before connect() has returned.
    void report(FakeReport reported) {
        report = reported;
    }

    /// connect() itself fails.
    void refuseAtOnce(Errno errno) {
        refusal = -errno.number();
    }

    /// There is no memory to watch the socket.
    void refuseToWatch() {
        watched = -Errno.ENOMEM.number();
    }

    /// The other end sends.
    void send(byte[] bytes) {
        byte[] all = Arrays.copyOfRange(toSend, sent, toSend.length + bytes.length);
        System.arraycopy(bytes, 0, all, toSend.length - sent, bytes.length);
        toSend = all;
        sent = 0;
    }

    /// The other end sends the same bytes again, without allocating.
    void sendAgain() {
        sent = 0;
    }

    /// The other end has no more to send.
    void finish() {
        finished = true;
    }

    /// The other end resets.
    void reset() {
        broken = Errno.ECONNRESET.number();
    }

    int unread() {
        return toSend.length - sent;
    }

    byte[] received() {
        return Arrays.copyOf(received, receivedLength);
    }

    @Override
    public int connect(long high, long low, int port, int hops) {
        hopLimit = hops;
        if (refusal != 0) {
            return refusal;
        }
        open = true;
        opened++;
        connecting = true;
        wasReset = false;
        ended = false;
        finished = false;
        broken = 0;
        receivedLength = 0;
        toSend = new byte[0];
        sent = 0;
        return 7;
    }

    @Override
    public int liftHopLimit(int socket, boolean v4) {
        hopLimit = 0;
        lifted++;
        return 0;
    }

    @Override
    public int receiveError(int socket, HostError error) {
        asked++;
        if (report == null) {
            return -Errno.EAGAIN.number();
        }
        error.errno = report.errno().number();
        error.type = report.type();
        error.code = report.code();
        error.reporterHigh = report.high();
        error.reporterLow = report.low();
        report = null;
        return 0;
    }

    @Override
    public int connectResult(int socket) {
        return connecting ? -Errno.EINPROGRESS.number() : result;
    }

    @Override
    public int read(int socket, IoVector into) {
        int count = Math.min(into.length(), unread());
        if (count == 0 && broken != 0) {
            return -broken;
        }
        if (count == 0) {
            return finished ? 0 : -Errno.EAGAIN.number();
        }
        copyIn(into, count);
        sent += count;
        return count;
    }

    @Override
    public int write(int socket, IoVector from) {
        writes++;
        if (broken != 0) {
            return -broken;
        }
        int count = Math.min(from.length(), room);
        if (count == 0) {
            return -Errno.EAGAIN.number();
        }
        if (receivedLength + count > received.length) {
            received = Arrays.copyOf(received, 2 * (receivedLength + count));
        }
        copyOut(from, count);
        receivedLength += count;
        room -= room == Integer.MAX_VALUE ? 0 : count;
        return count;
    }

    @Override
    public int endOutput(int socket) {
        ended = true;
        return 0;
    }

    @Override
    public void reset(int socket) {
        wasReset = true;
        open = false;
        interest = 0;
    }

    @Override
    public void close(int socket) {
        open = false;
        interest = 0;
    }

    @Override
    public int watch(int socket, int wanted, long label) {
        interest = wanted;
        token = label;
        return watched;
    }

    @Override
    public int poll(ReadinessConsumer consumer) {
        boolean readable = broken != 0 || unread() > 0 || finished;
        boolean writable = !connecting && (broken != 0 || room > 0);
        int ready = report != null ? BOTH
                : interest & ((readable && !connecting ? READABLE : 0) | (writable ? WRITABLE : 0));
        if (!open || ready == 0) {
            return 0;
        }
        consumer.ready(token, ready);
        return 1;
    }

    @Override
    public void close() {
        open = false;
    }

    private void copyIn(IoVector into, int bytes) {
        int done = 0;
        for (int i = 0; done < bytes; i++) {
            int piece = Math.min(into.pieceLength(i), bytes - done);
            NativeMemory.copyIn(toSend, sent + done, into.pieceAddress(i), piece);
            done += piece;
        }
    }

    private void copyOut(IoVector from, int bytes) {
        int done = 0;
        for (int i = 0; done < bytes; i++) {
            int piece = Math.min(from.pieceLength(i), bytes - done);
            NativeMemory.copyOut(from.pieceAddress(i), received, receivedLength + done, piece);
            done += piece;
        }
    }

    boolean isWatched(int wanted) {
        return (interest & wanted) != 0;
    }
}
