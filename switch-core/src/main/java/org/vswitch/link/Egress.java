package org.vswitch.link;

import org.vswitch.frame.BacklogPool;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.wire.VirtioNetHeader;

/// What all endpoints of a data plane share on the way out: the backlog pool, the derived forms, what
/// congests, and scratch rows.
///
/// Turns rows of any kind into rows that a link can take. Used by the data-plane thread alone.
public final class Egress {
    private static final int POOL_BYTES = 16 << 20;

    private final BacklogPool pool = new BacklogPool(POOL_BYTES);
    private final Variants variants;
    private final Congestion congestion = new Congestion();
    private final FrameBatch waiting = FrameBatch.forSending();
    private final int[] inOrder = new int[FrameBatch.CAPACITY];
    private final int[] rows = new int[Variants.MAX_SEGMENTS + PortOrder.CAPACITY];
    private final boolean[] inner = new boolean[Variants.MAX_SEGMENTS + PortOrder.CAPACITY];
    private int fitted;

    /// Shared state for the endpoints of one data plane.
    ///
    /// @param variants of the batch the data plane receives into
    public Egress(Variants variants) {
        this.variants = variants;
        for (int i = 0; i < inOrder.length; i++) {
            inOrder[i] = i;
        }
    }

    /// The forms of the current batch.
    ///
    /// @return made on demand
    public Variants variants() {
        return variants;
    }

    /// Whether the source of the current batch should wait.
    ///
    /// @return told by the endpoints
    public Congestion congestion() {
        return congestion;
    }

    /// Gives the memory of forms and backlogs back, when there are no endpoints any more.
    public void free() {
        variants.free();
        pool.free();
    }

    BacklogPool pool() {
        return pool;
    }

    FrameBatch waiting() {
        return waiting;
    }

    int[] inOrder() {
        return inOrder;
    }

    int[] rows() {
        return rows;
    }

    /// Replaces rows by forms that the endpoint's link can take; frames without such a form are lost.
    int fit(FrameBatch batch, int[] offered, int count, Endpoint endpoint) {
        LinkFeatures features = endpoint.features();
        fitted = 0;
        for (int i = 0; i < count; i++) {
            int row = offered[i];
            long word = batch.offload(row);
            int gsoType = VirtioNetHeader.gsoType(word) & ~VirtioNetHeader.GSO_ECN;
            if (gsoType != VirtioNetHeader.GSO_NONE) {
                fitSuperFrame(batch, row, gsoType, endpoint);
            } else if (batch.length(row) > features.maxFrame()) {
                endpoint.lose(Drop.TOO_LONG);
            } else {
                boolean complete = word == 0 || features.checksum();
                addForm(complete ? row : variants.checksummed(row), endpoint);
            }
        }
        return fitted;
    }

    /// Whether a frame is complete with this row: false for all segments but the last.
    boolean endsFrame(int[] of, int index) {
        return of != rows || !inner[index];
    }

    private void fitSuperFrame(FrameBatch batch, int row, int gsoType, Endpoint endpoint) {
        LinkFeatures features = endpoint.features();
        long word = batch.offload(row);
        int segment = VirtioNetHeader.headerLength(word) + VirtioNetHeader.gsoSize(word);
        if (Math.min(segment, batch.length(row)) > features.maxFrame()) {
            endpoint.lose(Drop.TOO_LONG);
        } else if (features.takes(gsoType)) {
            addForm(row, endpoint);
        } else {
            int first = variants.segmented(row);
            int segments = variants.segmentCount(row);
            if (first == Variants.NONE || fitted + segments > Variants.MAX_SEGMENTS) {
                endpoint.lose(Drop.BAD_OFFLOAD);
                return;
            }
            for (int i = 0; i < segments; i++) {
                inner[fitted] = i < segments - 1;
                rows[fitted++] = first + i;
            }
        }
    }

    private void addForm(int row, Endpoint endpoint) {
        if (row == Variants.NONE) {
            endpoint.lose(Drop.BAD_OFFLOAD);
        } else {
            inner[fitted] = false;
            rows[fitted++] = row;
        }
    }
}
