package org.vswitch.slirp.ip;

/// Where TCP sends while the link gathers a batch: each segment is a head that is copied and one borrowed piece of
/// payload that must not change until the end of the pass.
public interface SegmentOutput {
    /// Whether another segment fits in this batch.
    ///
    /// @return false if the flow is to be asked again in the next pass
    boolean hasRoom();

    /// Where to write the head of the next segment: Ethernet, IP and TCP header with options. TCP's checksum field
    /// holds the pseudo header's sum, to be completed on the way out.
    ///
    /// @return address of 128 bytes
    long head();

    /// Sends a segment of the head written and a payload.
    ///
    /// @param headLength bytes of head
    /// @param payload address of the payload, or 0
    /// @param payloadLength bytes of payload, up to 65,535 with the head; more than a segment's makes a super-frame
    /// @param segmentSize payload bytes of one segment on the wire (gso_size)
    void send(int headLength, long payload, int payloadLength, int segmentSize);
}
