package org.vswitch.link;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.MessageBatch;

/// The prepared message arrays of a data-plane thread, shared by all its datagram links.
final class DatagramArrays {
    private static final ThreadLocal<DatagramArrays> OF_THREAD = ThreadLocal.withInitial(DatagramArrays::new);

    private final MessageBatch incoming = new MessageBatch();
    private final MessageBatch outgoing = new MessageBatch();
    private FrameBatch prepared;

    private DatagramArrays() {
    }

    /// The arrays of the calling thread.
    static DatagramArrays ofThisThread() {
        return OF_THREAD.get();
    }

    /// The array to receive with, into the slots of a batch.
    MessageBatch incoming(FrameBatch batch) {
        if (prepared != batch) {
            for (int i = 0; i < FrameBatch.CAPACITY; i++) {
                incoming.receiveInto(i, batch.slot(i), FrameSlab.MAX_FRAME);
            }
            prepared = batch;
        }
        return incoming;
    }

    /// The array to send with.
    MessageBatch outgoing() {
        return outgoing;
    }
}
