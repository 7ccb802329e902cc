package org.vswitch.link;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkNamespace;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.TunTap;

/// A tap for a network namespace that belongs to another user namespace, such as that of `unshare -Urn` or of a
/// rootless container: made by a user without privileges, who is root in there.
///
/// Theory of operation. The kernel lets no process with threads into a user namespace, so a second process goes:
/// nsenter enters it, unshare makes an empty network namespace there, and what they execute is [#main], a short-lived
/// Java. It gets the wanted namespace's descriptor and the URL, makes the tap just as root would (in the empty
/// namespace, then moved, so that the tap's descriptor does not keep the wanted one alive), hands over the descriptor
/// and ends. Both talk through a socket in a folder of their own, which both delete as soon as they are connected;
/// the kernel says that who connects is the process that was started, and nobody else is listened to. Whichever of
/// the two dies, the other sees the end of the connection.
final class TapFromInside {
    private static final int TIMEOUT_MS = 30_000;
    private static final int LONGEST = 64 * 1024;
    private static final byte DONE = 0;
    private static final byte REFUSED = 1;
    private static final List<String> LEAN = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            "-Xms4m", "-Xmx32m", "-XX:-UsePerfData", "-Xlog:disable", "--enable-native-access=ALL-UNNAMED");

    /// The other process has ended before it spoke.
    private static final class NoEntry extends IOException {
        private static final long serialVersionUID = 1;

        NoEntry(String message) {
            super(message);
        }
    }

    private TapFromInside() {
    }

    /// Has the interface made.
    ///
    /// @param options say what it is to be like
    /// @param namespace where it goes
    /// @return owned by the caller
    /// @throws IOException with one line that names what is refused
    static TunTap open(TapOptions options, NetworkNamespace namespace) throws IOException {
        try (Fd owner = namespace.owner()) {
            if (isOurs(owner)) {
                throw new LinuxException(namespace + " (for root; others enter namespaces of their own, as of "
                        + "unshare -Urn)", Errno.EPERM.number());
            }
            return open(options, namespace, owner);
        }
    }

    /// Who is not root in a user namespace loses his rights there with the next program that is executed, as in a
    /// container that keeps his id. Then he may be root in the one around it, where he has the same rights.
    private static TunTap open(TapOptions options, NetworkNamespace namespace, Fd entered) throws IOException {
        try {
            return openThrough(options, namespace, entered);
        } catch (NoEntry refusal) {
            try (Fd around = NetworkNamespace.parent(entered)) {
                if (isOurs(around)) {
                    throw refusal;
                }
                return open(options, namespace, around);
            }
        }
    }

    private static TunTap openThrough(TapOptions options, NetworkNamespace namespace, Fd entered) throws IOException {
        Path folder = Files.createTempDirectory("vswitch-tap");
        Path file = folder.resolve("socket");
        try (Fd listener = Sockets.open(Sockets.Type.SEQPACKET, false)) {
            Sockets.timeout(listener, TIMEOUT_MS);
            Sockets.bind(listener, SocketAddress.ofPath(file.toString()));
            Sockets.listen(listener, 1);
            Process process = start(entered, file, namespace);
            process.onExit().thenRun(() -> Sockets.shutdown(listener));
            try (Fd connection = accept(listener, process, namespace)) {
                delete(file);
                return ask(connection, options, namespace);
            } finally {
                process.destroyForcibly();
                process.onExit().join();
            }
        } finally {
            delete(file);
        }
    }

    private static void delete(Path socket) throws IOException {
        Files.deleteIfExists(socket);
        Files.deleteIfExists(socket.getParent());
    }

    private static boolean isOurs(Fd owner) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + owner.number()))
                .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/user")));
    }

    private static Process start(Fd owner, Path file, NetworkNamespace namespace) throws IOException {
        List<String> command = new ArrayList<>(List.of("nsenter", "--preserve-credentials",
                "--user=/proc/" + ProcessHandle.current().pid() + "/fd/" + owner.number(), "unshare", "--net",
                System.getProperty("java.home") + "/bin/java"));
        command.addAll(LEAN);
        command.addAll(List.of("-cp", classPath(), TapFromInside.class.getName(), file.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        try {
            return builder.start();
        } catch (IOException missing) {
            throw new IOException("tap: " + namespace + ": cannot start nsenter, of util-linux: "
                    + missing.getMessage(), missing);
        }
    }

    /// Where the classes of this module are, whether this process runs from a module path or a class path.
    private static String classPath() {
        String modules = System.getProperty("jdk.module.path", "");
        return Stream.concat(entries(modules).flatMap(entry -> Files.isDirectory(Path.of(entry))
                        ? Stream.of(entry, entry + "/*") : Stream.of(entry)),
                entries(System.getProperty("java.class.path", ""))).collect(Collectors.joining(File.pathSeparator));
    }

    private static Stream<String> entries(String path) {
        return Arrays.stream(path.split(File.pathSeparator)).filter(entry -> !entry.isEmpty());
    }

    private static Fd accept(Fd listener, Process process, NetworkNamespace namespace) throws IOException {
        while (true) {
            int accepted = Sockets.accept(listener);
            if (accepted < 0) {
                if (process.isAlive()) {
                    throw new IOException("tap: " + namespace + ": nsenter did not come back");
                }
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                throw new NoEntry("tap: " + namespace + ": "
                        + (output.isEmpty() ? "nsenter ended" : output.lines().findFirst().orElse("")));
            }
            Fd connection = new Fd(accepted);
            if (Sockets.peer(accepted).pid() == process.pid()) {
                return connection;
            }
            connection.close();
        }
    }

    private static TunTap ask(Fd connection, TapOptions options, NetworkNamespace namespace) throws IOException {
        List<Fd> descriptors = new ArrayList<>();
        byte[] answer = new byte[LONGEST];
        FdPassing.send(connection, options.rest().getBytes(StandardCharsets.UTF_8), List.of(namespace.descriptor()));
        try (Epoll readable = new Epoll(1)) {
            readable.add(connection.number(), Epoll.READABLE, 0);
            readable.await(TIMEOUT_MS);
        }
        int length = FdPassing.receive(connection, answer, descriptors);
        if (length > 1 && answer[0] == DONE && descriptors.size() == options.queues()) {
            return TunTap.of(descriptors, options.name());
        }
        descriptors.forEach(Fd::close);
        throw new IOException(length > 1 ? new String(answer, 1, length - 1, StandardCharsets.UTF_8)
                : "tap: " + namespace + ": no answer from inside");
    }

    /// The other process.
    ///
    /// @param arguments the socket's path
    static void main(String[] arguments) {
        try (Fd connection = Sockets.open(Sockets.Type.SEQPACKET, false)) {
            Path file = Path.of(arguments[0]);
            try {
                Sockets.connect(connection, SocketAddress.ofPath(file.toString()));
            } finally {
                delete(file);
            }
            answer(connection);
        } catch (IOException nobodyListens) {
            Runtime.getRuntime().halt(1);
        }
        Runtime.getRuntime().halt(0);
    }

    private static void answer(Fd connection) throws IOException {
        byte[] request = new byte[LONGEST];
        List<Fd> descriptors = new ArrayList<>();
        int length = FdPassing.receive(connection, request, descriptors);
        if (length < 0 || descriptors.size() != 1) {
            return;
        }
        String rest = new String(request, 0, length, StandardCharsets.UTF_8);
        try {
            TapOptions options = TapOptions.parse(new LinkUrl("tap", rest));
            try (NetworkNamespace namespace = NetworkNamespace.of(descriptors.getFirst(), options.netns().orElse(""));
                    TunTap tap = options.makeIn(namespace)) {
                FdPassing.send(connection, message(DONE, tap.name()), tap.descriptors());
            }
        } catch (LinuxException refusal) {
            FdPassing.send(connection, message(REFUSED, InterfacePlan.named("tap", refusal).getMessage()), List.of());
        }
    }

    private static byte[] message(byte kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] message = new byte[1 + bytes.length];
        message[0] = kind;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        return message;
    }
}
