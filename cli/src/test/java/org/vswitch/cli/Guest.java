package org.vswitch.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.vswitch.fixture.Repository;

/// A Linux guest in QEMU, or of User Mode Linux, plugged into a network, that obeys shell commands: station N, which
/// has the address 10.0.0.N unless it is to get others from the network.
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
        return boot(network, number, withAddress(number));
    }

    /// Starts a guest whose memory is shared with whoever is at the other end of a socket. It may be reset, and have
    /// memory plugged in.
    ///
    /// Without MSI-X: with it QEMU 7.2 asks KVM for interrupts of vhost-user, and ends by SIGSEGV where there is none.
    ///
    /// @param socket what QEMU is told about it: a path, and whether to listen or to connect to it again and again
    /// @param queues how many queue pairs and processors it has
    /// @param control path of a socket for QEMU's machine protocol
    static Guest bootVhostUser(String socket, int queues, Path control, int number) {
        return boot(number, withAddress(number), "-object", "memory-backend-memfd,id=memory,size=192M,share=on",
                "-machine", "q35,accel=tcg,memory-backend=memory", "-smp", Integer.toString(queues),
                "-m", "192M,slots=2,maxmem=512M",
                "-chardev", "socket,id=c,path=" + socket,
                "-netdev", "vhost-user,id=n,chardev=c,queues=" + queues,
                "-device", "virtio-net-pci,netdev=n,vectors=0,mac=" + macText(number)
                        + (queues > 1 ? ",mq=on" : ""),
                "-qmp", "unix:" + control + ",server=on,wait=off");
    }

    /// Starts a guest without addresses, of which the kernel gets those of IPv6 by itself.
    static Guest bootWithoutAddress(Path network, int number) {
        return boot(network, number, "");
    }

    /// Starts a guest with its address on another network back-end than VDE's.
    ///
    /// @param netdev as QEMU's option `-netdev` has it, its id being `n`
    static Guest bootOn(String netdev, int number) {
        return boot(netdev, number, withAddress(number));
    }

    /// Starts a guest without addresses as somebody does who pastes arguments that were printed for him.
    ///
    /// @param arguments of QEMU, with a blank between them
    static Guest bootPasted(String arguments, int number) {
        List<String> machine = new ArrayList<>(List.of("-accel", "tcg"));
        machine.addAll(List.of(arguments.strip().split(" +")));
        return boot(number, IPV4_ONLY, machine.toArray(String[]::new));
    }

    /// Starts a guest of User Mode Linux without addresses, as somebody does who pastes an argument that was printed.
    ///
    /// @param device its argument that describes the interface, `eth0=..` or `vec0:..`
    /// @param home where it may leave its files
    static Guest bootUserMode(String device, Path home, int number) {
        Child.assumeInstalled("linux.uml");
        String rename = device.startsWith("vec0:") ? "ip link set vec0 name eth0; " : "";
        Path image = image();
        return new Guest(Child.start("env", "HOME=" + home, "linux.uml", "mem=128M", "quiet",
                "initrd=" + image.resolve("initrd"), "guest.script=" + encoded(rename + IPV4_ONLY),
                "ssl0=fd:0,fd:1", "con=null", "console=ttyS0", device), number);
    }

    private static Guest boot(Path network, int number, String configuration) {
        return boot("vde,id=n,sock=" + network, number, configuration);
    }

    private static Guest boot(String netdev, int number, String configuration) {
        return boot(number, configuration, "-machine", "q35,accel=tcg", "-no-reboot", "-netdev", netdev,
                "-device", "virtio-net-pci,netdev=n,mac=" + macText(number));
    }

    private static Guest boot(int number, String configuration, String... machine) {
        Path image = image();
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-cpu", "max", "-m", "128M",
                "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio",
                "-kernel", image.resolve("kernel").toString(), "-initrd", image.resolve("initrd").toString(),
                "-append", "console=ttyS0 quiet no_timer_check panic=-1 guest.script="
                        + encoded(configuration)));
        command.addAll(List.of(machine));
        return new Guest(Child.start(command.toArray(String[]::new)), number);
    }

    private static String encoded(String configuration) {
        return Base64.getEncoder().encodeToString(SCRIPT.formatted(configuration).getBytes(StandardCharsets.US_ASCII));
    }

    private static String withAddress(int number) {
        return IPV4_ONLY + "; ip addr add 10.0.0." + number + "/24 dev eth0";
    }

    private static String macText(int number) {
        return "52:54:00:00:00:%02x".formatted(number);
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

    /// Says that the guest has been reset: the next command waits until it is there again.
    void wasReset() {
        ready = false;
    }

    /// Of QEMU.
    long pid() {
        return qemu.pid();
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
