package org.vswitch.slirp.host;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;

/// A program that sends datagrams and prints what is reported about each, for [IcmpReportsTest]: a process can be in
/// another network namespace, a thread of the tests cannot.
final class SendForReport {
    private static final int ROOM = 1 << 16;
    private static final int ARGUMENTS = 4;

    private final HostNetwork network;
    private final HostDatagram datagram = new HostDatagram();
    private final HostError error = new HostError();
    private final long room = NativeMemory.map(2 * ROOM);

    private SendForReport(HostNetwork network) {
        this.network = network;
    }

    /// Sends to each of the destinations.
    ///
    /// @param arguments for each destination: `udp`, `ping` or `tcp`, the address, the hop limit, the length
    public static void main(String[] arguments) throws IOException {
        try (HostNetwork network = new LinuxHostNetwork()) {
            for (int i = 0; i < arguments.length; i += ARGUMENTS) {
                InetAddress to = InetAddress.getByName(arguments[i + 1]);
                var sender = new SendForReport(network);
                sender.address(to);
                sender.datagram.hopLimit = Integer.parseInt(arguments[i + 2]);
                sender.datagram.dontFragment = true; // or nobody reports that it is too long
                sender.datagram.length = Integer.parseInt(arguments[i + 3]);
                System.out.println("tcp".equals(arguments[i]) ? sender.connect()
                        : sender.report("ping".equals(arguments[i]), to instanceof Inet4Address));
            }
        }
    }

    private void address(InetAddress to) {
        byte[] bytes = to.getAddress();
        datagram.address = room;
        datagram.peerHigh = 0;
        datagram.peerLow = to instanceof Inet4Address ? 0xffff : 0;
        for (byte next : bytes) {
            datagram.peerHigh = datagram.peerHigh << 8 | datagram.peerLow >>> 56;
            datagram.peerLow = datagram.peerLow << 8 | next & 0xff;
        }
    }

    private String report(boolean ping, boolean v4) {
        int socket = ping ? network.openPing(v4, 4711) : network.openDatagram(v4, 0);
        datagram.peerPort = ping ? 0 : 33_434;
        NativeMemory.putByte(room, v4 ? 8 : 128);
        int sent = network.send(socket, datagram);
        if (sent < 0) {
            return "send " + Errno.name(-sent);
        }
        error.quoteAddress = room + ROOM;
        error.quoteLength = ROOM;
        Sandbox.await("a report", () -> network.receiveError(socket, error) == 0);
        network.close(socket);
        return report();
    }

    /// What is reported while it connects; else what becomes of that. A report makes the socket ready at once.
    private String connect() {
        datagram.peerPort = 80;
        int socket = network.connect(datagram.peerHigh, datagram.peerLow, 80, datagram.hopLimit);
        network.watch(socket, HostNetwork.WRITABLE, 1);
        Sandbox.await("readiness", () -> network.poll((token, readiness) -> { }) > 0);
        error.quoteAddress = room + ROOM;
        error.quoteLength = 0;
        boolean reported = network.receiveError(socket, error) == 0;
        int result = network.connectResult(socket);
        network.close(socket);
        return reported ? report() : Errno.name(-result);
    }

    private String report() {
        boolean sameDestination = error.destinationHigh == datagram.peerHigh
                && error.destinationLow == datagram.peerLow && error.destinationPort == datagram.peerPort;
        return Errno.name(error.errno) + " " + error.type + "/" + error.code + " mtu=" + error.information + " from "
                + Long.toHexString(error.reporterHigh) + ":" + Long.toHexString(error.reporterLow) + " quote="
                + error.quoteLength + " of=" + NativeMemory.getByte(error.quoteAddress)
                + (sameDestination ? "" : " of another destination");
    }
}
