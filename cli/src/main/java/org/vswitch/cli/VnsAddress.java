package org.vswitch.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Collectors;
import org.vswitch.plug.DhcpLease;

/// The address of a command's interface, which follows the lease.
///
/// Theory of operation. A process with threads cannot enter the command's user namespace, so nsenter and ip(8) do what
/// is to be done there: seldom, as a lease that is only renewed changes nothing.
final class VnsAddress {
    /// Run with address and prefix length, router and text of resolv.conf, each empty if there is none. Only a
    /// resolv.conf that is the command's own is written.
    private static final String CHANGE = """
            ip -4 address flush dev eth0 || exit
            [ -z "$1" ] || ip address add "$1" dev eth0 || exit
            [ -z "$2" ] || ip route replace default via "$2" dev eth0 || exit
            [ -z "$3" ] || printf '%s' "$3" >/etc/resolv.conf
            """;

    private final long pid;
    private final boolean hasResolvConf;
    private final Log log;

    /// The address as it is.
    ///
    /// @param pid of a process in the namespaces
    /// @param first lease when they were made
    /// @param log told of changes
    VnsAddress(long pid, Optional<DhcpLease> first, Log log) {
        this.pid = pid;
        this.log = log;
        hasResolvConf = first.filter(lease -> !lease.nameServers().isEmpty()).isPresent();
    }

    /// The text of /etc/resolv.conf; empty if no name server is known.
    static String resolvConf(Optional<DhcpLease> lease) {
        List<InetAddress> servers = lease.map(DhcpLease::nameServers).orElse(List.of());
        return servers.stream().map(server -> "nameserver " + server.getHostAddress() + "\n")
                .collect(Collectors.joining());
    }

    /// Follows what a DHCP client says, on a thread that ends with this process.
    void follow(BlockingQueue<Optional<DhcpLease>> leases) {
        Thread.ofPlatform().daemon().name("address").start(() -> {
            try {
                while (true) {
                    change(leases.take());
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void change(Optional<DhcpLease> lease) throws InterruptedException {
        String address = lease.map(own -> own.address().getHostAddress() + "/" + own.prefixLength()).orElse("");
        String router = lease.flatMap(DhcpLease::router).map(InetAddress::getHostAddress).orElse("");
        try {
            Process change = new ProcessBuilder("nsenter", "--preserve-credentials", "--user", "--net", "--mount",
                    "--target", Long.toString(pid), "sh", "-c", CHANGE, "vns", address, router,
                    hasResolvConf ? resolvConf(lease) : "").redirectErrorStream(true).start();
            change.getOutputStream().close();
            String output = new String(change.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            log.line(change.waitFor() != 0 ? "cannot change the address of eth0: "
                    + output.lines().findFirst().orElse("nsenter or ip failed")
                    : address.isEmpty() ? "the lease is over: eth0 has no address until there is another"
                    : "the address of eth0 is " + address + " from now on");
        } catch (IOException missing) {
            log.line("cannot change the address of eth0: " + missing.getMessage());
        }
    }
}
