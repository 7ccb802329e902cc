package org.vswitch.link;

import java.io.IOException;
import java.net.InetAddress;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Fd;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.TunTap;

/// Two links of a kind, cabled so that what one is sent the other receives.
///
/// @param near one of them
/// @param far the other one
/// @param world closes what else there is
record LinkRig(Link near, Link far, Runnable world) {
    /// The kinds, and what sets them apart.
    enum Kind {
        /// Within the process.
        MEMORY,
        /// Memory that processes share.
        SHARED_MEMORY,
        /// Connected Unix datagram sockets: a VDE client and the switch.
        UNIX_DATAGRAM,
        /// Connected Unix stream sockets: a guest of QEMU and the switch.
        STREAM,
        /// Connected Unix seqpacket sockets.
        SEQPACKET,
        /// Unconnected UDP sockets.
        UDP,
        /// Taps on a bridge of the kernel; needs root.
        TAP,
        /// The same with several queues each.
        TAP_QUEUES;

        /// Whether a receiver that does not receive makes the sender wait.
        boolean pushesBack() {
            return this == MEMORY || this == SHARED_MEMORY || this == UNIX_DATAGRAM || this == STREAM
                    || this == SEQPACKET;
        }

        /// Whether offload headers come with the frames.
        boolean carriesOffloads() {
            return this == MEMORY || this == SHARED_MEMORY || isTap();
        }

        /// The longest frame that the way between the two can take.
        int longest(LinkFeatures features) {
            return isTap() ? 1514 : features.maxFrame();
        }

        LinkRig open() throws IOException {
            return switch (this) {
                case MEMORY -> memory();
                case SHARED_MEMORY -> sharedMemory();
                case UNIX_DATAGRAM -> unix();
                case STREAM -> connected(Sockets.Type.STREAM);
                case SEQPACKET -> connected(Sockets.Type.SEQPACKET);
                case UDP -> udp();
                case TAP -> tap(1);
                case TAP_QUEUES -> tap(4);
            };
        }

        /// Opens links of this kind quickly; a tap is in no namespace, down, and cabled to nothing.
        LinkRig openUnplugged() throws IOException {
            return switch (this) {
                case TAP -> unpluggedTap(1);
                case TAP_QUEUES -> unpluggedTap(4);
                default -> open();
            };
        }

        private boolean isTap() {
            return this == TAP || this == TAP_QUEUES;
        }
    }

    private static LinkRig unpluggedTap(int queues) throws IOException {
        return new LinkRig(link(TunTap.open(Sandbox.unique("vst"), 12, queues)), new NullLink(), () -> { });
    }

    private static LinkRig memory() {
        LinkFeatures features = new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, true,
                LinkFeatures.MAX_BUFFERED);
        MemoryLink.Pair pair = MemoryLink.pair(features, features);
        return new LinkRig(pair.first(), pair.second(), () -> { });
    }

    private static LinkRig sharedMemory() throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.SEQPACKET, true);
        ShmLink near = ShmHandshake.offer(pair.first(), Offload.ALL);
        ShmLink far = ShmHandshake.join(pair.second(), Offload.ALL);
        near.woken();
        return new LinkRig(near, far, () -> { });
    }

    private static LinkRig unix() throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
        return new LinkRig(DatagramLink.buffered(pair.first(), FrameSlab.MAX_FRAME, null),
                DatagramLink.buffered(pair.second(), FrameSlab.MAX_FRAME, null), () -> { });
    }

    private static LinkRig connected(Sockets.Type type) throws IOException {
        Sockets.Pair pair = Sockets.pair(type, true);
        return type == Sockets.Type.STREAM
                ? new LinkRig(StreamLink.buffered(pair.first()), StreamLink.buffered(pair.second()), () -> { })
                : new LinkRig(SeqpacketLink.buffered(pair.first()), SeqpacketLink.buffered(pair.second()), () -> { });
    }

    private static LinkRig udp() throws IOException {
        SocketAddress any = SocketAddress.ofInet(InetAddress.getLoopbackAddress(), 0);
        Fd near = Sockets.openUdp(any);
        Fd far = Sockets.openUdp(any);
        Sockets.bind(near, any);
        Sockets.bind(far, any);
        var toFar = new MessageBatch.Destination(Sockets.localAddress(far));
        var toNear = new MessageBatch.Destination(Sockets.localAddress(near));
        return new LinkRig(DatagramLink.buffered(near, 65_507, toFar), DatagramLink.buffered(far, 65_507, toNear),
                () -> { });
    }

    private static LinkRig tap(int queues) throws IOException {
        Sandbox sandbox = Sandbox.create();
        sandbox.run("ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0",
                "mcast_snooping", "0");
        sandbox.run("ip", "link", "set", "br0", "up");
        return new LinkRig(tapOn(sandbox, queues), tapOn(sandbox, queues), sandbox::close);
    }

    private static Link tapOn(Sandbox sandbox, int queues) throws IOException {
        TunTap tap = TunTap.open(Sandbox.unique("vst"), 12, queues);
        sandbox.take(tap.name());
        sandbox.run("ip", "link", "set", tap.name(), "master", "br0", "up");
        return link(tap);
    }

    private static Link link(TunTap tap) throws IOException {
        return tap.queues().size() == 1 ? new TapLink(tap) : new TapQueues(tap, Offload.ALL);
    }

    void close() {
        near.close();
        far.close();
        world.run();
    }
}
