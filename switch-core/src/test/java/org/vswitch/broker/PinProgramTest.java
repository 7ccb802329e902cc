package org.vswitch.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.IpPrefix;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.TunTap;

/// Frames from a pinned tap into a bridge of the kernel's, on whose other port is seen what came through.
class PinProgramTest {
    private static final long MAC = 0x52_54_00_00_00_01L;
    private static final int HEADER = 12;
    private static final String OWN = "525400000001";
    private static final String OTHER = "525400000002";
    private static final String OWN_IP = "0a000005";
    private static final String OTHER_IP = "0a000006";
    private static final String OWN_IP6 = "fd000000000000000000000000000005";
    private static final String OTHER_IP6 = "fd000000000000000000000000000006";
    private static final String LINK_LOCAL = "fe80000000000000505400fffe000001";
    private static final String NO_IP6 = "00".repeat(16);
    private static final SourcePin PIN = new SourcePin(Optional.of(List.of(0x02_00_00_00_00_09L, MAC)),
            Optional.of(List.of("10.0.0.5", "192.168.0.0/23", "fd00::5").stream()
                    .map(text -> IpPrefix.parse(text).orElseThrow()).toList()));

    private final Sandbox sandbox = Sandbox.create();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(4096);
    private TunTap witness;
    private TapMaker.Made pinned;

    @BeforeEach
    void makeBridge() throws IOException {
        sandbox.run("ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
        sandbox.run("ip", "link", "set", "br0", "up");
        sandbox.run("sh", "-c", "for each in /proc/sys/net/bridge/bridge-nf-call-*; do"
                + " [ ! -e $each ] || echo 0 >$each; done"); // it drops headers that make no sense
        witness = inside(() -> TunTap.make("witness", HEADER));
        sandbox.run("ip", "link", "set", "witness", "master", "br0", "up");
    }

    @AfterEach
    void close() {
        if (pinned != null) {
            pinned.tap().close();
            pinned.device().close();
        }
        witness.close();
        arena.close();
        sandbox.close();
    }

    private interface Making<T> {
        T make() throws IOException;
    }

    private <T> T inside(Making<T> making) throws IOException {
        AtomicReference<T> made = new AtomicReference<>();
        try (NetworkNamespace namespace = NetworkNamespace.open(sandbox.name())) {
            namespace.run(() -> {
                try {
                    made.set(making.make());
                } catch (LinuxException refusal) {
                    throw refusal;
                } catch (IOException refusal) {
                    throw new UncheckedIOException(refusal);
                }
            });
        }
        return made.get();
    }

    private void pin(SourcePin pin) throws IOException {
        pinned = inside(() -> new TapMaker(Path.of("/proc/sys/net")).make(
                new GrantRequest("pinned", "br0", 0, 0, Optional.empty(), Optional.empty()),
                new Ingress(pin, false), ""));
    }

    private static byte[] frame(String source, String rest) {
        return HexFormat.of().parseHex("ffffffffffff" + source + rest);
    }

    private static byte[] arp(String source, String operation, String sender, String senderIp) {
        return frame(source, "0806" + "000108000604" + operation + sender + senderIp
                + "000000000000" + "0a000001");
    }

    private static byte[] ipv4(String from, int protocol, String payload) {
        return frame(OWN, "0800" + "450000000000000040" + String.format("%02x", protocol) + "0000"
                + from + "0a000001" + payload);
    }

    private static byte[] ipv6(String from, int next, String payload) {
        return frame(OWN, "86dd" + "60000000" + String.format("%04x%02xff", payload.length() / 2, next) + from
                + "ff020000000000000000000000000001" + payload);
    }

    /// Whether a frame comes through; a frame that surely does follows it.
    private boolean passes(byte[] frame) {
        byte[] last = arp(OWN, "0001", OWN, OWN_IP);
        last[last.length - 1] = 99;
        write(frame);
        write(last);
        List<String> seen = new ArrayList<>();
        Sandbox.await("the frame behind it", () -> read(seen).contains(HexFormat.of().formatHex(last)));
        return seen.contains(HexFormat.of().formatHex(frame));
    }

    private void write(byte[] frame) {
        memory.fill((byte) 0);
        MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, HEADER, frame.length);
        assertEquals(HEADER + frame.length, pinned.tap().write(memory.address(), HEADER + frame.length));
    }

