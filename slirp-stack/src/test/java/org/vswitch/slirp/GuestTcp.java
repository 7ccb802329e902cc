package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;

/// One guest's end of a connection over a line that loses nothing: it takes what is in turn, acknowledges it once a
/// pass, and sends what the test says, in segments of the test's own size, without asking for the router's window.
final class GuestTcp {
    private static final int HEADERS = 14 + 20 + 20;

    private final GuestSide side;
    private final int guest;
    private final int port;
    private final int to;
    private final int toPort;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int sequence = 1_000;
    private int acknowledgment;
    private int window = 60_000;
    private boolean open;
    private boolean ended;
    private boolean wasReset;
    private boolean owesAcknowledgment;

    GuestTcp(GuestSide side, int guest, int port, int to, int toPort) {
        this.side = side;
        this.guest = guest;
        this.port = port;
        this.to = to;
        this.toPort = toPort;
    }

    /// Takes so many bytes at a time, from the next segment on.
    GuestTcp offers(int bytes) {
        window = bytes;
        return this;
    }

    /// Whether the router has accepted it.
    boolean isOpen() {
        return open;
    }

    /// Whether the router has ended its side, or reset the connection.
    boolean hasEnded() {
        return ended;
    }

    boolean wasReset() {
        return wasReset;
    }

    byte[] received() {
        return received.toByteArray();
    }

    int receivedCount() {
        return received.size();
    }

    /// Sends one segment.
    GuestTcp send(byte... text) {
        segment(FuzzFrames.ACK, text);
        sequence += text.length;
        return this;
    }

    /// The next segment in two fragments, which the test sends.
    List<byte[]> fragments(byte... text) {
        byte[] tcp = Arrays.copyOfRange(frame(FuzzFrames.ACK, text), 34, HEADERS + text.length);
        int cut = tcp.length / 16 * 8;
        GuestPackets.V4 packet = packet().identification(sequence);
        sequence += text.length;
        return List.of(packet.payload(GuestPackets.TCP, Arrays.copyOf(tcp, cut)).fragment(0, true).frame(),
                packet.payload(GuestPackets.TCP, Arrays.copyOfRange(tcp, cut, tcp.length)).fragment(cut, false)
                        .frame());
    }

    /// Ends this side.
    GuestTcp end() {
        segment(FuzzFrames.ACK | FuzzFrames.FIN);
        sequence++;
        return this;
    }

    void begin() {
        segment(FuzzFrames.SYN);
        sequence++;
    }

    void acknowledge() {
        if (owesAcknowledgment) {
            owesAcknowledgment = false;
            segment(FuzzFrames.ACK);
        }
    }

    void take(byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        int flags = frame[47];
        if ((flags & FuzzFrames.RST) != 0) {
            wasReset = true;
            ended = true;
            return;
        }
        if ((flags & FuzzFrames.SYN) != 0) {
            open = true;
            acknowledgment = buffer.getInt(38) + 1;
            owesAcknowledgment = true;
            return;
        }
        byte[] text = Arrays.copyOfRange(frame, HEADERS, 14 + FrameCheck.u16(frame, 16));
        boolean last = (flags & FuzzFrames.FIN) != 0;
        if (text.length > 0 || last) {
            assertEquals(acknowledgment, buffer.getInt(38), "a line that loses nothing");
            received.writeBytes(text);
            acknowledgment += text.length + (last ? 1 : 0);
            owesAcknowledgment = true;
            ended = last;
        }
    }

    private void segment(int flags, byte... text) {
        side.rig.send(frame(flags, text));
    }

    private byte[] frame(int flags, byte... text) {
        byte[] tcp = new GuestSegment(port, toPort, sequence, acknowledgment).of(flags, text);
        ByteBuffer.wrap(tcp).putShort(14, (short) window);
        return FuzzFrames.repaired(packet().payload(GuestPackets.TCP, tcp).frame());
    }

    private GuestPackets.V4 packet() {
        return new GuestPackets.V4().from(GuestPackets.GUEST_V4 + guest).to(to)
                .stations(GuestPackets.GUEST + guest, GuestPackets.ROUTER);
    }
}
