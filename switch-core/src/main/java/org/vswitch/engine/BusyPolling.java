package org.vswitch.engine;

/// Decides how long a thread that waits for events looks for them before it sleeps.
///
/// Theory of operation. To be woken costs several times what a small frame costs to move: the waker sends an interrupt
/// to an idle processor, which under a hypervisor is two traps. Where answers come soon, as in a chain of processes
/// that pass one frame on, the thread rather stays awake; like halt polling in KVM, for as long as that has paid: after
/// [#PROOF] waits of less than [#SHORT_NS], until a poll was in vain or a stream came ([#streams]). So what comes
/// seldom, or at longer intervals, costs nothing. The processor is offered once, after the first look: whom the thread
/// has just woken may wait for it. If somebody takes it, the thread is better asleep, since the scheduler prefers who
/// wakes to who has yielded; such a wait proves nothing. To offer it again and again only moves the thread to the end
/// of the scheduler's queue.
///
/// Pure, told the time. Used by one thread.
final class BusyPolling {
    /// The longest a poll lasts: twice what two processes take that have to be woken.
    static final long LIMIT_NS = 100_000;
    /// A wait in which others were woken as slowly as this thread; once it polls, they are faster.
    static final long SHORT_NS = 2 * LIMIT_NS;
    /// Short waits in a row before polling starts.
    static final int PROOF = 8;
    /// A look takes less than a microsecond; if it took as long as this, somebody else ran.
    private static final long TAKEN_NS = 10_000;

    private int shortWaits;
    private long beganNs;
    private long lookedNs;
    private boolean taken;

    /// A wait begins.
    ///
    /// @param nowNs the time
    void begin(long nowNs) {
        beganNs = nowNs;
        lookedNs = nowNs;
        taken = false;
    }

    /// Whether to look once more instead of sleeping; to be asked after [#begin] and after each look.
    ///
    /// @param nowNs the time
    /// @return false to sleep
    boolean goesOn(long nowNs) {
        taken |= nowNs - lookedNs >= TAKEN_NS;
        lookedNs = nowNs;
        return shortWaits == PROOF && !taken && nowNs - beganNs < LIMIT_NS;
    }

    /// What comes is a stream: who makes it and who takes it need the processor, and nobody waits for single frames.
    void streams() {
        shortWaits = 0;
    }

    /// A wait has ended with an event, asleep or not.
    ///
    /// @param nowNs the time
    void ended(long nowNs) {
        long patienceNs = shortWaits == PROOF ? LIMIT_NS : SHORT_NS;
        if (nowNs - beganNs >= patienceNs) {
            shortWaits = 0;
        } else if (!taken) {
            shortWaits = Math.min(PROOF, shortWaits + 1);
        }
    }
}