    private List<String> read(List<String> seen) {
        int length = witness.read(memory.address(), 4096);
        while (length > 0) {
            seen.add(HexFormat.of().formatHex(memory.asSlice(HEADER, length - HEADER).toArray(ValueLayout.JAVA_BYTE)));
            length = witness.read(memory.address(), 4096);
        }
        assertEquals(-Errno.EAGAIN.number(), length);
        return seen;
    }

    private void assertPasses(String what, byte[] frame) {
        assertEquals(true, passes(frame), what);
    }

    private void assertDropped(String what, byte[] frame) {
        assertEquals(false, passes(frame), what);
    }

    @Test
    void shouldLetOnlyItsOwnMacAddressesThrough() throws IOException {
        pin(PIN);
        byte[] own = ipv4(OWN_IP, 6, "00".repeat(20));
        String rest = HexFormat.of().formatHex(own).substring(24);
        assertPasses("own", own);
        assertDropped("another", frame(OTHER, rest));
        assertDropped("tagged", frame(OWN, "81000005" + rest));
        assertDropped("spanning tree", frame(OWN, "0026424203" + "00".repeat(40)));
        assertDropped("another protocol", frame(OWN, "88b5" + "00".repeat(40)));
    }

    @Test
    void shouldLetOnlyItsOwnAddressesThroughArp() throws IOException {
        pin(PIN);
        assertPasses("request", arp(OWN, "0001", OWN, OWN_IP));
        assertPasses("reply", arp(OWN, "0002", OWN, "c0a801ff"));
        assertPasses("probe", arp(OWN, "0001", OWN, "00000000"));
        assertDropped("another's address", arp(OWN, "0002", OWN, OTHER_IP));
        assertDropped("another's station", arp(OWN, "0002", OTHER, OWN_IP));
        assertDropped("inverse ARP", arp(OWN, "0008", OWN, OWN_IP));
        assertDropped("cut", Arrays.copyOf(arp(OWN, "0002", OWN, OTHER_IP), 41));
        assertDropped("cut before the address", Arrays.copyOf(arp(OWN, "0002", OWN, OTHER_IP), 28));
    }

    @Test
    void shouldLetOnlyItsOwnAddressesThroughIpv4() throws IOException {
        pin(PIN);
        assertPasses("own", ipv4(OWN_IP, 17, "0400003500080000"));
        assertPasses("own network", ipv4("c0a80001", 1, "0800000000000000"));
        assertDropped("beside the network", ipv4("c0a80201", 1, "0800000000000000"));
        assertDropped("another", ipv4(OTHER_IP, 17, "0400003500080000"));
        assertPasses("asks for an address", ipv4("00000000", 17, "0044004300080000"));
        assertDropped("no address, and no DHCP", ipv4("00000000", 17, "0400003500080000"));
        assertDropped("a DHCP server", ipv4(OWN_IP, 17, "0043004400080000"));
        assertDropped("another version", frame(OWN, "0800" + "65" + "00".repeat(11) + OWN_IP + OWN_IP));
        for (int length = 14; length < 34; length++) {
            assertDropped("length=" + length, Arrays.copyOf(ipv4(OTHER_IP, 6, ""), length));
        }
    }

    @Test
    void shouldLetOnlyItsOwnAddressesThroughIpv6() throws IOException {
        pin(PIN);
        assertPasses("own", ipv6(OWN_IP6, 6, "00".repeat(20)));
        assertPasses("link-local of the MAC address", ipv6(LINK_LOCAL, 17, "0222022300080000"));
        assertDropped("another", ipv6(OTHER_IP6, 6, "00".repeat(20)));
        assertDropped("another link-local", ipv6("fe80" + "00".repeat(13) + "01", 6, "00".repeat(20)));
        assertDropped("a DHCPv6 server", ipv6(OWN_IP6, 17, "0223022200080000"));
        assertDropped("none", ipv6(NO_IP6, 6, "00".repeat(20)));
        assertPasses("fragments of UDP", ipv6(OWN_IP6, 44, "11000001" + "00000000" + "0400003500080000"));
        assertDropped("fragments of ICMP", ipv6(OWN_IP6, 44, "3a000001" + "00000000" + "8600000000000000"));
        assertDropped("a header in front", ipv6(OWN_IP6, 60, "3a00010400000000" + "8600000000000000"));
        for (int length = 14; length < 54; length++) {
            assertDropped("length=" + length, Arrays.copyOf(ipv6(OTHER_IP6, 6, ""), length));
        }
    }

