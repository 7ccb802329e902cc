package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.service.DhcpMessage.DECLINE;
import static org.vswitch.slirp.service.DhcpMessage.DISCOVER;
import static org.vswitch.slirp.service.DhcpMessage.INFORM;
import static org.vswitch.slirp.service.DhcpMessage.RELEASE;
import static org.vswitch.slirp.service.DhcpMessage.REQUEST;
import static org.vswitch.slirp.service.DhcpRig.ACK;
import static org.vswitch.slirp.service.DhcpRig.FIRST;
import static org.vswitch.slirp.service.DhcpRig.NAK;
import static org.vswitch.slirp.service.DhcpRig.OFFER;
import static org.vswitch.slirp.service.DhcpRig.ROUTER;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.IpAddress;

/// The states of a lease, as a client goes through them (RFC 2131, 3 and 4.3).
class DhcpServiceTest {
    private static final int DAY = 86_400;

    private final DhcpRig rig = new DhcpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Nested
    class Selecting {
        /// T8.
        @Test
        void shouldOfferTheFirstAddressAndLeaseIt() {
            DhcpAnswer offer = rig.ask(DhcpMessage.of(DISCOVER));
            assertEquals(OFFER, offer.type());
            assertEquals(FIRST, offer.yiaddr());
            assertEquals(0, rig.leases());
            DhcpAnswer answer = rig.ask(DhcpMessage.of(REQUEST).requested(FIRST).server(ROUTER));
            assertEquals(ACK, answer.type());
            assertEquals(FIRST, answer.yiaddr());
            assertEquals(0, answer.ciaddr());
            assertEquals(1, rig.leases());
            assertEquals(0, rig.drops());
        }

        @Test
        void shouldGiveEachItsOwn() {
            assertEquals(FIRST, rig.lease(GUEST));
            assertEquals(FIRST + 1, rig.lease(OTHER_GUEST));
        }

        /// T15.
        @Test
        void shouldGiveAStationTheSameAddressAgain() {
            assertEquals(FIRST, rig.lease(GUEST));
            rig.lease(OTHER_GUEST);
            assertEquals(FIRST, rig.lease(GUEST));
            rig.pass(3 * DAY);
            assertEquals(0, rig.leases());
            assertEquals(FIRST + 2, rig.lease(GUEST + 5), "an address that nobody had comes first");
            assertEquals(FIRST, rig.lease(GUEST));
        }

        /// T15: the client identifier is who it is, wherever it is; without one it is the station.
        @Test
        void shouldTellClientsApartByTheirIdentifier() {
            DhcpMessage one = DhcpMessage.of(DISCOVER).client("ff 01 02 03");
            DhcpMessage two = DhcpMessage.of(DISCOVER).client("ff 01 02 04");
            DhcpMessage moved = DhcpMessage.of(DISCOVER).client("ff 01 02 03").station(OTHER_GUEST);
            assertEquals(FIRST, rig.ask(one).yiaddr());
            assertEquals(FIRST + 1, rig.ask(two).yiaddr());
            assertEquals(FIRST, rig.ask(moved).yiaddr());
            assertEquals(FIRST + 2, rig.ask(DhcpMessage.of(DISCOVER)).yiaddr());
            assertEquals(FIRST + 2, rig.ask(DhcpMessage.of(DISCOVER).client("01 525400000015")).yiaddr());
        }

        @Test
        void shouldOfferWhatTheClientWishesIfItIsFree() {
            assertEquals(0x0a00_0263, rig.ask(DhcpMessage.of(DISCOVER).requested(0x0a00_0263)).yiaddr());
            int[] taken = {0x0a00_0263, ROUTER, GuestPackets.DNS_V4, 0x0a00_0200, 0x0a00_02ff, 0x0a00_0301, -1};
            for (int i = 0; i < taken.length; i++) {
                int offered = rig.ask(DhcpMessage.of(DISCOVER).requested(taken[i]).station(OTHER_GUEST + i)).yiaddr();
                assertEquals(FIRST + i, offered);
            }
        }

        @Test
        void shouldKeepAnOfferForAMinute() {
            assertEquals(FIRST, rig.ask(DhcpMessage.of(DISCOVER)).yiaddr());
            rig.pass(59);
            assertEquals(FIRST + 1, rig.ask(DhcpMessage.of(DISCOVER).station(OTHER_GUEST).requested(FIRST)).yiaddr());
            rig.pass(1);
            assertEquals(FIRST, rig.ask(DhcpMessage.of(DISCOVER).station(GUEST + 7).requested(FIRST)).yiaddr());
        }

