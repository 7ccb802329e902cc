package org.vswitch.wire;

import java.util.Arrays;
import org.vswitch.linux.NativeMemory;

/// Where the options of a DHCP message are (RFC 2132, 2):
///
/// ```
/// | code (1) | length (1) | value ... |      and without length: 0 (pad), 255 (end)
/// ```
///
/// One object, filled anew for each message and valid as long as the message's memory. Options may continue in the
/// fields `file` and `sname`, in that order, if option 52 says so (RFC 2131, 4.1); there it says nothing any more. Of
/// two of a code the first counts; they are not joined (RFC 3396), since nothing that a server reads is too long for
/// one. An option of a length that its meaning does not have is as good as absent.
public final class Dhcpv4Options {
    /// Option: the subnet mask.
    public static final int SUBNET_MASK = 1;
    /// Option: the routers.
    public static final int ROUTER = 3;
    /// Option: the DNS servers.
    public static final int DOMAIN_NAME_SERVER = 6;
    /// Option: the client's name.
    public static final int HOST_NAME = 12;
    /// Option: the domain that completes names.
    public static final int DOMAIN_NAME = 15;
    /// Option: the MTU of the link.
    public static final int INTERFACE_MTU = 26;
    /// Option: the subnet's broadcast address.
    public static final int BROADCAST_ADDRESS = 28;
    /// Option: the address that the client wants.
    public static final int REQUESTED_ADDRESS = 50;
    /// Option: how long the address may be used, in seconds.
    public static final int LEASE_TIME = 51;
    /// Option: which of `file` and `sname` hold options.
    public static final int OVERLOAD = 52;
    /// Option: the kind of DHCP message.
    public static final int MESSAGE_TYPE = 53;
    /// Option: the server's address.
    public static final int SERVER_IDENTIFIER = 54;
    /// Option: codes of the options that the client wants.
    public static final int PARAMETER_REQUEST_LIST = 55;
    /// Option: why the address was refused.
    public static final int MESSAGE = 56;
    /// Option: the longest message that the client takes.
    public static final int MAXIMUM_MESSAGE_SIZE = 57;
    /// Option: after how many seconds to renew the lease with its server.
    public static final int RENEWAL_TIME = 58;
    /// Option: after how many seconds to renew the lease with any server.
    public static final int REBINDING_TIME = 59;
    /// Option: who the client is; otherwise `chaddr` says it.
    public static final int CLIENT_IDENTIFIER = 61;
    /// Option: an acknowledgment may come at once (RFC 4039).
    public static final int RAPID_COMMIT = 80;
    /// Option: what a relay agent has added, which goes back to it (RFC 3046).
    public static final int RELAY_AGENT_INFORMATION = 82;
    /// Option: the domains that complete names (RFC 3397).
    public static final int DOMAIN_SEARCH = 119;

    private static final int PAD = 0;
    private static final int END = 255;
    private static final int CODES = 256;
    private static final int OVERLOADS_FILE = 1;
    private static final int OVERLOADS_SNAME = 2;
    private static final int ABSENT = -1;
    private static final int IP_AND_UDP_LENGTH = 28;
    /// Every client takes IP packets of that length (RFC 2131, 2).
    private static final int MIN_MESSAGE_SIZE = 576;

    private final long[] addresses = new long[CODES];
    private final int[] lengths = new int[CODES];

    /// Makes the options of no message.
    public Dhcpv4Options() {
        Arrays.fill(lengths, ABSENT);
    }

    /// Finds the options of a message.
    ///
    /// @param message address of the first byte; the fixed part is there
    /// @param length bytes of the message, at least [Dhcpv4#LENGTH]
    /// @return false if an option leaves the field that it is in; there are none then
    public boolean parse(long message, int length) {
        Arrays.fill(lengths, ABSENT);
        boolean whole = collect(message + Dhcpv4.LENGTH, length - Dhcpv4.LENGTH);
        int overload = u8(OVERLOAD, 0);
        if (whole && (overload & OVERLOADS_FILE) != 0) {
            whole = collect(message + Dhcpv4.FILE, Dhcpv4.FILE_LENGTH);
        }
        if (whole && (overload & OVERLOADS_SNAME) != 0) {
            whole = collect(message + Dhcpv4.SNAME, Dhcpv4.SNAME_LENGTH);
        }
        if (!whole) {
            Arrays.fill(lengths, ABSENT);
        }
        return whole;
    }

