package org.vswitch.linux;

/// One datagram of a UDP or ping socket with what the kernel tells and is told beside it: addresses, TTL, TOS, error
/// reports, those of a TCP socket as well (sendmsg, recvmsg, cmsg(3), ip(7), ipv6(7)). One of an [InetMessageBatch],
/// which has its memory; laid out once, filled anew for each call, which allocates nothing. Used by one thread.
///
/// To send: [#destination], [#delivery], then [#send], or [#content] and the batch's. After [#receive], or the batch's,
/// the accessors tell source, TTL and TOS; after [#receiveError] where the datagram had gone that the report is about,
/// and the report.
public final class InetMessage {
    // struct msghdr { void *name; u32 namelen; iovec *iov; size_t iovlen; void *control; size_t controllen;
    //                 int flags; }, on x86-64 and AArch64
    static final int NAME = 0;
    static final int NAME_LENGTH = 8;
    static final int IOV = 16;
    static final int IOV_COUNT = 24;
    static final int CONTROL = 32;
    static final int CONTROL_LENGTH = 40;
    static final int FLAGS = 48;
    static final int HEADER = 56;
    // struct iovec { void *base; size_t len; }
    private static final int VECTOR = 0;
    private static final int VECTOR_LENGTH = VECTOR + 8;
    private static final int SOURCE = VECTOR + 16;
    // struct cmsghdr { size_t len; int level; int type; unsigned char data[]; }, aligned to 8
    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int CMSG_DATA = 16;
    private static final int CONTROL_ROOM = 256;
    private static final int CONTROL_START = 48;
    /// Bytes that a message needs beside its header.
    static final int AROUND = CONTROL_START + CONTROL_ROOM;
    // struct sock_extended_err { u32 errno; u8 origin; u8 type; u8 code; u8 pad; u32 info; u32 data; }
    static final int ERROR_ORIGIN = 4;
    static final int ERROR_TYPE = 5;
    static final int ERROR_CODE = 6;
    static final int ERROR_INFORMATION = 8;
    static final int ERROR_LENGTH = 16; // the address of the node that reported follows

    private final long message;
    private final long around;
    private boolean v4;
    private int hopLimit;
    private int trafficClass;
    private long report;

    /// Lays the structures out.
    ///
    /// @param message address of the header, [#HEADER] bytes
    /// @param around address of the rest, [#AROUND] bytes
    InetMessage(long message, long around) {
        this.message = message;
        this.around = around;
        NativeMemory.putLong(message + NAME, around + SOURCE);
        NativeMemory.putLong(message + IOV, around + VECTOR);
        NativeMemory.putLong(message + IOV_COUNT, 1);
        NativeMemory.putLong(message + CONTROL, around + CONTROL_START);
    }

    /// Sets where the next datagram goes.
    ///
    /// @param high upper half of the address
    /// @param low lower half of the address, which decides the family
    /// @param port without meaning for ping sockets
    public void destination(long high, long low, int port) {
        v4 = SockaddrIn.isV4(high, low);
        NativeMemory.putInt(message + NAME_LENGTH, SockaddrIn.put(around + SOURCE, high, low, port));
    }

    /// Sets how the next datagram goes, after [#destination].
    ///
    /// @param hopLimit TTL or hop limit, 1 to 255; 0: the kernel's default
    /// @param trafficClass TOS or traffic class, 0 to 255
    public void delivery(int hopLimit, int trafficClass) {
        long next = around + CONTROL_START;
        int level = v4 ? Constants.IPPROTO_IP : Constants.IPPROTO_IPV6;
        if (hopLimit != 0) {
            next = append(next, level, v4 ? Constants.IP_TTL : Constants.IPV6_HOPLIMIT, hopLimit);
        }
        if (trafficClass != 0) {
            next = append(next, level, v4 ? Constants.IP_TOS : Constants.IPV6_TCLASS, trafficClass);
        }
        NativeMemory.putLong(message + CONTROL_LENGTH, next - around - CONTROL_START);
    }

    /// Sets the bytes of a datagram to send, or the room for one to receive.
    ///
    /// @param address of the first byte
    /// @param length in bytes
    public void content(long address, int length) {
        NativeMemory.putLong(around + VECTOR, address);
        NativeMemory.putLong(around + VECTOR_LENGTH, length);
    }

    /// Sends the datagram, without blocking. What the network reported about an earlier one is not returned, as in
    /// [InetMessageBatch].
    ///
    /// @param socket a UDP or ping socket of the destination's family
    /// @param address of the first byte
    /// @param length in bytes
    /// @return bytes or -errno
    public int send(int socket, long address, int length) {
        content(address, length);
        int flags = Constants.MSG_DONTWAIT | Constants.MSG_NOSIGNAL;
        int result = LibC.trySendmsg(socket, message, flags);
        if (result < 0) {
            do {
                result = (int) LibC.sendmsg(socket, message, flags);
            } while (result == -Errno.EINTR.number());
        }
        return result;
    }

    /// Receives one datagram, without blocking. What the network reported about a datagram sent is not returned, as in
    /// [InetMessageBatch].
    ///
    /// @param socket a UDP or ping socket
    /// @param address where the first byte goes
    /// @param capacity bytes of room
    /// @return bytes, perhaps 0; or -errno: -EAGAIN if none waits
    public int receive(int socket, long address, int capacity) {
        return receive(socket, address, capacity, Constants.MSG_DONTWAIT);
    }

    /// Whether there was no room for all of what [#receive] received.
    ///
    /// @return true if bytes were lost
    public boolean isCut() {
        return (NativeMemory.getInt(message + FLAGS) & Constants.MSG_TRUNC) != 0;
    }

