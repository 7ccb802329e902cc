package org.vswitch.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A VDE network as a URL names it: `vde://[CTLDIR][[PORT/group=GROUP/mode=MODE/sockets]]`.
///
/// @param directories where its control socket may lie, the first that has one counts
/// @param port a port number, the name of a socket of the directory, or empty for any port
/// @param group whose members may send to the plug's socket, or empty
/// @param mode the permissions of the plug's socket
/// @param socketsOnly whether frames go through sockets even if the switch offers to share memory
record VdeNetwork(List<String> directories, String port, String group, int mode, boolean socketsOnly) {
    private static final List<String> STANDARD = List.of("/var/run/vde.ctl", "/tmp/vde.ctl");
    private static final int DEFAULT_MODE = 0700;
    private static final int MAX_MODE = 07777;

    /// Reads a URL.
    static VdeNetwork parse(LinkUrl url) throws IOException {
        LinkOptions options = LinkOptions.parse(url, LinkOptions.Style.VDE_BRACKETS, "", "port=", "portgroup=",
                "group=", "mode=", "!sockets");
        String port = options.bare().or(() -> options.value("port")).or(() -> options.value("portgroup")).orElse("");
        String address = options.address();
        if ((address + port).indexOf('\0') >= 0) {
            throw new IOException("vde: a NUL in " + url.rest());
        }
        return new VdeNetwork(address.isEmpty() ? STANDARD : List.of(address), port,
                options.value("group").orElse(""), mode(options), options.has("sockets"));
    }

    /// Whether to ask the switch for shared memory: not for a port that has a socket of its own, nor for the one of
    /// management clients, whose permissions are those of its data socket.
    boolean mayShare() {
        return !socketsOnly && (port.isEmpty() || hasPortNumber() && !port.chars().allMatch(c -> c == '0'));
    }

    /// Whether the port is given by number.
    boolean hasPortNumber() {
        return !port.isEmpty() && port.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /// The directory in which a plug would find the switch, unless it asks for a port.
    Optional<String> anyPortOf() throws IOException {
        if (!port.isEmpty()) {
            return Optional.empty();
        }
        for (String directory : directories) {
            Path ctl = Path.of(directory, VdePlug.CTL);
            if (Files.exists(ctl)) {
                return Optional.of(ctl.toRealPath().getParent().toString());
            }
        }
        return Optional.empty();
    }

    /// The port as a request carries it.
    int requestedPort() throws IOException {
        if (!hasPortNumber()) {
            return 0;
        }
        int number = port.length() > 8 ? Integer.MAX_VALUE : Integer.parseInt(port);
        if (number > VdeRequest.MAX_PORT) {
            throw new IOException("vde: port=" + port + " (at most " + VdeRequest.MAX_PORT + ")");
        }
        return number == 0 ? VdeRequest.PORT_ZERO : number;
    }

    private static int mode(LinkOptions options) throws IOException {
        String text = options.value("mode").orElse(Integer.toOctalString(DEFAULT_MODE));
        if (text.isEmpty() || text.length() > 6 || !text.chars().allMatch(c -> c >= '0' && c <= '7')
                || Integer.parseInt(text, 8) > MAX_MODE) {
            throw new IOException("vde: mode=" + text + " (octal, at most " + Integer.toOctalString(MAX_MODE) + ")");
        }
        return Integer.parseInt(text, 8);
    }
}