    @Test
    void shouldInspectNeighborDiscovery() throws IOException {
        pin(PIN);
        String zeros = "00000000";
        assertPasses("echo", ipv6(OWN_IP6, 58, "8000" + "0000" + zeros));
        assertDropped("router advertisement", ipv6(LINK_LOCAL, 58, "86000000" + zeros + "00".repeat(8)));
        assertDropped("redirect", ipv6(LINK_LOCAL, 58, "89000000" + zeros + OWN_IP6 + OWN_IP6));
        assertDropped("listener query", ipv6(LINK_LOCAL, 58, "82000000" + zeros + NO_IP6));
        assertPasses("router solicitation", ipv6(LINK_LOCAL, 58, "85000000" + zeros + "0101" + OWN));
        assertDropped("of another station", ipv6(LINK_LOCAL, 58, "85000000" + zeros + "0101" + OTHER));
        assertPasses("solicitation", ipv6(OWN_IP6, 58, "87000000" + zeros + OTHER_IP6 + "0101" + OWN));
        assertDropped("for another station", ipv6(OWN_IP6, 58, "87000000" + zeros + OTHER_IP6 + "0101" + OTHER));
        assertPasses("advertisement", ipv6(OWN_IP6, 58, "8800000060000000" + OWN_IP6 + "0201" + OWN));
        assertPasses("without option", ipv6(OWN_IP6, 58, "8800000060000000" + OWN_IP6));
        assertDropped("of another's address", ipv6(OWN_IP6, 58, "8800000060000000" + OTHER_IP6 + "0201" + OWN));
        assertDropped("of another station", ipv6(OWN_IP6, 58, "8800000060000000" + OWN_IP6 + "0201" + OTHER));
        assertDropped("behind a further option", ipv6(OWN_IP6, 58, "8800000060000000" + OWN_IP6 + "0e01" + OWN
                + "0201" + OTHER));
        assertPasses("is it free?", ipv6(NO_IP6, 58, "87000000" + zeros + OWN_IP6 + "0e01" + OTHER));
        assertDropped("another's", ipv6(NO_IP6, 58, "87000000" + zeros + OTHER_IP6 + "0e01" + OTHER));
        assertPasses("listener report", ipv6(NO_IP6, 0, "3a00050200000100" + "8f000000" + zeros));
        assertDropped("advertisement behind an alert", ipv6(OWN_IP6, 0, "3a00050200000100" + "88000000" + zeros
                + OTHER_IP6));
    }

    @Test
    void shouldPinStationsAlone() throws IOException {
        pin(new SourcePin(Optional.of(List.of(MAC)), Optional.empty()));
        assertPasses("any address", ipv4(OTHER_IP, 6, "00".repeat(20)));
        assertPasses("any protocol", frame(OWN, "88b5" + "00".repeat(40)));
        assertDropped("another station", frame(OTHER, "88b5" + "00".repeat(40)));
        assertDropped("ARP for another station", arp(OWN, "0002", OTHER, OWN_IP));
        assertDropped("tagged", frame(OWN, "8100000588b5" + "00".repeat(40)));
        assertDropped("spanning tree", frame(OWN, "0026424203" + "00".repeat(40)));
    }

    /// Random bytes behind addresses that are not its own never come through, however long they are.
    @Test
    void shouldLetNoOtherSourceThroughWhateverTheRest() throws IOException {
        pin(PIN);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<byte[]> samples = List.of(ipv4(OTHER_IP, 17, "0400003500080000"), ipv6(OTHER_IP6, 58, "8800000060000000"
                + OWN_IP6 + "0201" + OWN), arp(OWN, "0002", OWN, OTHER_IP));
        int[] addresses = {26, 22, 28};
        for (int i = 0; i < 2000; i++) {
            int which = random.nextInt(samples.size());
            byte[] frame = samples.get(which).clone();
            ByteBuffer kept = ByteBuffer.wrap(samples.get(which), addresses[which], which == 1 ? 16 : 4).slice();
            for (int flips = random.nextInt(6); flips > 0; flips--) {
                frame[14 + random.nextInt(frame.length - 14)] = (byte) random.nextInt(256);
            }
            kept.get(frame, addresses[which], kept.remaining());
            assertDropped("seed=" + seed + " frame=" + HexFormat.of().formatHex(frame),
                    Arrays.copyOf(frame, 14 + random.nextInt(frame.length - 13)));
        }
    }
}
