package org.vswitch.link;

/// The rows that one egress port is to get in this pass, in order. Used by the data-plane thread alone.
public final class PortOrder {
    /// The most rows before they must be handed on.
    public static final int CAPACITY = 128;

    private final int[] rows = new int[CAPACITY];
    private int count;

    /// An empty order.
    public PortOrder() {
    }

    /// Appends a row.
    ///
    /// @param row of the batch in hand
    public void add(int row) {
        rows[count++] = row;
    }

    /// How many rows there are.
    ///
    /// @return 0 to [#CAPACITY]
    public int count() {
        return count;
    }

    /// Whether no further row fits.
    ///
    /// @return true at [#CAPACITY]
    public boolean isFull() {
        return count == CAPACITY;
    }

    /// The rows.
    ///
    /// @return the first [#count] are meant
    public int[] rows() {
        return rows;
    }

    /// Forgets the rows.
    public void clear() {
        count = 0;
    }
}
