package org.vswitch.link;

import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.Errno;

/// One way in and out for frames. Made on the control side, then owned by one data-plane thread, which alone calls it.
///
/// In one pass the thread receives a batch, hands rows of it to other links, and releases it; what a link lent in
/// [#receive] must stay unchanged until [#release]. Nothing here blocks or throws for trouble of the outside world:
/// [#GONE] says that the link has ended and is to be detached.
public interface Link extends AutoCloseable {
    /// Returned by [#receive] and [#transmit] when the peer has gone for good.
    int GONE = -1;
    /// Returned by [#transmit] for a frame that came while the link is down, from where it may come up again.
    int DOWN = refused(Errno.ENETDOWN.number());
    /// The descriptor of links that have none.
    int NO_DESCRIPTOR = -1;

    /// What this link can carry.
    ///
    /// @return the same as long as the link lives, or until it says otherwise to whom it was told ([#refitBy])
    LinkFeatures features();

    /// Says whom to tell when [#features] have changed. Called once, when the link is put to use; links around others
    /// need not pass it on, and then stay with what they began with.
    ///
    /// @param refit to be called by the data-plane thread, within [#receive]
    default void refitBy(Runnable refit) {
    }

    /// The descriptor that is readable while frames wait, and writable when more can be transmitted. With a link that
    /// is polled all the same ([#isPolled]), it is readable when the link has something to say after it was armed.
    ///
    /// @return a number, or [#NO_DESCRIPTOR] for a link that is only polled
    int descriptor();

    /// Whether the link is asked for frames in each pass, and armed before its data plane sleeps.
    ///
    /// @return the same as long as the link lives
    default boolean isPolled() {
        return descriptor() == NO_DESCRIPTOR;
    }

    /// Takes note that the descriptor of a polled link was readable, so that it is so no longer. [#receive] follows.
    default void woken() {
    }

    /// Whether the descriptor, which never is writable, is readable when more can be transmitted after the link was
    /// full: that of an epoll instance.
    ///
    /// @return the same as long as the link lives
    default boolean tellsOfRoomByReading() {
        return false;
    }

    /// Lends received frames: appends them to an empty batch. Frames it cannot append it discards there, with a reason.
    ///
    /// @param batch cleared by the caller
    /// @return how many frames were taken from the link, discarded ones included; 0 if none waits; or [#GONE]
    int receive(FrameBatch batch);

    /// Takes frames in order, without blocking, until it can take no more.
    ///
    /// @param batch where they are; none is one that [#features] excludes
    /// @param rows which, in order
    /// @param from index in `rows` of the first to take
    /// @param to index in `rows` behind the last
    /// @return how many were taken; or [#GONE]; or below that, [#refused] of an errno: the first frame cannot be
    ///     sent whatever happens, and is to be counted as lost ([#loss]); [#DOWN] is one of these
    int transmit(FrameBatch batch, int[] rows, int from, int to);

    /// What a frame is counted under that finds this link full, and the backlog in front of it.
    ///
    /// @return why it is lost
    default Drop whenFull() {
        return Drop.EGRESS_FULL;
    }

    /// Ends the loan of the last [#receive].
    ///
    /// @param batch as received
    default void release(FrameBatch batch) {
    }

    /// Says how an armed link wakes its data plane, where its descriptor does not. Called once, before the first pass.
    ///
    /// @param wakeUp callable from any thread
    default void wakeBy(Runnable wakeUp) {
    }

    /// Prepares to sleep: asks for a wake-up when frames come or room appears. Only polled links have work here.
    ///
    /// @return false if work came meanwhile, so that the caller must not sleep
    default boolean arm() {
        return true;
    }

    /// Ends what [#arm] began.
    default void disarm() {
    }

    /// Releases the link's resources. Called once, by the data plane after the link was detached, or by whoever made it
    /// if it was never attached.
    @Override
    void close();

    /// Encodes an error about one frame as a result of [#transmit].
    ///
    /// @param errno above 0
    /// @return below [#GONE]
    static int refused(int errno) {
        return GONE - errno;
    }

    /// What the frame counts as that [#transmit] refused.
    ///
    /// @param refusal what it returned, below [#GONE]
    /// @return why it is lost
    static Drop loss(int refusal) {
        if (refusal == DOWN) {
            return Drop.LINK_DOWN;
        }
        return refusal == refused(Errno.EMSGSIZE.number()) ? Drop.TOO_LONG : Drop.LINK_ERROR;
    }
}
