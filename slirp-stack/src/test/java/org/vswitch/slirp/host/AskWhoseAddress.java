package org.vswitch.slirp.host;

import org.vswitch.linux.InetSockets;
import org.vswitch.linux.LinuxException;
import org.vswitch.wire.AddressText;

/// Prints which of the addresses that it is given are the host's own, with the one free port taken.
final class AskWhoseAddress {
    private AskWhoseAddress() {
    }

    /// Asks.
    ///
    /// @param arguments the port, then addresses
    public static void main(String[] arguments) throws LinuxException {
        try (LinuxHostNetwork network = new LinuxHostNetwork(); InetSockets sockets = new InetSockets()) {
            for (boolean v4 : new boolean[] {true, false}) {
                int socket = sockets.openDatagram(v4);
                System.out.println(sockets.bindAny(socket, v4, Integer.parseInt(arguments[0])));
            }
            ask(network, arguments);
        }
    }

    private static void ask(HostNetwork network, String[] arguments) {
        for (int i = 1; i < arguments.length; i++) {
            String text = arguments[i];
            AddressText address = AddressText.v4(text).or(() -> AddressText.v6(text)).orElseThrow();
            System.out.println(text + " " + network.isOwn(address.high(), address.low()));
        }
    }
}
