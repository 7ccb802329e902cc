package org.vswitch.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.IpPrefix;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.TunTap;

/// A host that has a second address, routes for everybody, and listens at all addresses: what a tap's user can reach.
class ReachProgramTest {
    private static final int PORT = 7777;
    private static final int HEADER = 12;
    private static final long MAC = 0x52_54_00_00_00_01L;
    private static final String GUEST = "525400000009";
    private static final String OWN = "0a090001";
    private static final String OTHER = "c0000201";
    private static final String ROUTED = "c0000209";
    private static final String OWN_IP6 = "fd000009000000000000000000000001";
    private static final String OTHER_IP6 = "fd000005000000000000000000000001";
    private static final String ROUTED_IP6 = "fd000005000000000000000000000009";
    private static final String GUEST_IP6 = "fd000009000000000000000000000005";
    private static final String LINK_LOCAL = "fe80000000000000505400fffe000001";

    private final Sandbox host = Sandbox.create();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory = arena.allocate(4096);
    private final List<AutoCloseable> open = new ArrayList<>();
    private TunTap out;
    private TapMaker.Made tap;
    private DatagramChannel service;
    private DatagramChannel dhcp;

    @BeforeEach
    void prepare() throws Exception {
        host.run("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0",
                "net.ipv6.conf.default.accept_dad=0");
        host.run("ip", "link", "set", "lo", "up");
        out = inside(() -> TunTap.make("out", HEADER));
        host.run("sh", "-c", "ip link set out up && ip addr add 192.0.2.1/24 dev out"
                + " && ip addr add fd00:5::1/64 dev out && ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev out"
                + " && ip neigh add fd00:5::9 lladdr 02:00:00:00:00:09 dev out");
        service = listen(PORT);
        dhcp = listen(67);
        open.add(out);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        arena.close();
        host.close();
    }

    private interface Making<T> {
        T make() throws IOException;
    }

    private <T> T inside(Making<T> making) throws Exception {
        CompletableFuture<T> made = new CompletableFuture<>();
        try (NetworkNamespace namespace = NetworkNamespace.open(host.name())) {
            namespace.run(() -> {
                try {
                    made.complete(making.make());
                } catch (IOException refusal) {
                    throw new UncheckedIOException(refusal);
                }
            });
        }
        return made.join();
    }

    private DatagramChannel listen(int port) throws Exception {
        DatagramChannel channel = inside(() -> DatagramChannel.open().bind(new InetSocketAddress(port)));
        channel.configureBlocking(false);
        open.add(channel);
        return channel;
    }

    /// The tap, in a host that is told afterwards to route.
    private void make(boolean anywhere, String... addresses) throws Exception {
        List<IpPrefix> own = List.of(addresses).stream().map(text -> IpPrefix.parse(text).orElseThrow()).toList();
        GrantRequest request = new GrantRequest("tap", "", 0, MAC, own.stream().filter(IpPrefix::isIpv4).findFirst(),
                own.stream().filter(IpPrefix::isIpv6).findFirst());
        tap = inside(() -> new TapMaker(Path.of("/proc/sys/net"))
                .make(request, new Ingress(SourcePin.NONE, anywhere), ""));
        open.add(tap.tap());
        open.add(tap.device());
        host.run("sysctl", "-q", "-w", "net.ipv4.conf.all.forwarding=1", "net.ipv6.conf.all.forwarding=1");
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    /// With the complement of the sum of the 16-bit words of this text in place of `CCCC`.
    private static String checked(String text, String pseudoHeader) {
        byte[] bytes = HexFormat.of().parseHex(pseudoHeader + text.replace("CCCC", "0000"));
        int sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return text.replace("CCCC", String.format("%04x", ~sum & 0xffff));
    }

    private static String udp(int from, int to, String word) {
        return String.format("%04x%04x%04xCCCC%s", from, to, 8 + word.length(), hex(word));
    }

    private void ipv4(String mac, String source, String destination, String udp) {
        String payload = udp.replace("CCCC", "0000");
        write(mac + GUEST + "0800" + checked(String.format("4500%04x000000004011CCCC%s%s", 20 + payload.length() / 2,
                source, destination), "") + payload);
    }

    private void ipv6(String mac, String destination, int next, String payload) {
        String length = String.format("%04x", payload.length() / 2);
        write(mac + GUEST + "86dd" + "60000000" + length + String.format("%02xff", next) + GUEST_IP6 + destination
                + checked(payload, GUEST_IP6 + destination + "0000" + length + String.format("000000%02x", next)));
    }

    private void write(String frame) {
        byte[] bytes = HexFormat.of().parseHex(frame);
        memory.fill((byte) 0);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, HEADER, bytes.length);
        assertEquals(HEADER + bytes.length, tap.tap().write(memory.address(), HEADER + bytes.length));
    }

