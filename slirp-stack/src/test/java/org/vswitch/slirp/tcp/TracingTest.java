package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.RST;
import static org.vswitch.slirp.tcp.TcpRig.SYN;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.host.FakeReport;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.IpAddress;

/// SYNs that get only some hops far: T43.
class TracingTest {
    private static final long HOP = IpAddress.v4(0xc000_0201);

    private final TcpRig guest = new TcpRig();
    private final FakeHost host = guest.host;

    @AfterEach
    void close() {
        guest.close();
    }

    /// What is new here costs usual connections nothing, not even a question to the kernel.
    @ParameterizedTest
    @ValueSource(ints = {32, 64, 128, 255})
    void shouldLeaveUsualConnectionsAlone(int hopLimit) {
        guest.hopLimit = hopLimit;
        guest.syn(0);
        assertEquals(0, host.hopLimit);
        host.accept();
        guest.turn().expect(SYN | ACK);
        assertEquals(0, host.lifted);
        assertEquals(0, host.asked);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 31})
    void shouldGoNoFurtherThanTheGuestWould(int hopLimit) {
        guest.hopLimit = hopLimit;
        guest.syn(0).nothing();
        assertEquals(hopLimit - 1, host.hopLimit);
    }

    @Test
    void shouldSayWhichHopEndedIt() {
        guest.hopLimit = 5;
        guest.syn(0).nothing();
        host.report(FakeReport.timeExceeded(0, HOP));
        host.refuse(Errno.EHOSTUNREACH);
        guest.turn().nothing();
        assertEquals(11, guest.icmpType);
        assertEquals(HOP, guest.icmpReporter);
        assertEquals(5, guest.icmpHopLimit);
        assertFalse(host.open);
        assertEquals(0, guest.splice.flows());
    }

    /// A hop that is near answers before the kernel's connect() has returned; then the socket goes on connecting.
    @Test
    void shouldNotWaitForTheSocketToFail() {
        guest.hopLimit = 2;
        host.report(FakeReport.timeExceeded(0, HOP));
        guest.syn(0).nothing();
        assertEquals(11, guest.icmpType);
        assertFalse(host.open);
        assertEquals(0, guest.splice.flows());
    }

    /// A refusal that a hop reports is not the destination's, so it is no reset; a reset is one as ever.
    @Test
    void shouldTellResetsFromReports() {
        guest.hopLimit = 9;
        guest.syn(0);
        host.report(new FakeReport(Errno.ECONNREFUSED, 3, 3, 0, 0, HOP));
        host.refuse(Errno.ECONNREFUSED);
        guest.turn().nothing();
        assertEquals(3, guest.icmpType);
        guest.syn(0);
        host.refuse(Errno.ECONNREFUSED);
        assertEquals(1, guest.turn().expect(RST | ACK).ack());
    }

    @Test
    void shouldReachAsFarAsAnyOnceConnected() {
        guest.hopLimit = 9;
        guest.syn(0);
        assertEquals(8, host.hopLimit);
        host.accept();
        guest.routerIsn += guest.turn().expect(SYN | ACK).seq();
        assertEquals(0, host.hopLimit);
        assertEquals(1, host.lifted);
        guest.send(1, 1, ACK, "text").expectAck(5);
        assertEquals("text", new String(host.received()));
        assertEquals(1, host.lifted);
    }

    /// A reply is never forged: of a hop that says nothing the guest hears nothing, but that there was no connection.
    @Test
    void shouldTimeOutAsOthersDo() {
        guest.hopLimit = 3;
        guest.syn(0).pass(120_000).nothing();
        assertTrue(host.open);
        assertEquals(0, guest.icmpErrno);
        guest.pass(20_000).nothing();
        assertEquals(Errno.ETIMEDOUT.number(), guest.icmpErrno);
        assertEquals(0, guest.icmpType);
        assertFalse(host.open);
    }

    /// With the next hop limit, from the same port.
    @Test
    void shouldNotWaitForAHopThatSaysNothing() {
        guest.hopLimit = 3;
        guest.syn(0).syn(0).nothing();
        assertEquals(1, host.opened);
        guest.hopLimit = 4;
        guest.syn(0).nothing();
        assertEquals(2, host.opened);
        assertEquals(3, host.hopLimit);
        guest.hopLimit = 64;
        guest.syn(0).nothing();
        assertEquals(3, host.opened);
        assertEquals(0, host.hopLimit);
        guest.hopLimit = 63;
        guest.syn(0).nothing();
        assertEquals(3, host.opened);
        assertEquals(1, guest.splice.flows());
        assertEquals(0, guest.counters.value(StackDrop.MALFORMED));
    }

    /// The router's own services are at the router, however far it goes for them.
    @Test
    void shouldNotLimitWhatTheRouterDoesForItself() {
        guest.elsewhere = IpAddress.v4(0x0808_0808);
        guest.hopLimit = 1;
        guest.syn(0).nothing();
        assertEquals(0, host.hopLimit);
        assertEquals(1, host.opened);
    }
}
