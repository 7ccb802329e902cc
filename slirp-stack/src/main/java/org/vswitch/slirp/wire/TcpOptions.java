package org.vswitch.slirp.wire;

import org.vswitch.wire.NetworkOrder;

/// The options of a TCP segment that this stack knows (RFC 9293, 3.1; RFC 7323, 2 and 3; RFC 2018, 2 and 3):
///
/// ```
/// | kind 0                    |  end of the options
/// | kind 1                    |  no operation
/// | 2 | 4 | MSS (2)           |  maximum segment size, with SYN only
/// | 3 | 3 | shift (1)         |  window scale, with SYN only
/// | 4 | 2 |                   |  SACK permitted, with SYN only
/// | 5 | 2 + 8n | n times: left edge (4), right edge (4) |
/// | 8 | 10 | TSval (4) | TSecr (4) |
/// ```
///
/// One object, filled by [#parse] or by hand, and written by [#emit]; what one writes the other reads. Options that are
/// unknown or of an unexpected length are passed over; a length that cannot be ends the options. Of two of a kind the
/// last counts. What belongs to SYN segments is not looked for elsewhere by whoever asks.
public final class TcpOptions {
    /// The segment size of a peer that does not name one (RFC 9293, 3.7.1), and of one that says 0.
    public static final int DEFAULT_MSS = 536;
    /// The largest shift (RFC 7323, 2.3).
    public static final int MAX_WINDOW_SCALE = 14;
    /// The most SACK blocks that 40 bytes of options hold.
    public static final int MAX_SACK_BLOCKS = 4;
    /// The most bytes of options that a header holds.
    public static final int MAX_LENGTH = 40;
    /// Bytes that timestamps take from every segment, with padding.
    public static final int TIMESTAMPS_LENGTH = 12;

    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int MSS = 2;
    private static final int WINDOW_SCALE = 3;
    private static final int SACK_PERMITTED = 4;
    private static final int SACK = 5;
    private static final int TIMESTAMPS = 8;

    private static final int MSS_OPTION = 2 << 24 | 4 << 16;
    private static final int WINDOW_SCALE_OPTION = 1 << 24 | 3 << 16 | 3 << 8;
    private static final int SACK_PERMITTED_OPTION = 1 << 24 | 1 << 16 | 4 << 8 | 2;
    private static final int SACK_OPTION = 1 << 24 | 1 << 16 | 5 << 8 | 2;
    private static final int TIMESTAMPS_OPTION = 1 << 24 | 1 << 16 | 8 << 8 | 10;
    private static final int WORD = 4;
    private static final int SACK_BLOCK = 8;
    private static final int NONE = -1;

    private int mss;
    private int windowScale;
    private boolean sackPermitted;
    private boolean timestamps;
    private int timestampValue;
    private int timestampEcho;
    private int sackCount;
    private final int[] sackEdges = new int[2 * MAX_SACK_BLOCKS];

    /// Makes an empty set of options.
    public TcpOptions() {
        clear();
    }

    /// Forgets everything.
    ///
    /// @return this
    public TcpOptions clear() {
        mss = 0;
        windowScale = NONE;
        sackPermitted = false;
        timestamps = false;
        timestampValue = 0;
        timestampEcho = 0;
        sackCount = 0;
        return this;
    }

    /// Reads options in place of what was here.
    ///
    /// @param options address of the first byte behind the fixed header
    /// @param length bytes up to the end of the header
    public void parse(long options, int length) {
        clear();
        int offset = 0;
        while (offset < length) {
            int kind = NetworkOrder.u8(options + offset);
            if (kind == END) {
                return;
            }
            if (kind == NO_OPERATION) {
                offset++;
                continue;
            }
            int optionLength = offset + 1 < length ? NetworkOrder.u8(options + offset + 1) : 0;
            if (optionLength < 2 || optionLength > length - offset) {
                return;
            }
            read(kind, options + offset + 2, optionLength - 2);
            offset += optionLength;
        }
    }

    /// Bytes that [#emit] writes.
    ///
    /// @return a multiple of 4, at most [#MAX_LENGTH] if no more was asked for than fits
    public int length() {
        return (mss == 0 ? 0 : WORD) + (windowScale == NONE ? 0 : WORD) + (sackPermitted ? WORD : 0)
                + (timestamps ? TIMESTAMPS_LENGTH : 0) + (sackCount == 0 ? 0 : WORD + sackCount * SACK_BLOCK);
    }

    /// Writes the options, each padded in front to whole words.
    ///
    /// @param options address of the first of [#length] bytes to write
    /// @return [#length]
    public int emit(long options) {
        assert length() <= MAX_LENGTH : "options length=" + length();
        long next = options;
        if (mss != 0) {
            next = word(next, MSS_OPTION | mss);
        }
        if (windowScale != NONE) {
            next = word(next, WINDOW_SCALE_OPTION | windowScale);
        }
        if (sackPermitted) {
            next = word(next, SACK_PERMITTED_OPTION);
        }
        if (timestamps) {
            next = word(word(word(next, TIMESTAMPS_OPTION), timestampValue), timestampEcho);
        }
        if (sackCount > 0) {
            next = word(next, SACK_OPTION + sackCount * SACK_BLOCK);
            for (int i = 0; i < 2 * sackCount; i++) {
                next = word(next, sackEdges[i]);
            }
        }
        return (int) (next - options);
    }

