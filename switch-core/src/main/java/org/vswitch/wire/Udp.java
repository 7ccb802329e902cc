package org.vswitch.wire;

/// The UDP header (RFC 768):
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |          Source Port          |       Destination Port        |
/// |            Length             |           Checksum            |
/// ```
public final class Udp {
    /// Offset of the checksum; no other protocol that leaves it to others has it there.
    public static final int CHECKSUM_OFFSET = 6;

    private Udp() {
    }

    /// The checksum as it is sent: 0 says that there is none, so 0xffff stands for a checksum of 0.
    ///
    /// @param checksum as computed
    /// @return 1 to 0xffff
    public static int transmitted(int checksum) {
        return checksum == 0 ? 0xffff : checksum;
    }
}
