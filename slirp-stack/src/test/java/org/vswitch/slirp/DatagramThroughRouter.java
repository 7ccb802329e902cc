package org.vswitch.slirp;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.LinuxHostNetwork;

/// A program that puts a guest's datagrams through a router over the kernel's sockets and prints the error that each is
/// answered by, for [KernelDatagramTest].
final class DatagramThroughRouter {
    private static final int ARGUMENTS = 3;
    private static final int GUEST_PORT = 40_000;
    private static final int PORT = 9;

    private DatagramThroughRouter() {
    }

    /// Sends datagrams one after the other.
    ///
    /// @param arguments for each: the address, bytes of data, and `whole` or, if it may be cut, `cut` (IPv4)
    public static void main(String[] arguments) throws IOException {
        var guest = new PingThroughRouter(new LinuxHostNetwork());
        for (int i = 0; i < arguments.length; i += ARGUMENTS) {
            byte[] to = InetAddress.getByName(arguments[i]).getAddress();
            byte[] datagram = GuestPackets.udp(GUEST_PORT, PORT, new byte[Integer.parseInt(arguments[i + 1])]);
            System.out.println(guest.answer(List.of(to.length == 4
                    ? v4(ByteBuffer.wrap(to).getInt(), datagram, arguments[i + 2].equals("whole"))
                    : v6(ByteBuffer.wrap(to), datagram))));
        }
        guest.close();
    }

    private static byte[] v4(int to, byte[] datagram, boolean whole) {
        GuestPackets.V4 packet = new GuestPackets.V4().to(to).payload(GuestPackets.UDP, datagram);
        return (whole ? packet.dontFragment() : packet).frame();
    }

    private static byte[] v6(ByteBuffer to, byte[] datagram) {
        byte[] pseudo = ByteBuffer.allocate(40).putLong(GuestPackets.PREFIX).putLong(GuestPackets.GUEST_LOW)
                .putLong(to.getLong(0)).putLong(to.getLong(8)).putInt(datagram.length).putInt(GuestPackets.UDP).array();
        int sum = ~FrameCheck.sum(FrameCheck.sum(0, pseudo, 0, 40), datagram, 0, datagram.length);
        ByteBuffer.wrap(datagram).putShort(6, (short) sum);
        return new GuestPackets.V6().to(to.getLong(0), to.getLong(8)).payload(GuestPackets.UDP, datagram).frame();
    }
}
