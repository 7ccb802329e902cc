package org.vswitch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.vswitch.fixture.Repository;

/// A Linux guest in QEMU, plugged into a VDE network, that obeys shell commands: station N, which has the address
/// 10.0.0.N unless it is to get others from the network.
final class Guest implements AutoCloseable {
    private static final String SCRIPT = """
            stty -echo < /dev/ttyS0
            (sleep 600; poweroff -f) &
            %s
            ip link set eth0 up
            echo guest: ready
            while read -r line; do eval "$line"; echo "guest: status $?"; done < /dev/ttyS0
            """;
    private static final String IPV4_ONLY = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    private static final Object BUILDING = new Object();

    private final Child qemu;
    private final int number;
    private boolean ready;

    private Guest(Child qemu, int number) {
        this.qemu = qemu;
        this.number = number;
    }

    /// Starts a guest; does not wait until it is there. Skips the test where there can be none.
    static Guest boot(Path network, int number) {
        return boot(network, number, IPV4_ONLY + "; ip addr add 10.0.0." + number + "/24 dev eth0");
    }

    /// Starts a guest without addresses, of which the kernel gets those of IPv6 by itself.
    static Guest bootWithoutAddress(Path network, int number) {
        return boot(network, number, "");
    }

    private static Guest boot(Path network, int number, String configuration) {
        Path image = image();
        String script = SCRIPT.formatted(configuration);
        String encoded = Base64.getEncoder().encodeToString(script.getBytes(StandardCharsets.US_ASCII));
        Child qemu = Child.start("qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max", "-m", "128M",
                "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio",
                "-kernel", image.resolve("kernel").toString(), "-initrd", image.resolve("initrd").toString(),
                "-append", "console=ttyS0 quiet panic=-1 guest.script=" + encoded,
                "-netdev", "vde,id=n,sock=" + network,
                "-device", "virtio-net-pci,netdev=n,mac=52:54:00:00:00:%02x".formatted(number));
        return new Guest(qemu, number);
    }

    /// Kernel and initial file system, made once.
    private static Path image() {
        Child.assumeInstalled("qemu-system-x86_64", "busybox", "iperf3", "cpio");
        Path folder = Repository.root().resolve("cli/target/guest");
        synchronized (BUILDING) {
            if (!Files.exists(folder.resolve("kernel"))) {
                String build = Repository.root().resolve("cli/src/test/guest/build").toString();
                try (Child building = Child.start(build, folder.toString())) {
                    Assumptions.assumeTrue(building.status() == 0, "no guest: " + building.output());
                }
            }
        }
        return folder;
    }

    /// Runs a command in the guest, which must succeed.
    ///
    /// @return its output
    String run(String command) {
        if (!ready) {
            qemu.await("guest: ready");
            ready = true;
        }
        qemu.say(command);
        List<String> lines = qemu.await("guest: status");
        String output = String.join("\n", lines.subList(0, lines.size() - 1));
        if (!lines.getLast().contains("status 0")) {
            throw new AssertionError(command + ": " + lines.getLast() + "\n" + output);
        }
        return output;
    }

    /// Makes the guest end by itself, as its user would.
    void powerOff() {
        qemu.say("poweroff -f");
        qemu.status();
    }

    /// Ends QEMU as `kill -9` does.
    void kill() {
        qemu.kill();
    }

    long macAddress() {
        return 0x5254_0000_0000L | number;
    }

    String address() {
        return "10.0.0." + number;
    }

    @Override
    public void close() {
        qemu.close();
    }
}
