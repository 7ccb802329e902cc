package org.vswitch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.linux.SocketAddress;

/// The directory of `--vm DIR`: VDE's, with a socket of each other kind beside VDE's own, so that whatever VMM comes
/// finds what it speaks.
///
/// Each socket takes many guests. The ones that QEMU leaves behind, as its `-netdev dgram` does, are to be made beside
/// the directory, or it could not be removed.
///
/// @param path absolute, of letters that no shell, URL or VMM gives a meaning of its own
record VmDirectory(String path) {
    /// Where a directory is in examples.
    static final VmDirectory USUAL = new VmDirectory("/tmp/vm");
    /// Behind a path, the name of a guest's own socket.
    static final String GUEST = ".guest";
    /// What can be pasted everywhere; with room for an ending in an address.
    static final String PLAIN_PATH = "/[A-Za-z0-9._/@+-]{0,99}";
    static final String PLAIN = "an absolute path of up to 100 letters, digits and . _ / @ + -";

    private static final String CTL = "ctl";
    /// The longest name that a socket in the directory has for a moment: `unixgram.next`.
    private static final int MEMBER_LENGTH = 14;
    private static final int MAX_LENGTH = SocketAddress.PATH_LENGTH - 1 - MEMBER_LENGTH;

    /// Where in the directory a guest attaches.
    enum Place {
        /// The directory itself is what VDE's clients are told.
        VDE("", ""),
        /// QEMU's streams.
        STREAM("stream", "qemu"),
        /// Shared memory.
        VHOST("vhost", "vhost-user"),
        /// Datagrams.
        UNIXGRAM("unixgram", "unixgram"),
        /// Packets on connections.
        BESS("bess", "bess"),
        /// Nowhere: it takes a link of its own.
        ELSEWHERE("", ""),
        /// Nowhere, and it does what our router does.
        ROUTER("", "");

        private final String member;
        private final String scheme;

        Place(String member, String scheme) {
            this.member = member;
            this.scheme = scheme;
        }

        /// The name in the directory; empty if there is none.
        String member() {
            return member;
        }
    }

    /// The directory that an option names.
    ///
    /// @param text may be relative
    /// @throws UnusableDirectory if it cannot be one, or not every socket in it could be named and pasted
    static VmDirectory of(String text) throws UnusableDirectory {
        try {
            Path given = Path.of(text);
            if (Files.exists(given) && !Files.isDirectory(given)) {
                throw new UnusableDirectory("--vm " + text + ": this is a file, not a directory");
            }
            String path = resolved(given.toAbsolutePath().normalize()).toString();
            if (path.length() > MAX_LENGTH) {
                throw new UnusableDirectory("--vm " + path + ": too long for sockets in it: " + path.length()
                        + " bytes, at most " + MAX_LENGTH);
            }
            if (!path.matches(PLAIN_PATH)) {
                throw new UnusableDirectory("--vm '" + path + "': is to be pasted into command lines, so it must be of "
                        + "letters, digits and . _ / @ + -");
            }
            return new VmDirectory(path);
        } catch (InvalidPathException | IOException impossible) {
            throw new UnusableDirectory("--vm " + text + ": " + impossible.getMessage());
        }
    }

    /// As the control socket's directory will be. What does not exist cannot be resolved, nor made later: the start
    /// will tell.
    private static Path resolved(Path path) throws IOException {
        if (Files.exists(path)) {
            return path.toRealPath();
        }
        Path parent = path.getParent();
        return parent != null && Files.exists(parent) ? parent.toRealPath().resolve(path.getFileName()) : path;
    }

    /// What the switch is to have beside VDE's socket.
    ///
    /// @param options of each of them, as they stand in brackets
    /// @return `NAME=URL` each
    List<String> links(List<String> options) {
        List<String> links = new ArrayList<>();
        for (Place place : Place.values()) {
            if (!place.scheme.isEmpty()) {
                List<String> all = new ArrayList<>(options);
                if (place == Place.VHOST) {
                    all.addFirst("guests=64"); // one port that stays, otherwise
                }
                links.add(link(place) + (all.isEmpty() ? "" : "[" + String.join(",", all) + "]"));
            }
        }
        return links;
    }

    /// Whether there is a switch that was not started with `--vm`, and so has no such place.
    boolean lacks(Place place) {
        return Files.exists(Path.of(path, CTL))
                && !Files.exists(Path.of(path, (place.member.isEmpty() ? Place.STREAM : place).member));
    }

    /// What makes such a place, as the argument of `--link` and of `link/add`.
    String link(Place place) {
        return place.member + "=" + place.scheme + "://" + at(place);
    }

    /// Where a guest attaches.
    String at(Place place) {
        return switch (place) {
            case VDE -> path;
            case STREAM, VHOST, UNIXGRAM, BESS -> path + "/" + place.member;
            case ELSEWHERE, ROUTER -> path + GUEST;
        };
    }

    /// What a newcomer wants to know once the switch is ready: for each form a guest to paste, each with a MAC address
    /// of its own.
    ///
    /// @param hasConsole whether standard input is a console
    /// @return lines that no console's status line looks like
    String welcome(boolean hasConsole) {
        return """
                Ready: a network with a router to the host's, in {dir}. Guests get their addresses by DHCP.
                Put any of these behind qemu-system-x86_64 and its disk; each guest needs a mac= of its own.

                # VDE
                %s
                # stream, QEMU 7.2 and later
                %s
                # datagrams, QEMU 7.2 and later; each guest needs a local.path= of its own, too
                %s
                # shared memory, the fastest; -m and size= are the guest's memory; with -enable-kvm without ,vectors=0;
                # QEMU 9.2 and later want reconnect-ms=1000 instead of reconnect=1
                %s

                When this switch is started anew, guests of datagrams and of shared memory go on by themselves.
                Those of VDE do not, and those of streams only with ,reconnect=1 behind the path (since QEMU 8.0;
                ,reconnect-ms=500 since 9.2).

                Behind User Mode Linux:
                %s

                Others, by their documentation (not tried here):
                # libvirt
                %s
                # Firecracker, by a bridge of the host; as root: ip link add br0 up type bridge;
                #   ip tuntap add tap0 mode tap user $USER; ip link set tap0 up master br0
                # and in this switch: link/add tap://uplink[bridge=br0,up]
                %s

                More of them, such as Cloud Hypervisor, crosvm, libkrun and Lima: vswitch attach-help
                """.replace("{dir}", path).formatted(pasted("qemu-vde", 1), pasted("qemu", 2), pasted("qemu-dgram", 3),
                pasted("qemu-vhost", 4), pasted("uml", 5), indented("libvirt-vhost", 6), indented("firecracker", 7))
                + (hasConsole ? "This is the switch's console: help lists its commands, shutdown ends it.\n" : "");
    }

    /// The arguments without the remarks behind them.
    private String pasted(String kind, int number) {
        return "  " + numbered(AttachHelp.of(kind).in(this).lines().findFirst().orElseThrow(), number);
    }

    private String indented(String kind, int number) {
        return numbered(AttachHelp.of(kind).in(this).stripTrailing().indent(2).stripTrailing(), number);
    }

    private static String numbered(String text, int number) {
        return text.replace(AttachHelp.MAC, AttachHelp.MAC.substring(0, AttachHelp.MAC.length() - 1) + number);
    }
}
