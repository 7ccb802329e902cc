package org.vswitch.slirp.tcp;

import java.util.Arrays;

/// The flows by the time they want to be looked at next; the earliest on top. A binary heap of bounded size.
///
/// Deadlines that move away are left where they are: the flow is looked at too early and goes back. So
/// acknowledgements, which do nothing but put timers off, cost nothing here.
final class DeadlineHeap {
    private TcpFlow[] flows = new TcpFlow[64];
    private int size;

    /// Makes sure that a flow is looked at in time.
    ///
    /// @param flow its earliest deadline counts; [Long#MAX_VALUE] is none
    void schedule(TcpFlow flow) {
        long deadlineNs = flow.earliestDeadlineNs();
        if (flow.heapIndex >= 0) {
            if (deadlineNs < flow.heapDeadlineNs) {
                flow.heapDeadlineNs = deadlineNs;
                up(flow.heapIndex, flow);
            }
        } else if (deadlineNs != Long.MAX_VALUE) {
            if (size == flows.length) {
                flows = Arrays.copyOf(flows, 2 * size);
            }
            flow.heapDeadlineNs = deadlineNs;
            up(size++, flow);
        }
    }

    /// Forgets a flow.
    ///
    /// @param flow in the heap or not
    void remove(TcpFlow flow) {
        int index = flow.heapIndex;
        if (index < 0) {
            return;
        }
        flow.heapIndex = -1;
        TcpFlow last = flows[--size];
        flows[size] = null;
        if (last != flow) {
            up(index, last);
            down(last.heapIndex, last);
        }
    }

    /// Takes a flow that is to be looked at.
    ///
    /// @param nowNs the time
    /// @return a flow, no longer in the heap; or null if none is due
    TcpFlow takeDue(long nowNs) {
        if (size == 0 || flows[0].heapDeadlineNs > nowNs) {
            return null;
        }
        TcpFlow due = flows[0];
        remove(due);
        return due;
    }

    /// When there may be something to do.
    ///
    /// @return the earliest deadline, [Long#MAX_VALUE] without any
    long earliestNs() {
        return size == 0 ? Long.MAX_VALUE : flows[0].heapDeadlineNs;
    }

    private void up(int from, TcpFlow flow) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) / 2;
            if (flows[parent].heapDeadlineNs <= flow.heapDeadlineNs) {
                break;
            }
            place(index, flows[parent]);
            index = parent;
        }
        place(index, flow);
    }

    private void down(int from, TcpFlow flow) {
        int index = from;
        while (2 * index + 1 < size) {
            int child = 2 * index + 1;
            if (child + 1 < size && flows[child + 1].heapDeadlineNs < flows[child].heapDeadlineNs) {
                child++;
            }
            if (flow.heapDeadlineNs <= flows[child].heapDeadlineNs) {
                break;
            }
            place(index, flows[child]);
            index = child;
        }
        place(index, flow);
    }

    private void place(int index, TcpFlow flow) {
        flows[index] = flow;
        flow.heapIndex = index;
    }
}
