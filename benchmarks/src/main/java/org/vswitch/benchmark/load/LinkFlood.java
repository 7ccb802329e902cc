package org.vswitch.benchmark.load;

import java.io.IOException;
import java.util.stream.IntStream;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Link;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.VirtioNetHeader;

/// A program that embeds two links and floods one of them with frames to the other, through a switch that joins them:
/// one thread that never sleeps, and sends and receives 64 frames in turn. What counts is what arrives.
public final class LinkFlood {
    private static final long SOURCE = 0x0200_0000_0001L;
    private static final long DESTINATION = 0x0200_0000_0002L;
    private static final long WARM_UP_NS = 3_000_000_000L;

    private final Link from;
    private final Link to;
    private final FrameBatch outgoing = FrameBatch.forSending();
    private final FrameBatch incoming = FrameBatch.forReceiving();
    private final int[] rows = IntStream.range(0, FrameBatch.CAPACITY).toArray();
    private long received;

    private LinkFlood(Link from, Link to, int bytes) {
        this.from = from;
        this.to = to;
        FrameSlab slab = FrameSlab.forHeaders(FrameBatch.CAPACITY, bytes);
        for (int i = 0; i < FrameBatch.CAPACITY; i++) {
            append(slab.frame(i), DESTINATION, SOURCE, bytes);
        }
    }

    /// Floods for a while.
    ///
    /// @param arguments URL to send to, URL to receive from, bytes of a frame, seconds
    /// @throws IOException if a URL cannot be opened
    public static void main(String[] arguments) throws IOException {
        Link from = open(arguments[0]);
        Link to = open(arguments[1]);
        LinkFlood flood = new LinkFlood(from, to, Integer.parseInt(arguments[2]));
        flood.teach();
        flood.run(WARM_UP_NS);
        long before = flood.received;
        long startNs = System.nanoTime();
        flood.run((long) (Double.parseDouble(arguments[3]) * 1e9));
        double seconds = (System.nanoTime() - startNs) * 1e-9;
        System.out.println(Math.round((flood.received - before) / seconds));
        System.exit(0);
    }

    /// The receiver says where it lives.
    private void teach() {
        FrameBatch hello = FrameBatch.forSending();
        FrameSlab slab = FrameSlab.forHeaders(1, Ethernet.HEADER_LENGTH + 46);
        write(slab.frame(0), SOURCE, DESTINATION, 60);
        hello.append(slab.frame(0), 60, 0, 0);
        to.transmit(hello, rows, 0, 1);
        while (from.receive(incoming) == 0) {
            Thread.onSpinWait();
        }
        from.release(incoming);
    }

    private void run(long durationNs) {
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < durationNs) {
            from.transmit(outgoing, rows, 0, FrameBatch.CAPACITY);
            incoming.clear();
            int count = to.receive(incoming);
            if (count > 0) {
                received += count;
                to.release(incoming);
            }
        }
    }

    private void append(long frame, long destination, long source, int bytes) {
        write(frame, destination, source, bytes);
        outgoing.append(frame, bytes, 0, 0);
    }

    private static void write(long frame, long destination, long source, int bytes) {
        NativeMemory.zero(frame, bytes);
        VirtioNetHeader.write(FrameSlab.header(frame), 0, 0);
        Ethernet.destination(frame, destination);
        Ethernet.source(frame, source);
        Ethernet.type(frame, 0x88b5);
    }

    private static Link open(String text) throws IOException {
        LinkUrl url = LinkUrl.parse(text);
        Link[] opened = new Link[1];
        LinkScheme.of(url).open(url, new LinkHost() {
            @Override
            public long attach(Link link, LinkLabel label, Runnable onDetached) {
                opened[0] = link;
                return 0;
            }

            @Override
            public void detach(long attachment) {
                throw new IllegalStateException("the switch has ended");
            }

            @Override
            public String program() {
                return "flood";
            }

            @Override
            public void log(String message) {
                System.err.println(message);
            }
        });
        if (opened[0] == null) {
            throw new IOException("nobody listens at " + url);
        }
        return opened[0];
    }
}
