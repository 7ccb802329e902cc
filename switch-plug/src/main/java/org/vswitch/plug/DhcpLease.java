package org.vswitch.plug;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Link;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.Epoll;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.Dhcpv4Reply;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Udp;
import org.vswitch.wire.VirtioNetHeader;

/// What a network's DHCP server gives to a station (RFC 2131): asked for over a plug of its own, before the station is
/// plugged in. It is not renewed.
///
/// @param address the station's own
/// @param prefixLength bits of the subnet
/// @param router leads everywhere else
/// @param nameServers may be none
public record DhcpLease(InetAddress address, int prefixLength, Optional<InetAddress> router,
        List<InetAddress> nameServers) {
    private static final int PATIENCE_S = 6;
    private static final int REPEAT_S = 2;
    private static final int MESSAGE_LENGTH = 548;
    private static final int UDP_OFFSET = Ethernet.HEADER_LENGTH + Ipv4.LENGTH;
    private static final int MESSAGE_OFFSET = UDP_OFFSET + Udp.LENGTH;
    private static final int HOPS = 64;
    private static final int EVERYBODY = 0xffff_ffff;

    /// Asks for a lease. Waits some seconds at most.
    ///
    /// @param network whose server is asked; its link has a descriptor
    /// @param mac the station that it is for
    /// @param program as the network is to show the plug
    /// @return nothing if nobody answers
    /// @throws IOException if the network cannot be opened
    public static Optional<DhcpLease> ask(LinkUrl network, long mac, String program) throws IOException {
        try (Station station = new Station(mac, program)) {
            LinkScheme.Attachment attachment = LinkScheme.of(network).open(network, station);
            try {
                return station.exchange();
            } finally {
                attachment.close();
            }
        }
    }

    private static DhcpLease of(long message, Dhcpv4Options options) throws IOException {
        byte[] mask = options.bytes(Dhcpv4Options.SUBNET_MASK);
        int bits = 0;
        for (byte part : mask) {
            bits += Integer.bitCount(part & 0xff);
        }
        List<InetAddress> routers = addresses(options.bytes(Dhcpv4Options.ROUTER));
        return new DhcpLease(address(Dhcpv4.yiaddr(message)), mask.length == Integer.BYTES && bits > 0 ? bits : 24,
                routers.stream().findFirst(), addresses(options.bytes(Dhcpv4Options.DOMAIN_NAME_SERVER)));
    }

    private static List<InetAddress> addresses(byte[] value) throws IOException {
        List<InetAddress> found = new ArrayList<>();
        for (int next = 0; next + Integer.BYTES <= value.length; next += Integer.BYTES) {
            found.add(InetAddress.getByAddress(Arrays.copyOfRange(value, next, next + Integer.BYTES)));
        }
        return found;
    }

    private static InetAddress address(int value) throws IOException {
        return InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    /// The client's side of one exchange. Owns the link as a data plane would.
    private static final class Station implements LinkHost, AutoCloseable {
        private final long mac;
        private final String program;
        private final int xid = ThreadLocalRandom.current().nextInt();
        private final FrameSlab slab = FrameSlab.forFrames(1);
        private final FrameBatch sent = FrameBatch.forSending();
        private final FrameBatch received = FrameBatch.forReceiving();
        private final Dhcpv4Reply writer = new Dhcpv4Reply();
        private final Dhcpv4Options options = new Dhcpv4Options();
        private Link link;
        private Runnable onDetached;

        Station(long mac, String program) {
            this.mac = mac;
            this.program = program;
        }

        Optional<DhcpLease> exchange() throws IOException {
            try (Epoll epoll = new Epoll(1)) {
                epoll.add(link.descriptor(), Epoll.READABLE, 0);
                int server = 0;
                int address = 0;
                for (int time = 0; time < PATIENCE_S / REPEAT_S; time++) {
                    send(address == 0 ? Dhcpv4.DHCPDISCOVER : Dhcpv4.DHCPREQUEST, address, server);
                    long message = await(epoll);
                    if (message != 0 && options.messageType() == Dhcpv4.DHCPOFFER) {
                        address = Dhcpv4.yiaddr(message);
                        server = options.serverIdentifier();
                        link.release(received);
                        send(Dhcpv4.DHCPREQUEST, address, server);
                        message = await(epoll);
                    }
                    if (message != 0 && options.messageType() == Dhcpv4.DHCPACK) {
                        return Optional.of(of(message, options));
                    }
                }
                return Optional.empty();
            }
        }

        /// Waits for a server's message to us, whose options are then read.
        private long await(Epoll epoll) {
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(REPEAT_S);
            for (long leftNs = endNs - System.nanoTime(); leftNs > 0; leftNs = endNs - System.nanoTime()) {
                epoll.await((int) TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
                received.clear();
                received.wanted(1);
                if (link.receive(received) == Link.GONE) {
                    return 0;
                }
                long message = received.size() > 0 ? answer() : 0;
                if (message != 0) {
                    return message;
                }
                link.release(received);
            }
            return 0;
        }

        /// Where the server's message to us lies in a copy of the received frame; 0 if that is something else.
        private long answer() {
            int length = received.length(0);
            long frame = slab.frame(0);
            if (received.isTagged(0) || received.type(0) != Ethernet.TYPE_IPV4 || length > FrameSlab.MAX_FRAME) {
                return 0;
            }
            received.copyTo(0, frame);
            long ip = frame + Ethernet.HEADER_LENGTH;
            int available = length - Ethernet.HEADER_LENGTH;
            if (!Ipv4.isValid(ip, available) || Ipv4.isFragment(ip) || Ipv4.protocol(ip) != Udp.PROTOCOL) {
                return 0;
            }
            long udp = ip + Ipv4.headerLength(ip);
            int udpLength = Ipv4.totalLength(ip) - Ipv4.headerLength(ip);
            if (!Udp.isValid(udp, udpLength) || Udp.destinationPort(udp) != Dhcpv4.CLIENT_PORT) {
                return 0;
            }
            long message = udp + Udp.LENGTH;
            int messageLength = Udp.length(udp) - Udp.LENGTH;
            return Dhcpv4.isReply(message, messageLength) && Dhcpv4.xid(message) == xid
                    && Dhcpv4.chaddr(message) == mac && options.parse(message, messageLength) ? message : 0;
        }

        private void send(int type, int address, int server) {
            long frame = slab.frame(0);
            writer.beginRequest(frame + MESSAGE_OFFSET, MESSAGE_LENGTH, xid, mac);
            writer.u8(Dhcpv4Options.MESSAGE_TYPE, type);
            if (address != 0) {
                writer.u32(Dhcpv4Options.REQUESTED_ADDRESS, address);
                writer.u32(Dhcpv4Options.SERVER_IDENTIFIER, server);
            }
            writer.bytes(Dhcpv4Options.PARAMETER_REQUEST_LIST, new byte[] {Dhcpv4Options.SUBNET_MASK,
                    Dhcpv4Options.ROUTER, Dhcpv4Options.DOMAIN_NAME_SERVER});
            int length = writer.end();
            long udp = frame + UDP_OFFSET;
            Udp.sourcePort(udp, Dhcpv4.CLIENT_PORT);
            Udp.destinationPort(udp, Dhcpv4.SERVER_PORT);
            Udp.length(udp, Udp.LENGTH + length);
            Udp.checksum(udp, 0); // none (RFC 768)
            long ip = frame + Ethernet.HEADER_LENGTH;
            Ipv4.emit(ip, Ipv4.LENGTH + Udp.LENGTH + length);
            Ipv4.timeToLive(ip, HOPS);
            Ipv4.protocol(ip, Udp.PROTOCOL);
            Ipv4.destination(ip, EVERYBODY);
            Ipv4.updateChecksum(ip);
            NetworkOrder.u48(frame, MacAddress.BROADCAST);
            Ethernet.source(frame, mac);
            Ethernet.type(frame, Ethernet.TYPE_IPV4);
            VirtioNetHeader.write(FrameSlab.header(frame), 0, 0);
            sent.clear();
            int row = sent.append(frame, MESSAGE_OFFSET + length, 0, 0);
            link.transmit(sent, new int[] {row}, 0, 1);
        }

        @Override
        public long attach(Link attached, LinkLabel label, Runnable whenDetached) {
            link = attached;
            onDetached = whenDetached;
            return 0;
        }

        @Override
        public void detach(long attachment) {
            link.close();
            onDetached.run();
        }

        @Override
        public String program() {
            return program;
        }

        @Override
        public void log(String message) {
            // the network is opened again, and tells it then
        }

        @Override
        public void close() {
            slab.free();
            sent.free();
            received.free();
        }
    }
}