    /// Takes one report about a datagram or segment sent before, on a socket with [InetSockets#reportErrors].
    ///
    /// @param socket any
    /// @param address where the start of the datagram's payload goes, or of the segment, as far as the report quotes it
    /// @param capacity bytes of room, perhaps 0
    /// @return how much is quoted, and has room; or -errno, -EAGAIN if there is no report
    public int receiveError(int socket, long address, int capacity) {
        int result = receive(socket, address, capacity, Constants.MSG_DONTWAIT | Constants.MSG_ERRQUEUE);
        return result >= 0 && report == 0 ? -Errno.EAGAIN.number() : result;
    }

    /// The source of what [#receive] received, or what the reported datagram was sent to: upper half.
    ///
    /// @return the first 8 bytes; 0 for IPv4
    public long peerHigh() {
        return SockaddrIn.high(around + SOURCE);
    }

    /// The source of what [#receive] received, or what the reported datagram was sent to: lower half.
    ///
    /// @return the last 8 bytes; IPv4-mapped for IPv4
    public long peerLow() {
        return SockaddrIn.low(around + SOURCE);
    }

    /// The port that goes with [#peerLow].
    ///
    /// @return 0 to 65,535; 0 for ping sockets
    public int peerPort() {
        return SockaddrIn.port(around + SOURCE);
    }

    /// TTL or hop limit of what [#receive] received, on a socket with [InetSockets#reportHopLimit].
    ///
    /// @return 1 to 255; 0 if it is not known
    public int hopLimit() {
        return hopLimit;
    }

    /// TOS or traffic class of what [#receive] received, on a socket with [InetSockets#reportTrafficClass].
    ///
    /// @return 0 to 255
    public int trafficClass() {
        return trafficClass;
    }

    /// The errno that the report of [#receiveError] amounts to.
    ///
    /// @return above 0
    public int errorNumber() {
        return NativeMemory.getInt(report);
    }

    /// Whether the network reported, by ICMP or ICMPv6, rather than the host itself.
    ///
    /// @return true if there are a type, a code and a reporter
    public boolean isIcmp() {
        int origin = NativeMemory.getByte(report + ERROR_ORIGIN);
        return origin == Constants.SO_EE_ORIGIN_ICMP || origin == Constants.SO_EE_ORIGIN_ICMP6;
    }

    /// The ICMP type of the report.
    ///
    /// @return 0 to 255
    public int errorType() {
        return NativeMemory.getByte(report + ERROR_TYPE);
    }

    /// The ICMP code of the report.
    ///
    /// @return 0 to 255
    public int errorCode() {
        return NativeMemory.getByte(report + ERROR_CODE);
    }

    /// The MTU that a "too big" report tells.
    ///
    /// @return bytes; 0 in most other reports
    public int errorInformation() {
        return NativeMemory.getInt(report + ERROR_INFORMATION);
    }

    /// Who reported: upper half.
    ///
    /// @return the first 8 bytes; 0 for IPv4 and if it is not known
    public long reporterHigh() {
        return SockaddrIn.high(report + ERROR_LENGTH);
    }

    /// Who reported: lower half.
    ///
    /// @return the last 8 bytes, IPv4-mapped for IPv4; 0 if it is not known
    public long reporterLow() {
        return SockaddrIn.low(report + ERROR_LENGTH);
    }

    private static long append(long next, int level, int type, int value) {
        NativeMemory.putLong(next, CMSG_DATA + Integer.BYTES);
        NativeMemory.putInt(next + CMSG_LEVEL, level);
        NativeMemory.putInt(next + CMSG_TYPE, type);
        NativeMemory.putInt(next + CMSG_DATA, value);
        return next + CMSG_DATA + aligned(Integer.BYTES);
    }

    /// Gives the kernel room for address and control messages.
    void prepare() {
        NativeMemory.putInt(message + NAME_LENGTH, SockaddrIn.CAPACITY);
        NativeMemory.putLong(message + CONTROL_LENGTH, CONTROL_ROOM);
    }

    /// Reads what came with a datagram.
    void received() {
        hopLimit = 0;
        trafficClass = 0;
        report = 0;
        readControl(around + CONTROL_START, NativeMemory.getLong(message + CONTROL_LENGTH));
    }

    private int receive(int socket, long address, int capacity, int flags) {
        content(address, capacity);
        prepare();
        int result = LibC.tryRecvmsg(socket, message, flags);
        if (result < 0) {
            do {
                prepare();
                result = (int) LibC.recvmsg(socket, message, flags);
            } while (result == -Errno.EINTR.number());
        }
        if (result >= 0) {
            received();
        }
        return result;
    }

    private void readControl(long start, long used) {
        long next = start;
        while (next + CMSG_DATA <= start + used) {
            boolean v6 = NativeMemory.getInt(next + CMSG_LEVEL) == Constants.IPPROTO_IPV6;
            if (v6 || NativeMemory.getInt(next + CMSG_LEVEL) == Constants.IPPROTO_IP) {
                take(NativeMemory.getInt(next + CMSG_TYPE), v6, next + CMSG_DATA);
            }
            next += aligned(NativeMemory.getLong(next));
        }
    }

    private void take(int type, boolean v6, long value) {
        if (type == (v6 ? Constants.IPV6_RECVERR : Constants.IP_RECVERR)) {
            report = value;
        } else if (type == (v6 ? Constants.IPV6_HOPLIMIT : Constants.IP_TTL)) {
            hopLimit = NativeMemory.getInt(value);
        } else if (v6 && type == Constants.IPV6_TCLASS) {
            trafficClass = NativeMemory.getInt(value);
        } else if (!v6 && type == Constants.IP_TOS) {
            trafficClass = NativeMemory.getByte(value); // one byte, unlike the others
        }
    }

    private static long aligned(long length) {
        return (length + Long.BYTES - 1) & -Long.BYTES;
    }
}