    /// What came up to the word that surely does, by the same way and therefore in the same order.
    private List<String> heard(DatagramChannel channel, String last) {
        List<String> heard = new ArrayList<>();
        Sandbox.await(last, () -> {
            String word = receive(channel);
            while (!word.isEmpty()) {
                heard.add(word);
                word = receive(channel);
            }
            return heard.contains(last);
        });
        return heard;
    }

    private static String receive(DatagramChannel channel) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(100);
            return channel.receive(bytes) == null ? ""
                    : new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Whether a frame with this text waits behind an interface.
    private boolean leaves(TunTap device, String wanted) {
        boolean seen = false;
        int length = device.read(memory.address(), 4096);
        while (length > 0) {
            seen |= HexFormat.of().formatHex(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)).contains(wanted);
            length = device.read(memory.address(), 4096);
        }
        return seen;
    }

    private void sayAllOverIpv4() {
        String mac = "525400000001";
        ipv4(mac, "0a090005", OTHER, udp(9, PORT, "other"));
        ipv4(mac, "0a090005", ROUTED, udp(9, PORT, "routed"));
        ipv4("ffffffffffff", "0a090005", "0a0900ff", udp(9, PORT, "subnet"));
        ipv4("ffffffffffff", "0a090005", "ffffffff", udp(9, PORT, "all"));
        ipv4("ffffffffffff", "00000000", "ffffffff", udp(68, PORT, "nobody"));
        ipv4("ffffffffffff", "00000000", "ffffffff", udp(68, 67, "dhcp"));
        ipv4(mac, "0a090005", OWN, udp(9, PORT, "own"));
    }

    private void sayAllOverIpv6() {
        String mac = "525400000001";
        ipv6(mac, OTHER_IP6, 17, udp(9, PORT, "other6"));
        ipv6(mac, ROUTED_IP6, 17, udp(9, PORT, "routed6"));
        ipv6(mac, LINK_LOCAL, 17, udp(9, PORT, "link6"));
        ipv6(mac, OWN_IP6, 17, udp(9, PORT, "own6"));
    }

    @Test
    void shouldLetATapReachNothingButItsOwnAddress() throws Exception {
        make(false, "10.9.0.1/24", "fd00:9::1/64");
        sayAllOverIpv4();
        assertEquals(List.of("own"), heard(service, "own"));
        assertEquals(List.of("dhcp"), heard(dhcp, "dhcp"));
        sayAllOverIpv6();
        assertEquals(List.of("link6", "own6"), heard(service, "own6"));
        assertTrue(!leaves(out, hex("routed")), "nothing is routed");
    }

    /// Without the filter all of that gets in: this is what it is for.
    @Test
    void shouldLetATapReachAllThatTheHostHasIfThePolicySaysSo() throws Exception {
        make(true, "10.9.0.1/24", "fd00:9::1/64");
        sayAllOverIpv4();
        assertEquals(List.of("other", "subnet", "all", "nobody", "own"), heard(service, "own"));
        assertEquals(List.of("dhcp"), heard(dhcp, "dhcp"));
        assertTrue(leaves(out, hex("routed")));
        sayAllOverIpv6();
        assertEquals(List.of("other6", "link6", "own6"), heard(service, "own6"));
        assertTrue(leaves(out, hex("routed6")));
    }

    @Test
    void shouldStillAnswerArpAndNeighborDiscovery() throws Exception {
        make(false, "10.9.0.1/24", "fd00:9::1/64");
        write("ffffffffffff" + GUEST + "0806" + "0001080006040001" + GUEST + "0a090005" + "000000000000" + OWN);
        Sandbox.await("ARP", () -> leaves(tap.tap(), "0806" + "0001080006040002" + "525400000001" + OWN));
        ipv6("3333ff000001", "ff0200000000000000000001ff000001", 58,
                "8700CCCC00000000" + OWN_IP6 + "0101" + GUEST);
        Sandbox.await("neighbor discovery", () -> leaves(tap.tap(), "3aff" + OWN_IP6));
    }

    /// An address of one family opens nothing for the other, and none opens nothing at all.
    @Test
    void shouldTakeNothingWithoutAnAddress() throws Exception {
        make(false, "10.9.0.1/24");
        host.run("sysctl", "-q", "-w", "net.ipv6.conf.tap.disable_ipv6=0");
        sayAllOverIpv6();
        sayAllOverIpv4();
        assertEquals(List.of("own"), heard(service, "own"));
        host.run("ip", "link", "del", "tap");
        make(false);
        host.run("ip", "addr", "add", "10.9.0.1/24", "dev", "tap");
        sayAllOverIpv4();
        host.run("ip", "link", "del", "tap");
        make(false, "10.9.0.1/24");
        ipv4("525400000001", "0a090005", OWN, udp(9, PORT, "last"));
        assertEquals(List.of("last"), heard(service, "last"));
        assertEquals("dhcp", receive(dhcp), "with an address");
        assertEquals("", receive(dhcp), "without");
    }
}