    /// The most bytes of payload that the sender takes in a segment without options.
    ///
    /// @return 1 to 65,535; 0 if the option is absent, which means [#DEFAULT_MSS] over IPv4 and 1,220 over IPv6
    public int mss() {
        return mss;
    }

    /// Sets the maximum segment size.
    ///
    /// @param bytes 1 to 65,535
    /// @return this
    public TcpOptions mss(int bytes) {
        mss = bytes;
        return this;
    }

    /// Whether the sender can scale windows.
    ///
    /// @return true with the window scale option
    public boolean hasWindowScale() {
        return windowScale != NONE;
    }

    /// How far the sender's windows are to be shifted, except in segments with SYN.
    ///
    /// @return 0 to [#MAX_WINDOW_SCALE]; 0 if the option is absent
    public int windowScale() {
        return windowScale == NONE ? 0 : windowScale;
    }

    /// Sets the window scale.
    ///
    /// @param shift 0 to [#MAX_WINDOW_SCALE]
    /// @return this
    public TcpOptions windowScale(int shift) {
        windowScale = shift;
        return this;
    }

    /// Whether the sender understands SACK.
    ///
    /// @return true with the SACK-permitted option
    public boolean isSackPermitted() {
        return sackPermitted;
    }

    /// Says that SACK is understood here.
    ///
    /// @return this
    public TcpOptions sackPermitted() {
        sackPermitted = true;
        return this;
    }

    /// Whether there are timestamps.
    ///
    /// @return true with the timestamps option
    public boolean hasTimestamps() {
        return timestamps;
    }

    /// The sender's timestamp.
    ///
    /// @return TSval; 0 if the option is absent
    public int timestampValue() {
        return timestampValue;
    }

    /// The timestamp that the sender saw last.
    ///
    /// @return TSecr, of meaning with ACK only; 0 if the option is absent
    public int timestampEcho() {
        return timestampEcho;
    }

    /// Sets the timestamps.
    ///
    /// @param value TSval
    /// @param echo TSecr
    /// @return this
    public TcpOptions timestamps(int value, int echo) {
        timestamps = true;
        timestampValue = value;
        timestampEcho = echo;
        return this;
    }

    /// How many SACK blocks there are.
    ///
    /// @return 0 to [#MAX_SACK_BLOCKS]
    public int sackCount() {
        return sackCount;
    }

    /// Where a block begins. Nothing is known of the numbers: they may be any, and in any order.
    ///
    /// @param index below [#sackCount]
    /// @return the first sequence number of the block
    public int sackLeft(int index) {
        return sackEdges[2 * index];
    }

    /// Where a block ends.
    ///
    /// @param index below [#sackCount]
    /// @return the sequence number behind the block
    public int sackRight(int index) {
        return sackEdges[2 * index + 1];
    }

    /// Appends a SACK block if there is room beside the options set before.
    ///
    /// @param left first sequence number of the block
    /// @param right the sequence number behind it
    /// @return false if there is no room
    public boolean addSack(int left, int right) {
        int more = sackCount == 0 ? WORD + SACK_BLOCK : SACK_BLOCK;
        if (sackCount == MAX_SACK_BLOCKS || length() + more > MAX_LENGTH) {
            return false;
        }
        sackEdges[2 * sackCount] = left;
        sackEdges[2 * sackCount + 1] = right;
        sackCount++;
        return true;
    }

    private void read(int kind, long body, int length) {
        if (kind == MSS && length == 2) {
            int value = NetworkOrder.u16(body);
            mss = value == 0 ? DEFAULT_MSS : value;
        } else if (kind == WINDOW_SCALE && length == 1) {
            windowScale = Math.min(NetworkOrder.u8(body), MAX_WINDOW_SCALE);
        } else if (kind == SACK_PERMITTED && length == 0) {
            sackPermitted = true;
        } else if (kind == TIMESTAMPS && length == 8) {
            timestamps(NetworkOrder.u32(body), NetworkOrder.u32(body + WORD));
        } else if (kind == SACK && length % SACK_BLOCK == 0) {
            readSack(body, length / SACK_BLOCK);
        }
    }

    private void readSack(long blocks, int count) {
        sackCount = Math.min(count, MAX_SACK_BLOCKS);
        for (int i = 0; i < 2 * sackCount; i++) {
            sackEdges[i] = NetworkOrder.u32(blocks + (long) i * WORD);
        }
    }

    private static long word(long address, int value) {
        NetworkOrder.u32(address, value);
        return address + WORD;
    }
}
