package org.vswitch.link.vhost;

import java.util.Optional;

/// What a front-end can ask for, by the names and numbers of QEMU's docs/interop/vhost-user.rst.
///
/// Those of features that are not offered ([VhostOffer]) are here for the sake of their names.
enum VhostRequest {
    /// Which features of virtio there are.
    GET_FEATURES(1, 0, true),
    /// Which of them are used.
    SET_FEATURES(2, 8, false),
    /// A front-end begins.
    SET_OWNER(3, 0, false),
    /// A front-end ends; not used any more.
    RESET_OWNER(4, 0, false),
    /// All of the guest's memory.
    SET_MEM_TABLE(5, VhostRequest.ANY_LENGTH, false),
    /// Where pages are logged that were written to.
    SET_LOG_BASE(6),
    /// How to tell of it.
    SET_LOG_FD(7),
    /// How many descriptors a ring has.
    SET_VRING_NUM(8, 8, false),
    /// Where a ring lies.
    SET_VRING_ADDR(9, 40, false),
    /// Where a ring begins.
    SET_VRING_BASE(10, 8, false),
    /// Stops a ring.
    GET_VRING_BASE(11, 8, true),
    /// How the guest tells of work.
    SET_VRING_KICK(12, 8, false),
    /// How the guest is interrupted.
    SET_VRING_CALL(13, 8, false),
    /// How the front-end is told of a broken ring.
    SET_VRING_ERR(14, 8, false),
    /// Which features of the protocol there are.
    GET_PROTOCOL_FEATURES(15, 0, true),
    /// Which of them are used.
    SET_PROTOCOL_FEATURES(16, 8, false),
    /// How many queue pairs there are.
    GET_QUEUE_NUM(17, 0, true),
    /// Enables or disables a ring.
    SET_VRING_ENABLE(18, 8, false),
    /// The guest has moved here.
    SEND_RARP(19, 8, false),
    /// The guest's MTU.
    NET_SET_MTU(20, 8, false),
    /// A socket for requests the other way.
    SET_BACKEND_REQ_FD(21, 0, false),
    /// Addresses behind an IOMMU.
    IOTLB_MSG(22),
    /// The byte order of a ring.
    SET_VRING_ENDIAN(23),
    /// The device's configuration.
    GET_CONFIG(24),
    /// The device's configuration.
    SET_CONFIG(25),
    /// Descriptors in flight.
    GET_INFLIGHT_FD(31),
    /// Descriptors in flight.
    SET_INFLIGHT_FD(32),
    /// Resets the device.
    RESET_DEVICE(34),
    /// A kick without an eventfd.
    VRING_KICK(35),
    /// How many regions of memory there may be.
    GET_MAX_MEM_SLOTS(36, 0, true),
    /// One more region of memory.
    ADD_MEM_REG(37, 40, false),
    /// One region less.
    REM_MEM_REG(38, 40, false),
    /// The device's status.
    SET_STATUS(39),
    /// The device's status.
    GET_STATUS(40);

    private static final int ANY_LENGTH = -1;
    private static final int NOT_OFFERED = -2;

    private final int number;
    private final int length;
    private final boolean answers;

    VhostRequest(int number) {
        this(number, NOT_OFFERED, false);
    }

    VhostRequest(int number, int length, boolean answers) {
        this.number = number;
        this.length = length;
        this.answers = answers;
    }

    /// The request of a number.
    ///
    /// @param number as in the header
    /// @return empty if it is not known
    static Optional<VhostRequest> of(int number) {
        for (VhostRequest request : values()) {
            if (request.number == number) {
                return Optional.of(request);
            }
        }
        return Optional.empty();
    }

    /// The number in the header.
    int number() {
        return number;
    }

    /// Whether there is an answer of its own, so that it is not acknowledged.
    boolean answers() {
        return answers;
    }

    /// Whether it belongs to what is offered.
    boolean isOffered() {
        return length != NOT_OFFERED;
    }

    /// Whether a payload may have this length.
    ///
    /// @param bytes of the payload
    boolean fits(int bytes) {
        return length == ANY_LENGTH || length == bytes;
    }
}