    /// Whether an option is there, of any length.
    ///
    /// @param code 1 to 254
    /// @return false if it is absent
    public boolean has(int code) {
        return lengths[code] != ABSENT;
    }

    /// Where the value of an option is.
    ///
    /// @param code of an option that is there
    /// @return address of its first byte in the message
    public long address(int code) {
        return addresses[code];
    }

    /// Bytes of the value of an option.
    ///
    /// @param code 1 to 254
    /// @return 0 to 255; 0 if it is absent
    public int length(int code) {
        return Math.max(lengths[code], 0);
    }

    /// The value of an option, for what is kept longer than the message.
    ///
    /// @param code 1 to 254
    /// @return a new array; empty if the option is absent
    public byte[] bytes(int code) {
        byte[] value = new byte[length(code)];
        if (value.length > 0) {
            NativeMemory.copyOut(addresses[code], value, 0, value.length);
        }
        return value;
    }

    /// What the message is.
    ///
    /// @return for example [Dhcpv4#DHCPDISCOVER]; 0 if it does not say, as in BOOTP
    public int messageType() {
        return u8(MESSAGE_TYPE, 0);
    }

    /// The address that the client wants.
    ///
    /// @return an IPv4 address; 0 if it does not say
    public int requestedAddress() {
        return u32(REQUESTED_ADDRESS, 0);
    }

    /// How long the client wants an address for.
    ///
    /// @return unsigned seconds, -1 for ever; 0 if it does not say
    public int leaseSeconds() {
        return u32(LEASE_TIME, 0);
    }

    /// The server that the client has chosen.
    ///
    /// @return an IPv4 address; 0 if it does not say
    public int serverIdentifier() {
        return u32(SERVER_IDENTIFIER, 0);
    }

    /// The longest answer that the client takes. Option 57 is understood to count the IP and the UDP header too, which
    /// is the stricter reading (RFC 2131, 2).
    ///
    /// @return bytes of UDP payload, 548 to 65,507
    public int maxReplyLength() {
        int size = lengths[MAXIMUM_MESSAGE_SIZE] == 2 ? NetworkOrder.u16(addresses[MAXIMUM_MESSAGE_SIZE]) : 0;
        return Math.max(size, MIN_MESSAGE_SIZE) - IP_AND_UDP_LENGTH;
    }

    /// Whether the client wants an option.
    ///
    /// @param code 1 to 254
    /// @return true if its parameter request list names it
    public boolean isRequested(int code) {
        for (int i = 0; i < length(PARAMETER_REQUEST_LIST); i++) {
            if (NetworkOrder.u8(addresses[PARAMETER_REQUEST_LIST] + i) == code) {
                return true;
            }
        }
        return false;
    }

    private int u8(int code, int otherwise) {
        return lengths[code] == 1 ? NetworkOrder.u8(addresses[code]) : otherwise;
    }

    private int u32(int code, int otherwise) {
        return lengths[code] == 4 ? NetworkOrder.u32(addresses[code]) : otherwise;
    }

    /// Notes the options of one field, which need no end.
    private boolean collect(long field, int length) {
        int offset = 0;
        while (offset < length) {
            int code = NetworkOrder.u8(field + offset);
            if (code == END) {
                return true;
            }
            if (code == PAD) {
                offset++;
                continue;
            }
            int valueLength = offset + 1 < length ? NetworkOrder.u8(field + offset + 1) : length;
            if (offset + 2 + valueLength > length) {
                return false;
            }
            if (lengths[code] == ABSENT) {
                addresses[code] = field + offset + 2;
                lengths[code] = valueLength;
            }
            offset += 2 + valueLength;
        }
        return true;
    }
}
