package org.vswitch.slirp.host;

import java.util.ArrayDeque;
import java.util.Deque;
import org.vswitch.linux.Errno;

/// An address and port that connections go to, and what becomes of them there. At first it accepts at once.
public final class FakeServer {
    private enum Answer { ACCEPT, ECHO, SILENCE, REFUSAL, REFUSAL_AT_ONCE }

    private final long high;
    private final long low;
    private final int port;
    private final Deque<FakeStream> waiting = new ArrayDeque<>();
    private final Deque<FakePeer> accepted = new ArrayDeque<>();
    private Answer answer = Answer.ACCEPT;
    private Errno errno = Errno.ECONNREFUSED;
    private FakeReport[] hops = {};

    FakeServer(long high, long low, int port) {
        this.high = high;
        this.low = low;
        this.port = port;
    }

    /// From now on connections succeed; those that waited in silence do now.
    public FakeServer accepting() {
        answer = Answer.ACCEPT;
        return answerWaiting();
    }

    /// From now on connections succeed and give back what they get, the end included; they are not told by [#accept].
    public FakeServer echoing() {
        answer = Answer.ECHO;
        return answerWaiting();
    }

    /// From now on connection attempts are left without answer.
    public FakeServer silent() {
        answer = Answer.SILENCE;
        return this;
    }

    /// From now on connection attempts fail after a while, those that waited in silence now.
    public FakeServer refusing(Errno failure) {
        answer = Answer.REFUSAL;
        errno = failure;
        return answerWaiting();
    }

    /// From now on connection attempts fail within the call.
    public FakeServer refusingAtOnce(Errno failure) {
        answer = Answer.REFUSAL_AT_ONCE;
        errno = failure;
        return this;
    }

    /// From now on there are hops on the way, the nearest first.
    ///
    /// @param reports what each says about attempts that end there; null if nothing
    public FakeServer behind(FakeReport... reports) {
        hops = reports;
        return this;
    }

    /// The next connection, in the order of the attempts.
    ///
    /// @return null if there is none
    public FakePeer accept() {
        return accepted.poll();
    }

    /// How many attempts wait in silence.
    public int waiting() {
        waiting.removeIf(FakeStream::isClosed);
        return waiting.size();
    }

    boolean isAt(long otherHigh, long otherLow, int otherPort) {
        return high == otherHigh && low == otherLow && port == otherPort;
    }

    /// Fills in the destination of what is reported.
    void nameAs(HostError error) {
        error.destinationHigh = high;
        error.destinationLow = low;
        error.destinationPort = port;
    }

    /// Answers an attempt.
    ///
    /// @return 0 or the -errno of a failure at once
    int connect(FakeStream stream) {
        if (answer == Answer.REFUSAL_AT_ONCE) {
            return -errno.number();
        }
        int hop = stream.hopLimit();
        if (hop > 0 && hop <= hops.length) {
            if (hops[hop - 1] != null) {
                stream.fail(hops[hop - 1], this);
            }
            return 0;
        }
        waiting.add(stream);
        answerWaiting();
        return 0;
    }

    private FakeServer answerWaiting() {
        while (answer != Answer.SILENCE && waiting() > 0) {
            FakeStream stream = waiting.remove();
            if (answer == Answer.REFUSAL) {
                stream.fail(errno);
            } else {
                stream.connected(answer == Answer.ECHO);
                if (answer == Answer.ACCEPT) {
                    accepted.add(new FakePeer(stream));
                }
            }
        }
        return this;
    }
}
