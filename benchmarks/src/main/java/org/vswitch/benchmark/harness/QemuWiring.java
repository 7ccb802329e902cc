package org.vswitch.benchmark.harness;

import java.nio.file.Path;
import java.util.List;

/// How a guest of QEMU is plugged into a switch.
enum QemuWiring {
    /// By shared memory, with what may be left undone in frames.
    VHOST_USER("vhost-user"),
    /// By VDE's datagram socket, through libvdeplug.
    VDE("vde"),
    /// By a byte stream.
    STREAM("qemu");

    private final String label;

    QemuWiring(String label) {
        this.label = label;
    }

    /// As it stands in tables.
    String label() {
        return label;
    }

    /// What the switch is told, beside its control socket.
    ///
    /// @param folder of the sockets
    List<String> ours(Path folder) {
        return switch (this) {
            case VHOST_USER -> List.of("--link", "vhost-user://" + folder.resolve("v1"),
                    "--link", "vhost-user://" + folder.resolve("v2"));
            case VDE -> List.of();
            case STREAM -> List.of("--link", "qemu://" + folder.resolve("stream"));
        };
    }

    /// What QEMU is told.
    ///
    /// @param folder of the sockets
    /// @param number of the guest, 1 or 2
    List<String> theirs(Path folder, int number) {
        return switch (this) {
            case VHOST_USER -> List.of("-chardev", "socket,id=c,reconnect=1,path=" + folder.resolve("v" + number),
                    "-netdev", "vhost-user,id=n,chardev=c");
            case VDE -> List.of("-netdev", "vde,id=n,sock=" + folder.resolve("ctl"));
            case STREAM -> List.of("-netdev",
                    "stream,id=n,server=off,addr.type=unix,addr.path=" + folder.resolve("stream"));
        };
    }
}
