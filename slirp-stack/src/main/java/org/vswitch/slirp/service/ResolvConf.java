package org.vswitch.slirp.service;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.slirp.wire.Dns;
import org.vswitch.wire.IpAddress;

/// What `/etc/resolv.conf` says (resolv.conf(5)), as far as a proxy needs it. Immutable.
///
/// Read like the C library does: keywords at the start of a line, comments with `#` or `;` there, what is unknown is
/// passed over. Beyond it, an address may stand in brackets with a port behind (`[::1]:5353`), and eight servers are
/// taken in place of three. `attempts` is passed over: who asks repeats the question himself.
///
/// @param servers in the order in which they are asked, at most [#MAX_SERVERS]
/// @param timeoutSeconds how long a query may take, 1 to 30
/// @param rotate whether the servers take turns in being the first
/// @param skipped servers that cannot be used, as they are written there and why
public record ResolvConf(List<Server> servers, int timeoutSeconds, boolean rotate, List<String> skipped) {
    /// The most servers that are used.
    public static final int MAX_SERVERS = 8;
    /// Without any server.
    public static final ResolvConf NONE = parse("");

    private static final int DEFAULT_TIMEOUT_SECONDS = 5;
    private static final int MAX_TIMEOUT_SECONDS = 30;
    private static final int MAX_PORT = 65_535;
    private static final long V4_LOOPBACK = IpAddress.v4(0x7f00_0001);

    /// A name server.
    ///
    /// @param high upper half of its address ([IpAddress])
    /// @param low lower half of its address
    /// @param port usually [Dns#PORT]
    public record Server(long high, long low, int port) {
    }

    /// Keeps copies of the lists.
    public ResolvConf {
        servers = List.copyOf(servers);
        skipped = List.copyOf(skipped);
    }

    /// Reads the text of the file; there are no errors, only lines that mean nothing.
    ///
    /// @param text any
    /// @return what it says
    public static ResolvConf parse(String text) {
        List<Server> servers = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        int timeoutSeconds = DEFAULT_TIMEOUT_SECONDS;
        boolean rotate = false;
        for (String line : text.lines().toList()) {
            String[] words = line.stripTrailing().split("[ \t]+");
            if (words[0].equals("nameserver") && words.length > 1) {
                addServer(words[1], servers, skipped);
            }
            for (int i = 1; i < words.length && words[0].equals("options"); i++) {
                rotate |= words[i].equals("rotate");
                if (words[i].matches("timeout:\\d{1,9}")) {
                    int seconds = Integer.parseInt(words[i].substring(words[i].indexOf(':') + 1));
                    timeoutSeconds = Math.clamp(seconds, 1, MAX_TIMEOUT_SECONDS);
                }
            }
        }
        return new ResolvConf(servers, timeoutSeconds, rotate, skipped);
    }

    private static void addServer(String word, List<Server> servers, List<String> skipped) {
        int bracket = word.startsWith("[") ? word.indexOf(']') : -1;
        String address = bracket < 0 ? word : word.substring(1, bracket);
        String behind = bracket < 0 ? "" : word.substring(bracket + 1);
        if (address.contains("%") || address.toLowerCase().matches("fe[89ab][0-9a-f]:.*")) {
            skipped.add(word + ": a link-local server is not reached without its interface");
            return;
        }
        int port = port(behind);
        Server server = port < 0 ? null : server(address, port);
        if (server == null || IpAddress.isMulticast(server.high, server.low)) {
            skipped.add(word + ": not the address of a server");
        } else if (servers.size() == MAX_SERVERS) {
            skipped.add(word + ": more than " + MAX_SERVERS + " servers");
        } else if (!servers.contains(server)) {
            servers.add(server);
        }
    }

    /// The port that stands behind an address in brackets.
    private static int port(String behind) {
        if (behind.isEmpty()) {
            return Dns.PORT;
        }
        int port = behind.matches(":\\d{1,5}") ? Integer.parseInt(behind.substring(1)) : 0;
        return port > 0 && port <= MAX_PORT ? port : -1;
    }

    /// The host itself, which 0.0.0.0 and :: mean, answers from its loopback.
    private static Server server(String address, int port) {
        InetAddress literal;
        try {
            literal = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException notAnAddress) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(literal.getAddress());
        if (literal instanceof Inet4Address) {
            long low = IpAddress.v4(bytes.getInt());
            return new Server(0, IpAddress.isUnspecified(0, low) ? V4_LOOPBACK : low, port);
        }
        long high = bytes.getLong();
        long low = bytes.getLong();
        return new Server(high, high == 0 && low == 0 ? 1 : low, port);
    }
}
