package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.control.BridgeSettings;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;

/// A kernel leaves the checksums of what is sent through a tap to the switch: those of a DHCP client, say, that gives
/// its address back, through a socket. What a client of VDE gets of a hub is complete, as tshark finds.
@Timeout(240)
class TapDhcpChecksumsTest {
    private static final String SCRIPT = """
            #!/bin/sh
            PATH=/usr/sbin:/usr/bin:/sbin:/bin
            case $reason$1 in
            PREINIT) ip link set $interface up ;;
            BOUND) ip addr replace $new_ip_address/24 dev $interface ;;
            bound) ip addr replace $ip/24 dev $interface ;;
            esac
            echo "client: $reason$1" >>LOG
            """;
    private static final int VDE_PORT = 9;
    private static final int CAPTURE_MAGIC = 0xa1b2_c3d4;
    private static final int LINK_TYPE_ETHERNET = 1;
    private static final int OPTIONS = 14 + 20 + 8 + 240;
    private static final int REQUEST = 3;
    private static final int RELEASE = 7;

    @TempDir
    private Path folder;
    private final String tap = Sandbox.unique("vsc");
    private final List<byte[]> frames = new ArrayList<>();
    private Sandbox sandbox;
    private RunningSwitch network;
    private PlugClient listener;
    private Thread reader;
    private volatile boolean stopped;

    @AfterEach
    void stop() throws InterruptedException {
        stopped = true;
        if (reader != null) {
            reader.join();
        }
        if (listener != null) {
            listener.close();
        }
        if (network != null) {
            network.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    @Test
    void shouldCompleteThoseOfDhclient() throws Exception {
        start("dhclient");
        String[] command = {"dhclient", "-d", "-v", "-sf", script(), "-lf", folder.resolve("leases").toString(), "-pf",
            folder.resolve("pid").toString(), tap};
        try (Child client = Child.start(sandbox.inside(command))) {
            client.await("bound to 10.0.2.15"); // it has written its lease by then
            client.kill();
        }
        command[1] = "-r";
        try (Child client = Child.start(sandbox.inside(command))) {
            assertEquals(0, client.status(), client::describe);
            assertComplete(RELEASE);
        }
    }

    /// It takes its address at once (RFC 4039), and its processes part before what gives it back is sent: it is made to
    /// ask again.
    @Test
    void shouldCompleteThoseOfDhcpcd() throws Exception {
        start("dhcpcd");
        sandbox.run("ip", "link", "set", tap, "up");
        String own = "mount -t tmpfs none /var/lib/dhcpcd && mount -t tmpfs none /run && exec dhcpcd -B -d -4 -c "
                + script() + " " + tap;
        try (Child client = Child.start(sandbox.inside("sh", "-c", own))) {
            bound("client: BOUND");
            signal(client, "HUP", REQUEST);
            assertComplete(REQUEST);
        }
    }

    @Test
    void shouldCompleteThoseOfUdhcpc() throws Exception {
        start("busybox");
        sandbox.run("ip", "link", "set", tap, "up");
        try (Child client = Child.start(sandbox.inside("busybox", "udhcpc", "-f", "-i", tap, "-s", script()))) {
            bound("client: bound");
            signal(client, "USR2", RELEASE);
            assertComplete(RELEASE);
        }
    }

    private void start(String program) throws Exception {
        Child.assumeInstalled(program, "tshark");
        sandbox = Sandbox.create();
        Files.createFile(folder.resolve("log"));
        Files.writeString(folder.resolve("script"), SCRIPT.replace("LOG", folder.resolve("log").toString()));
        Files.setPosixFilePermissions(folder.resolve("script"), PosixFilePermissions.fromString("rwxr-xr-x"));
        BridgeSettings usual = BridgeSettings.DEFAULT;
        BridgeSettings hub = new BridgeSettings(usual.portCount(), true, false, usual.macAddress(), usual.priority(),
                usual.addresses(), usual.guards());
        network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString()).with(hub)
                .withLinks(List.of("tap://" + tap, "slirp://")));
        listener = PlugClient.plug(network.directory(), VDE_PORT);
        reader = Thread.ofPlatform().start(this::listen);
        sandbox.take(tap);
    }

    private void listen() {
        while (!stopped) {
            try {
                byte[] frame = listener.frame();
                synchronized (frames) {
                    frames.add(frame);
                }
            } catch (LinuxException silence) {
                stopped |= !silence.is(Errno.EAGAIN);
            }
        }
    }

    private String script() {
        return folder.resolve("script").toString();
    }

    private void bound(String line) {
        Sandbox.await(line, 60, () -> {
            try {
                return Files.readAllLines(folder.resolve("log")).contains(line);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    /// Signals the client, which forgets it while it waits for its script, until it has sent what is wanted.
    private void signal(Child client, String name, int kind) {
        long[] nextNs = {System.nanoTime()};
        Sandbox.await("message " + kind + " after " + name, 60, () -> {
            if (System.nanoTime() - nextNs[0] >= 0 && client.isAlive()) {
                try (Child kill = Child.start("kill", "-" + name, Long.toString(client.pid()))) {
                    kill.status();
                }
                nextNs[0] += TimeUnit.SECONDS.toNanos(2);
            }
            return isThere(kind);
        });
    }

    private void await(int kind) {
        Sandbox.await("message " + kind, 60, () -> isThere(kind));
    }

    private boolean isThere(int kind) {
        synchronized (frames) {
            return frames.stream().anyMatch(frame -> messageType(frame) == kind);
        }
    }

    /// The kind of DHCP message, 0 for another frame.
    private static int messageType(byte[] frame) {
        int option = OPTIONS;
        while (option + 2 < frame.length && frame[23] == 17 && frame[option] != 53) {
            option += frame[option] == 0 ? 1 : 2 + (frame[option + 1] & 0xff);
        }
        return option + 2 < frame.length && frame[23] == 17 ? frame[option + 2] : 0;
    }

    /// All that client and router have said: the kinds of message, and what tshark thinks of their checksums.
    private void assertComplete(int kind) throws IOException {
        await(kind);
        Path capture = folder.resolve("vde.pcap");
        try (OutputStream out = Files.newOutputStream(capture)) {
            out.write(ByteBuffer.allocate(24).putInt(CAPTURE_MAGIC).putShort((short) 2).putShort((short) 4).putLong(0)
                    .putInt(1 << 18).putInt(LINK_TYPE_ETHERNET).array());
            synchronized (frames) {
                for (byte[] frame : frames) {
                    out.write(ByteBuffer.allocate(16 + frame.length).putLong(0).putInt(frame.length)
                            .putInt(frame.length).put(frame).array());
                }
            }
        }
        List<String> lines = Child.run("tshark", "-n", "-r", capture.toString(), "-o", "ip.check_checksum:TRUE", "-o",
                "udp.check_checksum:TRUE", "-Y", "dhcp", "-T", "fields", "-E", "separator=,", "-e", "dhcp.option.dhcp",
                "-e", "ip.checksum.status", "-e", "udp.checksum.status").lines()
                .filter(line -> line.matches("\\d+,.*")).toList();
        TreeSet<String> kinds = new TreeSet<>();
        for (String line : lines) {
            kinds.add(line.substring(0, line.indexOf(',')));
            assertTrue(line.endsWith(",1,1"), () -> "bad checksum of IP or UDP: " + lines);
        }
        assertTrue(kinds.containsAll(List.of("1", "5", Integer.toString(kind))), () -> "kinds of message: " + lines);
    }
}
