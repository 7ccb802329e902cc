package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A Linux guest in QEMU, emulated, so that every machine can have it; the same as that of the end-to-end tests. It
/// obeys shell commands.
///
/// @param qemu its process, whose standard streams are the guest's console
/// @param address of the guest
record QemuGuest(Child qemu, String address) implements AutoCloseable {
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(120);
    private static final String SCRIPT = """
            stty -echo < /dev/ttyS0
            echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
            ip addr add %s/24 dev eth0
            ip link set eth0 up
            iperf3 -s -D
            echo guest: status 0
            while read -r line; do eval "$line"; echo "guest: status $?"; done < /dev/ttyS0
            """;
    private static final Pattern RECEIVED = Pattern.compile(" ([0-9.]+) Kbits/sec +receiver");

    /// Whether there can be one, and if not, why.
    ///
    /// @return empty if there can
    static String obstacle(Workplace workplace) throws IOException {
        try {
            Command.run(List.of("sh", "-c", "command -v qemu-system-x86_64 && command -v iperf3"));
            Command.run(List.of(workplace.root().resolve("cli/src/test/guest/build").toString(),
                    image(workplace).toString()));
            return "";
        } catch (HarnessException missing) {
            return "no guest: " + missing.getMessage();
        }
    }

    /// Starts one; it boots by itself ([#ready]).
    ///
    /// Without MSI-X: with it QEMU 7.2 asks KVM for interrupts of vhost-user, and ends by SIGSEGV where there is none.
    /// Without fast string moves: a kernel that sees them copies by `rep movsb`, which QEMU emulates byte by byte, and
    /// then programs' reads and writes are all that is measured.
    ///
    /// @param network how it is plugged in ([QemuWiring#theirs]), its id being `n`
    /// @param address that it is given
    static QemuGuest boot(Workplace workplace, List<String> network, String address) throws IOException {
        String script = Base64.getEncoder().encodeToString(SCRIPT.formatted(address)
                .getBytes(StandardCharsets.US_ASCII));
        Path image = image(workplace);
        String mac = "52:54:00:00" + Pattern.compile("\\d+\\.\\d+\\.(\\d+)\\.(\\d+)").matcher(address)
                .replaceFirst(part -> ":%02x:%02x".formatted(Integer.parseInt(part.group(1)),
                        Integer.parseInt(part.group(2))));
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-cpu", "max,-erms,-fsrm", "-m", "128M",
                "-object", "memory-backend-memfd,id=memory,size=128M,share=on",
                "-machine", "q35,accel=tcg,memory-backend=memory", "-nodefaults", "-no-user-config",
                "-display", "none", "-serial", "stdio", "-kernel", image.resolve("kernel").toString(),
                "-initrd", image.resolve("initrd").toString(),
                "-append", "console=ttyS0 quiet no_timer_check panic=-1 guest.script=" + script));
        command.addAll(network);
        command.addAll(List.of("-device", "virtio-net-pci,netdev=n,vectors=0,mac=" + mac));
        return new QemuGuest(Child.console(workplace, "guest", command), address);
    }

    /// Waits until it is up.
    QemuGuest ready() {
        result(BOOT_LIMIT);
        return this;
    }

    /// Receives bytes over one TCP connection from this guest in another.
    ///
    /// @param seconds rounded up to whole ones
    /// @return Gbit/s that the receiver counted
    double gigabits(QemuGuest to, double seconds) {
        int whole = (int) Math.max(1, Math.ceil(seconds));
        qemu.say("iperf3 -f k -t " + whole + " -c " + to.address);
        String told = result(Bench.PATIENCE.plusSeconds(2L * whole));
        Matcher matcher = RECEIVED.matcher(told);
        if (!matcher.find()) {
            throw new HarnessException("iperf3 in a guest: " + told.strip());
        }
        return Double.parseDouble(matcher.group(1)) / 1e6;
    }

    @Override
    public void close() {
        qemu.kill();
    }

    /// What the guest writes until a command ends.
    private String result(Duration limit) {
        StringBuilder text = new StringBuilder();
        for (String line = qemu.line(limit); !line.contains("guest: status"); line = qemu.line(limit)) {
            if (line.startsWith("failed why=ended")) {
                throw new HarnessException("QEMU has ended: " + qemu.lastErrors());
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    private static Path image(Workplace workplace) {
        return workplace.root().resolve("cli/target/guest");
    }
}
