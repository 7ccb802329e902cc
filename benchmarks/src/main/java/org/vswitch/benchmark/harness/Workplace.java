package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// The temporary folder and the processes of one harness; both are gone when it ends, however it ends.
final class Workplace implements AutoCloseable {
    private final Path folder;
    private final Path root;
    private final ConcurrentLinkedDeque<Child> children = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedDeque<Runnable> undo = new ConcurrentLinkedDeque<>();
    private final AtomicInteger files = new AtomicInteger();

    /// @param root the checkout
    Workplace(Path root) throws IOException {
        this.root = root;
        this.folder = Files.createTempDirectory("vbench");
        Runtime.getRuntime().addShutdownHook(new Thread(this::clean, "clean up"));
    }

    /// The checkout.
    Path root() {
        return root;
    }

    /// The start of a command line that runs a program of the benchmarks.
    List<String> java() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return List.of(java, "-XX:+UseSerialGC", "-Xms16m", "-Xmx64m", "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED", "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"));
    }

    /// A path in the folder that no other call returned. It is short, for the sake of socket addresses.
    Path newFile(String suffix) {
        return folder.resolve(files.incrementAndGet() + "-" + suffix);
    }

    void adopt(Child child) {
        children.addFirst(child);
    }

    /// What must be undone outside the folder, such as a network namespace.
    void onClose(Runnable action) {
        undo.addFirst(action);
    }

    @Override
    public void close() {
        children.forEach(Child::close);
        children.clear();
        clean();
    }

    private void clean() {
        children.forEach(Child::kill);
        for (Runnable action = undo.poll(); action != null; action = undo.poll()) {
            action.run();
        }
        try (Stream<Path> files = Files.exists(folder) ? Files.walk(folder) : Stream.empty()) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
