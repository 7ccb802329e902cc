package org.vswitch.slirp;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Sandbox;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.LinuxHostNetwork;
import org.vswitch.slirp.service.ResolvConf;

/// A program that puts a guest's pings through a router over the kernel's sockets and prints what each is answered by,
/// for [KernelPingTest].
final class PingThroughRouter {
    private static final int ARGUMENTS = 3;
    private static final int FRAGMENT_HEADER = 48;

    private final SentFrames sent = new SentFrames();
    private final ExactMemory memory = new ExactMemory();
    private final Stack stack;

    PingThroughRouter(HostNetwork host) {
        stack = new Stack(SlirpConfig.usual(), host, timeNs -> ResolvConf.NONE, sent);
    }

    /// Sends pings one after the other.
    ///
    /// @param arguments for each: the address, the hop limit, bytes of data
    public static void main(String[] arguments) throws IOException {
        var guest = new PingThroughRouter(new LinuxHostNetwork());
        for (int i = 0; i < arguments.length; i += ARGUMENTS) {
            byte[] to = InetAddress.getByName(arguments[i]).getAddress();
            byte[] data = Pings.pattern(Integer.parseInt(arguments[i + 2]));
            System.out.println(guest.answer(to, Integer.parseInt(arguments[i + 1]), data, i / ARGUMENTS));
        }
        guest.close();
    }

    private String answer(byte[] to, int hopLimit, byte[] data, int sequence) throws IOException {
        boolean v4 = to.length == 4;
        byte[] message = Pings.echo(v4 ? 8 : 128, 0x1234, sequence, data);
        ByteBuffer address = ByteBuffer.wrap(to);
        if (v4) {
            return answer(Pings.fragmentsV4(address.getInt(0), hopLimit, message));
        }
        Pings.checksumV6(message, address.getLong(0), address.getLong(8));
        return answer(Pings.fragmentsV6(new GuestPackets.V6().to(address.getLong(0), address.getLong(8))
                .hopLimit(hopLimit), message));
    }

    /// Sends frames, and describes what the guest gets for them.
    String answer(Iterable<byte[]> frames) throws IOException {
        send(frames);
        Sandbox.await("an answer", () -> {
            stack.onHostReady(System.nanoTime());
            return sent.size() > 0;
        });
        byte[] first = FrameCheck.packet(sent.poll());
        int header = first[0] >>> 4 == 4 ? 20 : first[6] == 44 ? FRAGMENT_HEADER : 40;
        int bytes = first.length - header;
        while (sent.size() > 0) {
            byte[] more = FrameCheck.packet(sent.poll());
            bytes += more.length - header;
        }
        return description(first, header, bytes);
    }

    void close() {
        stack.close();
    }

    private void send(Iterable<byte[]> frames) {
        for (byte[] frame : frames) {
            stack.onFrame(memory.place(frame), frame.length, 0, System.nanoTime());
            stack.endBatch(System.nanoTime());
        }
    }

    private static String description(byte[] packet, int header, int bytes) throws IOException {
        boolean v4 = packet[0] >>> 4 == 4;
        byte[] source = v4 ? Arrays.copyOfRange(packet, 12, 16) : Arrays.copyOfRange(packet, 8, 24);
        String from = InetAddress.getByAddress(source).getHostAddress();
        int type = packet[header] & 255;
        boolean reply = type == (v4 ? 0 : 129);
        int echo = reply ? header : header + 8 + (v4 ? 20 : 40);
        return type + "/" + packet[header + 1] + " from " + from
                + (reply ? " bytes=" + bytes : " mtu=" + FrameCheck.u16(packet, header + 6))
                + " echo=" + HexFormat.of().formatHex(packet, echo + 4, echo + 8);
    }
}
