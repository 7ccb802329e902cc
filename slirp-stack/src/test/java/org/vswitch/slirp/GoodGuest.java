package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.wire.IpAddress;

/// Another guest of a router, one that behaves: the sign of life after whatever the first one did is that this one gets
/// its ping answered and has a connection, from SYN to the last FIN. Every frame that the router sends meanwhile, to
/// whomever, is checked.
final class GoodGuest implements AutoCloseable {
    /// Where its server listens: at the address outside of [GuestPackets].
    static final int SERVER_PORT = 4_711;
    static final int V4 = GuestPackets.GUEST_V4 + 1;
    private static final int FIRST_PORT = 20_000;

    final StackRig rig;
    private final RouterDrive drive;
    private final SentSegments.Consumer others;
    private int port = FIRST_PORT;
    private int sequence;
    private int acknowledgment;
    private byte[] heard;
    private byte[] lastOfOthers;

    /// A guest that has done nothing yet.
    ///
    /// @param others gets the frames that are not for this guest
    GoodGuest(StackRig rig, SentSegments.Consumer others) {
        this.rig = rig;
        this.others = others;
        drive = new RouterDrive(rig, this::take, () -> { });
        rig.host.server(0, IpAddress.v4(OUTSIDE_V4), SERVER_PORT).echoing();
    }

    /// What the router has to do is done, and what it has sent is looked at.
    void turn() {
        drive.turn();
    }

    /// Time goes by, from deadline to deadline.
    void pass(long ns) {
        drive.pass(ns);
    }

    /// A ping, and a connection on which something goes there and back.
    void live() {
        turn();
        send(new GuestPackets.V4().payload(ICMP, Pings.echo(8, 0x7777, 1, (byte) 9)).to(ROUTER_V4));
        assertEquals("0000" + "77770001" + "09", Pings.message(hear()));
        port++;
        sequence = 1_000;
        acknowledgment = 0;
        segment(FuzzFrames.SYN, "");
        assertEquals(FuzzFrames.SYN | FuzzFrames.ACK, hear()[47]);
        sequence++;
        acknowledgment = ByteBuffer.wrap(heard).getInt(38) + 1;
        segment(FuzzFrames.ACK, "");
        segment(FuzzFrames.ACK, "hello");
        byte[] packet = FrameCheck.packet(hear());
        assertEquals("hello", new String(Arrays.copyOfRange(packet, packet.length - 5, packet.length)));
        sequence += 5;
        acknowledgment += 5;
        segment(FuzzFrames.ACK | FuzzFrames.FIN, "");
        assertEquals(FuzzFrames.ACK | FuzzFrames.FIN, hear()[47] & ~FuzzFrames.PSH);
        sequence++;
        acknowledgment++;
        segment(FuzzFrames.ACK, "");
    }

    /// The last frame that was not for this guest.
    byte[] lastOfOthers() {
        return lastOfOthers;
    }

    private void segment(int flags, String text) {
        byte[] tcp = new GuestSegment(port, SERVER_PORT, sequence, acknowledgment).of(flags, text.getBytes());
        send(new GuestPackets.V4().payload(GuestPackets.TCP, tcp));
    }

    private void send(GuestPackets.V4 packet) {
        heard = null;
        byte[] frame = packet.from(V4).stations(OTHER_GUEST, ROUTER).frame();
        FuzzFrames.repair(frame);
        rig.send(frame);
        turn();
        turn();
    }

    private byte[] hear() {
        assertNotNull(heard, "the router is silent");
        return heard;
    }

    private void take(byte[] frame) {
        if (HexFormat.of().formatHex(frame, 0, 6).equals(HexFormat.of().toHexDigits(OTHER_GUEST, 12))) {
            heard = frame;
        } else {
            lastOfOthers = frame;
            others.take(frame);
        }
    }

    @Override
    public void close() {
        drive.close();
    }
}
