package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vswitch.bridge.BridgePort;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;

/// Guests of a switch as members of the LAN that the host is on. A pair of veth is the host's network card and the
/// cable; behind it a namespace is the LAN, with a station and, on a switch of its own, a router with a DHCP server.
@Timeout(180)
class UplinkTest {
    private static final int UPLINK = 1;
    private static final int LONGEST = 1514;
    private static final String STATION = "10.0.2.9";
    private static final int STATION_NUMBER = 0x0a000209;
    private static final String SCRIPT = """
            #!/bin/sh
            PATH=/usr/sbin:/usr/bin:/sbin:/bin
            case $reason in
            PREINIT) ip link set $interface up ;;
            BOUND|REBOOT) ip addr replace $new_ip_address/24 dev $interface ;;
            esac
            """;

    /// The ways to the LAN.
    enum Kind {
        /// A tap joins a bridge whose port the network card is.
        BRIDGE,
        /// A macvtap has the network card to itself.
        MACVTAP;

        private String connect(Sandbox host, String card) {
            if (this == MACVTAP) {
                return "macvtap://uplink[on=" + card + "]";
            }
            host.take(card);
            host.run("ip", "link", "add", "br0", "type", "bridge");
            host.run("ip", "link", "set", card, "master", "br0", "up");
            host.run("ip", "link", "set", "br0", "up");
            return "tap://uplink[bridge=br0,up,netns=" + host.name() + "]";
        }
    }

    @TempDir
    private Path folder;
    private final String card = Sandbox.unique("vsn");
    private final String guestTap = Sandbox.unique("vsg");
    private Sandbox host;
    private Sandbox lan;
    private Sandbox guest;
    private RunningSwitch router;
    private RunningSwitch network;

    private void start(Kind kind, String guard) throws Exception {
        host = Sandbox.create();
        lan = Sandbox.create();
        guest = Sandbox.create();
        Sandbox.execute("ip", "link", "add", card, "type", "veth", "peer", "name", "cable", "netns", lan.name());
        lan.run("ip", "link", "add", "lan0", "type", "bridge");
        lan.run("ip", "link", "set", "cable", "master", "lan0", "up");
        give(lan, "lan0", STATION + "/24", "fd00::9/64");
        router = RunningSwitch.start(SwitchConfig.in(folder.resolve("router").toString())
                .withLinks(List.of("slirp://", "tap://dhcp[bridge=lan0,up,netns=" + lan.name() + "]")));
        network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString())
                .withLinks(List.of(kind.connect(host, card), "tap://" + guestTap + guard)));
        guest.take(guestTap);
    }

    private static void give(Sandbox sandbox, String networkInterface, String... addresses) {
        sandbox.run("sysctl", "-q", "-w", "net.ipv6.conf." + networkInterface + ".disable_ipv6=0");
        for (String address : addresses) {
            String[] nodad = address.contains(":") ? new String[] {"nodad"} : new String[0];
            sandbox.run(Stream.concat(Stream.of("ip", "addr", "add", address, "dev", networkInterface),
                    Stream.of(nodad)).toArray(String[]::new));
        }
        sandbox.run("ip", "link", "set", networkInterface, "up");
    }

    @AfterEach
    void stop() {
        for (RunningSwitch each : new RunningSwitch[] {network, router}) {
            if (each != null) {
                each.close();
            }
        }
        for (Sandbox each : new Sandbox[] {host, lan, guest}) {
            if (each != null) {
                each.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldMakeGuestsMembersOfTheLan(Kind kind) throws Exception {
        Child.assumeInstalled("iperf3");
        start(kind, "");
        lease();
        Child.run(guest.inside("ping", "-q", "-c", "1", "-W", "10", STATION));
        give(guest, guestTap, "fd00::15/64");
        Child.run(guest.inside("ping", "-q", "-c", "1", "-W", "10", "fd00::9"));
        BridgePort.Traffic before = traffic();
        long up = TapEndToEndTest.transfer(guest, lan, STATION, "32M");
        BridgePort.Traffic between = traffic();
        assertTrue((between.bytesOut() - before.bytesOut()) / (between.framesOut() - before.framesOut()) > LONGEST,
                up + " bytes, " + before + ", " + between);
        long down = TapEndToEndTest.transfer(lan, guest, "10.0.2.15", "32M");
        BridgePort.Traffic after = traffic();
        assertTrue((after.bytesIn() - between.bytesIn()) / (after.framesIn() - between.framesIn()) > LONGEST,
                down + " bytes, " + between + ", " + after);
    }

    private void lease() throws IOException {
        Child.assumeInstalled("dhclient", "ping");
        Path script = Files.writeString(folder.resolve("script"), SCRIPT);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Child client = Child.start(guest.inside("dhclient", "-d", "-1", "-v", "-sf", script.toString(), "-lf",
                folder.resolve("leases").toString(), "-pf", folder.resolve("pid").toString(), guestTap))) {
            client.await("bound to 10.0.2.15");
            client.kill();
        }
    }

    private BridgePort.Traffic traffic() {
        return network.ask(bridge -> bridge.ports().port(UPLINK).traffic());
    }

    /// The station's answer comes behind whatever would come back of the question by itself, and its next question
    /// behind what would come back with other broadcasts.
    @ParameterizedTest
    @EnumSource
    void shouldCarryBroadcastsAndEchoNothing(Kind kind) throws Exception {
        start(kind, "");
        try (PlugClient client = PlugClient.plug(network.directory(), 0);
                Child _ = Child.start(lan.inside("ping", "-q", "-W", "60", "-w", "60", "10.0.2.77"))) {
            long destination = 0;
            while (destination != Frames.BROADCAST) {
                byte[] frame = client.frame();
                destination = source(frame) == Frames.A || type(frame) != Frames.ARP ? 0 : destination(frame);
            }
            client.frame(Frames.arpRequest(Frames.A, 0x0a00024d, STATION_NUMBER));
            while (destination != Frames.A) {
                byte[] frame = client.frame();
                assertNotEquals(Frames.A, source(frame), "an echo");
                destination = destination(frame);
            }
            while (destination != Frames.BROADCAST) {
                byte[] frame = client.frame();
                assertNotEquals(Frames.A, source(frame), "a late echo");
                destination = destination(frame);
            }
        }
        assertNotEquals(UPLINK, network.portOf(Frames.A));
    }

    private static long destination(byte[] frame) {
        return ByteBuffer.wrap(frame).getLong() >>> 16;
    }

    private static long source(byte[] frame) {
        return ByteBuffer.wrap(frame, 6, Long.BYTES).getLong() >>> 16;
    }

    private static int type(byte[] frame) {
        return ByteBuffer.wrap(frame).getShort(12) & 0xffff;
    }

    /// The guest's guard lets it use the address that the LAN's server has leased.
    @ParameterizedTest
    @EnumSource
    void shouldBeBelievedByGuards(Kind kind) throws Exception {
        start(kind, "[guard=ip+arp]");
        lease();
        Child.run(guest.inside("ping", "-q", "-c", "1", "-W", "10", STATION));
    }
}