        @Test
        void shouldForgetItsOfferWhenTheClientTakesAnother() {
            rig.ask(DhcpMessage.of(DISCOVER));
            rig.tell(DhcpMessage.of(REQUEST).requested(0x0a00_0280).server(0x0a00_0209));
            assertEquals(FIRST, rig.ask(DhcpMessage.of(DISCOVER).station(OTHER_GUEST).requested(FIRST)).yiaddr());
        }

        @Test
        void shouldNotTakeALeaseBackForARequestToAnotherServer() {
            rig.lease(GUEST);
            rig.tell(DhcpMessage.of(REQUEST).requested(FIRST).server(0x0a00_0209));
            assertEquals(1, rig.leases());
        }

        /// Bad input 29: somebody else's address, the router's, the name server's, one outside, broadcast.
        @ParameterizedTest
        @ValueSource(ints = {FIRST, ROUTER, GuestPackets.DNS_V4, 0x0a00_0200, 0x0a00_02ff, 0x0a00_030f, 0xc0a8_0001})
        void shouldRefuseAddressesThatAClientCannotHave(int address) {
            rig.lease(OTHER_GUEST);
            DhcpAnswer answer = rig.ask(DhcpMessage.of(REQUEST).requested(address).server(ROUTER));
            assertEquals(NAK, answer.type());
            assertEquals(0, answer.yiaddr());
            assertEquals("0a000202", answer.option(54));
            assertNotEquals(null, answer.option(56));
            assertNull(answer.option(51));
        }

