package org.vswitch.linux;

/// A bridge of the kernel (ip-link(8), type bridge), as interfaces of ours join it.
public final class LinuxBridge {
    private static final String KIND = "bridge";
    /// Bridges take the lowest MAC address of their ports for their own.
    private static final long HIGHEST_OCTET = 0xfeL << 40;
    private static final long OTHER_OCTETS = 0xff_ffff_ffffL;

    private LinuxBridge() {
    }

    /// The MAC address of a port that is not to become the bridge's.
    ///
    /// @param chance 40 bits of it are used
    /// @return 48 bits, most significant byte first
    public static long portMac(long chance) {
        return HIGHEST_OCTET | chance & OTHER_OCTETS;
    }

    /// Makes an interface a port of a bridge, with the bridge's MTU; the bridge keeps that and its MAC address, also
    /// when it had no port before, and whatever becomes of the interface's.
    ///
    /// @param device the interface; already a port of the bridge is no error
    /// @param name of the bridge, in the network namespace of the calling thread
    /// @throws LinuxException that names the bridge: ENODEV if there is none, EOPNOTSUPP if that is no bridge, EPERM
    ///     without the right to
    public static void join(NetworkDevice device, String name) throws LinuxException {
        try (NetworkDevice bridge = open(name)) {
            bridge.mac(bridge.mac());
            device.mtu(bridge.mtu());
            device.join(bridge);
        }
    }

    private static NetworkDevice open(String name) throws LinuxException {
        NetworkDevice bridge = find(name);
        try {
            if (bridge.kind().equals(KIND)) {
                return bridge;
            }
            throw new LinuxException("bridge=" + name + " (no bridge)", Errno.EOPNOTSUPP.number());
        } catch (LinuxException refusal) {
            bridge.close();
            throw refusal;
        }
    }

    private static NetworkDevice find(String name) throws LinuxException {
        try {
            return NetworkDevice.open(name);
        } catch (LinuxException refusal) {
            throw new LinuxException("bridge=" + name, refusal.errno());
        }
    }
}
