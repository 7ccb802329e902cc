package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.service.DhcpMessage.DISCOVER;
import static org.vswitch.slirp.service.DhcpMessage.REQUEST;
import static org.vswitch.slirp.service.DhcpRig.FIRST;
import static org.vswitch.slirp.service.DhcpRig.NAK;
import static org.vswitch.slirp.service.DhcpRig.ROUTER;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.ip.StackDrop;

/// What stands in the answers of DHCP, and where they go.
class DhcpRepliesTest {
    private static final DhcpSettings RICH = new DhcpSettings(FIRST, DNS_V4, 9000, "vm", "lab.example",
            List.of("lab.example", "example"));
    private static final int RELAY = 0x0a00_0263;

    @Nested
    class Options {
        /// T9.
        @Test
        void shouldTellEverythingUnasked() {
            try (DhcpRig rig = new DhcpRig(24, RICH)) {
                DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER));
                assertEquals(List.of(53, 54, 51, 58, 59, 1, 3, 6, 12, 15, 26, 28, 119), answer.codes());
                assertEquals("0a000202", answer.option(54));
                assertEquals("00015180", answer.option(51));
                assertEquals("0000a8c0", answer.option(58));
                assertEquals("00012750", answer.option(59));
                assertEquals("ffffff00", answer.option(1));
                assertEquals("0a000202", answer.option(3));
                assertEquals("0a000203", answer.option(6));
                assertEquals(hex("vm"), answer.option(12));
                assertEquals(hex("lab.example"), answer.option(15));
                assertEquals("2328", answer.option(26));
                assertEquals("0a0002ff", answer.option(28));
                assertEquals("03" + hex("lab") + "07" + hex("example") + "00" + "c004", answer.option(119));
            }
        }

        /// T10: what is asked for, in that order, once; the mask in front of the router (RFC 2132, 3.3).
        @Test
        void shouldFollowTheListOfTheClient() {
            try (DhcpRig rig = new DhcpRig(24, RICH)) {
                DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER)
                        .option(55, 6, 42, 26, 6, 53, 3, 12, 1, 51, 255, 0));
                assertEquals(List.of(53, 54, 51, 58, 59, 6, 26, 1, 3, 12), answer.codes());
                assertEquals("0a000203", answer.option(6), "once");
            }
        }

        /// T10: what is not asked for is absent; an unusual MTU is not left to chance.
        @Test
        void shouldLeaveOutWhatIsNotAskedFor() {
            try (DhcpRig rig = new DhcpRig(24, RICH)) {
                assertEquals(List.of(53, 54, 51, 58, 59, 15, 26),
                        rig.ask(DhcpMessage.of(DISCOVER).option(55, 15)).codes());
            }
            try (DhcpRig rig = new DhcpRig()) {
                assertEquals(List.of(53, 54, 51, 58, 59, 3),
                        rig.ask(DhcpMessage.of(DISCOVER).option(55, 26, 15, 119, 3)).codes());
            }
        }

        /// T20 (RFC 6842).
        @Test
        void shouldReturnTheClientIdentifier() {
            try (DhcpRig rig = new DhcpRig()) {
                assertEquals("ff0102", rig.ask(DhcpMessage.of(DISCOVER).client("ff 01 02")).option(61));
                assertEquals("ff0102", rig.ask(DhcpMessage.of(REQUEST).client("ff 01 02").requested(1)).option(61));
                assertEquals("", rig.ask(DhcpMessage.of(DISCOVER).option(61)).option(61));
                assertFalse(rig.ask(DhcpMessage.of(DISCOVER)).codes().contains(61));
            }
        }

        /// T21.
        @Test
        void shouldNameNoRouterWhereThereIsNoWayOut() {
            try (DhcpRig rig = new DhcpRig(24, new DhcpSettings(FIRST, 0, 1500, "", "", List.of()))) {
                DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER).option(55, 1, 3, 6, 12));
                assertEquals(List.of(53, 54, 51, 58, 59, 1), answer.codes());
            }
        }

        /// T19.
        @Test
        void shouldBeAsLongAsBootpAtLeast() {
            try (DhcpRig rig = new DhcpRig()) {
                assertEquals(300, rig.ask(DhcpMessage.of(DISCOVER)).length());
                assertEquals(300, rig.ask(DhcpMessage.of(REQUEST).requested(1)).length());
            }
        }

        /// T9: no more than 548 bytes of message, or what the client takes.
        @Test
        void shouldStayWithinWhatTheClientTakes() {
            List<String> search = Collections.nCopies(1, "a".repeat(63) + "." + "b".repeat(63) + "." + "c".repeat(63)
                    + "." + "d".repeat(61));
            DhcpSettings longest = new DhcpSettings(FIRST, DNS_V4, 1500, "h".repeat(255), "", search);
            try (DhcpRig rig = new DhcpRig(24, longest)) {
                DhcpAnswer usual = rig.ask(DhcpMessage.of(DISCOVER).option(55, 1, 12, 119, 28));
                assertTrue(usual.length() <= 548, usual.length() + " bytes");
                assertEquals(List.of(53, 54, 51, 58, 59, 1, 28), usual.codes().stream().filter(c -> c != 12).toList());
                DhcpAnswer large = rig.ask(DhcpMessage.of(DISCOVER).option(55, 1, 12, 119, 28).option(57, 5, 0xdc));
                assertEquals(List.of(53, 54, 51, 58, 59, 1, 12, 119, 28), large.codes());
            }
        }

        @Test
        void shouldCompressTheSearchList() {
            assertEquals("03" + hex("eng") + "05" + hex("apple") + "03" + hex("com") + "00"
                    + "09" + hex("marketing") + "c004",
                    HexFormat.of().formatHex(SearchList.encode(List.of("eng.apple.com", "marketing.apple.com"))));
            assertEquals(0, SearchList.encode(List.of()).length);
        }
    }

    @Nested
    class Delivery {
        /// T11.
        @Test
        void shouldSendToTheClientAlone() {
            try (DhcpRig rig = new DhcpRig()) {
                DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER));
                assertEquals(GUEST, answer.station());
                assertEquals(FIRST, answer.destination());
                assertEquals(ROUTER, answer.source());
                assertEquals(68, answer.destinationPort());
                assertEquals(0, answer.flags());
            }
        }

        /// T11: from a client that cannot receive at an address it does not have yet.
        @Test
        void shouldSendToAllIfTheClientWishes() {
            try (DhcpRig rig = new DhcpRig()) {
                DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER).flags(0x8000));
                assertEquals(EVERYBODY, answer.station());
                assertEquals(-1, answer.destination());
                assertEquals(0x8000, answer.flags());
            }
        }

        @Test
        void shouldSendToAnAddressOnlyIfItIsTheClients() {
            try (DhcpRig rig = new DhcpRig()) {
                DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER).flags(0x8000).ciaddr(0x0a00_0277));
                assertEquals(-1, answer.destination());
                assertEquals(0, answer.ciaddr());
            }
        }

        /// What a relay has added goes back to it, last.
        @Test
        void shouldAnswerThroughTheRelay() {
            try (DhcpRig rig = new DhcpRig()) {
                DhcpAnswer answer = rig.ask(DhcpMessage.of(DISCOVER).flags(0x8000).giaddr(RELAY)
                        .sender(OTHER_GUEST).option(82, 1, 2, 9, 9));
                assertEquals(OTHER_GUEST, answer.station());
                assertEquals(RELAY, answer.destination());
                assertEquals(67, answer.destinationPort());
                assertEquals(RELAY, answer.giaddr());
                assertEquals("01020909", answer.option(82));
                assertEquals(82, answer.codes().getLast());
                DhcpAnswer refusal = rig.ask(DhcpMessage.of(REQUEST).giaddr(RELAY).sender(OTHER_GUEST).requested(1));
                assertEquals(NAK, refusal.type());
                assertEquals(RELAY, refusal.destination());
                assertEquals(0x8000, refusal.flags(), "the relay is to send it to all");
                assertNull(rig.ask(DhcpMessage.of(DISCOVER).option(82, 1, 0)).option(82), "who is no relay");
            }
        }

        /// Bad input 29: an answer never leaves the guests' network.
        @Test
        void shouldNotAnswerRelaysElsewhere() {
            try (DhcpRig rig = new DhcpRig()) {
                rig.refuse(StackDrop.BAD_SOURCE, DhcpMessage.of(DISCOVER).octet(24, 8).octet(27, 8));
                rig.refuse(StackDrop.BAD_SOURCE, DhcpMessage.of(DISCOVER).octet(24, 10).octet(26, 2).octet(27, 2));
            }
        }
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