        /// T17.
        @Test
        void shouldLeaseAtOnceIfTheClientPermits() {
            DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER).option(80));
            assertEquals(ACK, answer.type());
            assertEquals(FIRST, answer.yiaddr());
            assertEquals("", answer.option(80));
            assertEquals(1, rig.leases());
            assertNull(rig.ask(DhcpMessage.of(REQUEST).requested(FIRST).option(80)).option(80));
        }

        /// An address that a guest uses without having asked for it is not offered.
        @Test
        void shouldNotOfferWhatIsInUse() {
            rig.neighbors.learn(0, IpAddress.v4(FIRST), OTHER_GUEST, rig.nowNs);
            rig.neighbors.learn(0, IpAddress.v4(FIRST + 1), GUEST, rig.nowNs);
            assertEquals(FIRST + 1, rig.ask(DhcpMessage.of(DISCOVER).requested(FIRST)).yiaddr());
        }

        /// A newcomer's address is asked for first; a client that repeats itself meanwhile is answered once, and later
        /// without delay.
        @Test
        void shouldAskWhoHasAnAddressBeforeItIsOffered() {
            rig.give(DhcpMessage.of(DISCOVER).frame());
            assertEquals(List.of(FIRST), rig.asked());
            rig.nowNs += AddressProbes.WAIT_NS / 2;
            rig.give(DhcpMessage.of(DISCOVER).option(80).frame());
            assertEquals(List.of(), rig.asked());
            long askedNs = rig.nowNs - AddressProbes.WAIT_NS / 2;
            rig.expire();
            assertEquals(AddressProbes.WAIT_NS, rig.nowNs - askedNs);
            DhcpAnswer answer = rig.take();
            assertEquals(FIRST, answer.yiaddr());
            assertEquals(ACK, answer.type(), "the message that came last");
            rig.give(DhcpMessage.of(DISCOVER).frame());
            assertEquals(FIRST, rig.take().yiaddr());
            rig.pass(2 * DAY);
            rig.give(DhcpMessage.of(DISCOVER).frame());
            assertEquals(FIRST, rig.take().yiaddr(), "it is known");
            assertEquals(0, rig.waiting());
        }

        /// BOOTP's clients wait as well.
        @Test
        void shouldAskWhoHasAnAddressBeforeBootpGivesIt() {
            rig.give(DhcpMessage.bootp().frame());
            assertEquals(List.of(FIRST), rig.asked());
            rig.neighbors.learn(0, IpAddress.v4(FIRST), OTHER_GUEST, rig.nowNs);
            rig.expire();
            assertEquals(List.of(FIRST + 1), rig.asked());
            assertEquals(0, rig.leases());
            rig.expire();
            assertEquals(FIRST + 1, rig.take().yiaddr());
            assertEquals(1, rig.leases());
        }

        /// Who has every address keeps nobody from getting one.
        @Test
        void shouldNotAskForEver() {
            rig.give(DhcpMessage.of(DISCOVER).frame());
            for (int i = 0; i < AddressProbes.MAX_TRIES; i++) {
                assertEquals(List.of(FIRST + i), rig.asked());
                rig.neighbors.learn(0, IpAddress.v4(FIRST + i), OTHER_GUEST + i, rig.nowNs);
                rig.expire();
            }
            assertEquals(FIRST + AddressProbes.MAX_TRIES, rig.take().yiaddr());
            assertEquals(0, rig.waiting());
        }

        /// Who comes back with an address, or has chosen another server, waits no longer.
        @Test
        void shouldForgetAQuestionWhenTheClientGoesOn() {
            rig.give(DhcpMessage.of(DISCOVER).frame());
            assertEquals(List.of(FIRST), rig.asked());
            assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).requested(FIRST)).type());
            rig.give(DhcpMessage.of(DISCOVER).station(OTHER_GUEST).frame());
            assertEquals(List.of(FIRST + 1), rig.asked());
            rig.tell(DhcpMessage.of(REQUEST).requested(0x0a00_0280).server(0x0a00_0209).station(OTHER_GUEST));
            assertEquals(0, rig.waiting());
        }

        /// An address that a client once had, and that another station has taken since, is not offered to it again.
        @Test
        void shouldNotOfferAgainWhatAnotherHasTaken() {
            rig.lease(GUEST);
            rig.tell(DhcpMessage.of(RELEASE).ciaddr(FIRST).server(ROUTER).unicast());
            rig.neighbors.learn(0, IpAddress.v4(FIRST), OTHER_GUEST, rig.nowNs);
            assertEquals(FIRST + 1, rig.lease(GUEST));
        }

        /// Nor is it confirmed to another who names it.
        @Test
        void shouldRefuseWhatIsInUse() {
            rig.neighbors.learn(0, IpAddress.v4(FIRST), OTHER_GUEST, rig.nowNs);
            assertEquals(NAK, rig.ask(DhcpMessage.of(REQUEST).requested(FIRST)).type());
            assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).requested(FIRST).station(OTHER_GUEST)).type());
        }
    }

    @Nested
    class Bound {
        /// T12: renewing goes from station to station.
        @Test
        void shouldProlongALease() {
            rig.lease(GUEST);
            rig.pass(DAY - 1);
            DhcpAnswer answer = rig.ask(DhcpMessage.of(REQUEST).ciaddr(FIRST).unicast().flags(0x8000));
            assertEquals(ACK, answer.type());
            assertEquals(FIRST, answer.yiaddr());
            assertEquals(FIRST, answer.ciaddr());
            assertEquals(FIRST, answer.destination());
            assertEquals(GUEST, answer.station());
            rig.pass(DAY - 1);
            assertEquals(1, rig.leases());
            rig.pass(1);
            assertEquals(0, rig.leases());
        }

        /// T12: rebinding goes to all; the answer does not.
        @Test
        void shouldProlongALeaseOfAClientThatAsksAll() {
            rig.lease(GUEST);
            DhcpAnswer answer = rig.ask(DhcpMessage.of(REQUEST).ciaddr(FIRST));
            assertEquals(ACK, answer.type());
            assertEquals(FIRST, answer.destination());
        }

        @Test
        void shouldRefuseToProlongSomebodyElsesLease() {
            rig.lease(OTHER_GUEST);
            DhcpAnswer answer = rig.ask(DhcpMessage.of(REQUEST).ciaddr(FIRST).unicast());
            assertEquals(NAK, answer.type());
            assertEquals(-1, answer.destination());
            assertEquals(GuestPackets.EVERYBODY, answer.station());
        }

        /// T12: a client that starts again and names the right, or the wrong, address.
        @Test
        void shouldConfirmOrRefuseTheAddressOfAClientThatStartsAgain() {
            rig.lease(GUEST);
            assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).requested(FIRST)).type());
            assertEquals(NAK, rig.ask(DhcpMessage.of(REQUEST).requested(FIRST + 1)).type());
            assertEquals(NAK, rig.ask(DhcpMessage.of(REQUEST).requested(0xc0a8_0102)).type());
        }

        /// The router has started again, its guests have not.
        @Test
        void shouldConfirmAnAddressThatIsFree() {
            assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).requested(0x0a00_0240)).type());
            assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).ciaddr(0x0a00_0241).station(OTHER_GUEST)).type());
            assertEquals(2, rig.leases());
            assertEquals(NAK, rig.ask(DhcpMessage.of(REQUEST).requested(0x0a00_0240).station(GUEST + 9)).type());
        }

        @Test
        void shouldOfferAClientWhatItHas() {
            rig.lease(GUEST);
            assertEquals(FIRST, rig.ask(DhcpMessage.of(DISCOVER).requested(FIRST + 20)).yiaddr());
            assertEquals(1, rig.leases(), "an offer does not end the lease");
        }

        /// T14.
        @Test
        void shouldTakeBackWhatIsReleased() {
            rig.lease(GUEST);
            rig.tell(DhcpMessage.of(RELEASE).ciaddr(FIRST).server(ROUTER).unicast());
            assertEquals(0, rig.leases());
            assertEquals(FIRST, rig.lease(GUEST), "it is remembered");
        }

        /// T14: only whose it is, and from where it was leased.
        @Test
        void shouldNotTakeBackWhatIsSomebodyElses() {
            rig.lease(GUEST);
            rig.refuse(StackDrop.BAD_SOURCE, DhcpMessage.of(RELEASE).ciaddr(FIRST).server(ROUTER)
                    .station(OTHER_GUEST));
            rig.refuse(StackDrop.BAD_SOURCE, DhcpMessage.of(RELEASE).ciaddr(FIRST).server(ROUTER)
                    .sender(OTHER_GUEST));
            rig.refuse(StackDrop.BAD_SOURCE, DhcpMessage.of(RELEASE).ciaddr(FIRST + 1).server(ROUTER));
            rig.tell(DhcpMessage.of(RELEASE).ciaddr(FIRST).server(0x0a00_0209));
            assertEquals(1, rig.leases());
        }

        /// T14: an address that is in use by somebody else is not given to anybody for ten minutes.
        @Test
        void shouldKeepAwayFromWhatIsDeclined() {
            rig.lease(GUEST);
            rig.tell(DhcpMessage.of(DECLINE).requested(FIRST).server(ROUTER));
            assertEquals(0, rig.leases());
            assertEquals(FIRST + 1, rig.lease(GUEST));
            assertEquals(NAK, rig.ask(DhcpMessage.of(REQUEST).requested(FIRST).station(OTHER_GUEST)).type());
            rig.pass(600);
            assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).requested(FIRST).station(OTHER_GUEST)).type());
        }

        @Test
        void shouldNotLetAClientDeclineForOthers() {
            rig.lease(GUEST);
            rig.refuse(StackDrop.BAD_SOURCE,
                    DhcpMessage.of(DECLINE).requested(FIRST).server(ROUTER).station(OTHER_GUEST));
            rig.refuse(StackDrop.BAD_SOURCE, DhcpMessage.of(DECLINE).requested(FIRST + 1).server(ROUTER));
            assertEquals(1, rig.leases());
        }
    }

    /// T13.
    @Test
    void shouldInformWhoHasAnAddress() {
        DhcpAnswer answer = rig.ask(DhcpMessage.of(INFORM).ciaddr(0x0a00_0299));
        assertEquals(ACK, answer.type());
        assertEquals(0, answer.yiaddr());
        assertEquals(0x0a00_0299, answer.ciaddr());
        assertEquals(0x0a00_0299, answer.destination());
        assertEquals("0a000203", answer.option(6));
        for (int code : new int[] {51, 58, 59}) {
            assertNull(answer.option(code), "option " + code);
        }
        assertEquals(0, rig.leases());
        rig.refuse(StackDrop.BAD_SOURCE, DhcpMessage.of(INFORM));
    }

    /// T16: no options of DHCP, 300 bytes.
    @Test
    void shouldAnswerBootp() {
        DhcpAnswer answer = rig.ask(DhcpMessage.bootp());
        assertEquals(FIRST, answer.yiaddr());
        assertEquals(300, answer.length());
        assertEquals(List.of(1, 3, 6, 12, 28), answer.codes());
        assertEquals(FIRST, rig.ask(DhcpMessage.bootp()).yiaddr());
        assertEquals(1, rig.leases());
        assertEquals(FIRST + 1, rig.lease(OTHER_GUEST));
    }
}
