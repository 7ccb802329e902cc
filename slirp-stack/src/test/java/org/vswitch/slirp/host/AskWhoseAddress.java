package org.vswitch.slirp.host;

import org.vswitch.linux.InetSockets;
import org.vswitch.linux.LinuxException;
import org.vswitch.slirp.ip.AddressText;

/// Prints which of the addresses that it is given are the host's own, before and after a port is taken.
final class AskWhoseAddress {
    private AskWhoseAddress() {
    }

    /// Asks.
    ///
    /// @param arguments the port, then IPv4 addresses
    public static void main(String[] arguments) throws LinuxException {
        try (LinuxHostNetwork network = new LinuxHostNetwork(); InetSockets sockets = new InetSockets()) {
            ask(network, arguments);
            int socket = sockets.openDatagram(true);
            int bound = sockets.bindAny(socket, true, Integer.parseInt(arguments[0]));
            System.out.println(bound);
            ask(network, arguments);
            InetSockets.close(socket);
        }
    }

    private static void ask(HostNetwork network, String[] arguments) {
        for (int i = 1; i < arguments.length; i++) {
            AddressText address = AddressText.v4(arguments[i]).orElseThrow();
            System.out.println(arguments[i] + " " + network.isOwn(address.high(), address.low()));
        }
    }
}
