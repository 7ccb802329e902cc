package org.vswitch.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.linux.Errno;
import org.vswitch.linux.OwnProcess;

/// A file with the process id and a newline. One that exists already is left alone, and is an error, unless it is what
/// a process has left that was killed: a file of ours with the number of a process that has gone.
///
/// That a number is in use again by another program cannot be told from a daemon that runs; then the message has the
/// number, and people decide.
final class PidFile implements AutoCloseable {
    private static final Pattern CONTENT = Pattern.compile("([1-9]\\d{0,9})\\n?");
    private static final int MAX_LENGTH = 11;

    private final Path path;

    private PidFile(Path path) {
        this.path = path;
    }

    /// Finds out whether the file could be written as things are, before anything else is touched.
    ///
    /// @param wanted its name, resolved against the current directory; empty if none is wanted
    /// @throws IOException as [#create] has it, if a file exists that stays
    static void check(Optional<String> wanted) throws IOException {
        String name = wanted.orElse("");
        try {
            if (name.isEmpty()) {
                return;
            }
            checkFree(Path.of(name).toAbsolutePath());
        } catch (InvalidPathException | IOException refused) {
            throw refusal(name, refused);
        }
    }

    /// Writes the file.
    ///
    /// @param name resolved against the current directory now, so that the file is found at the end
    /// @throws IOException with VDE's message and the name
    static PidFile create(String name) throws IOException {
        try {
            if (name.isEmpty()) {
                throw new NoSuchFileException(name);
            }
            Path path = Path.of(name).toAbsolutePath();
            checkFree(path);
            Files.deleteIfExists(path);
            Files.writeString(path, ProcessHandle.current().pid() + "\n", StandardCharsets.US_ASCII,
                    StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new PidFile(path);
        } catch (InvalidPathException | IOException refused) {
            throw refusal(name, refused);
        }
    }

    /// Finds nothing, or a file that was left.
    private static void checkFree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        OptionalLong pid = pid(path);
        if (pid.isPresent() && isAlive(pid.getAsLong())) {
            throw new FileAlreadyExistsException(path.toString(), null,
                    " (process " + pid.getAsLong() + " is alive)");
        }
        if (pid.isEmpty()
                || !Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(OwnProcess.userId())) {
            throw new FileAlreadyExistsException(path.toString(), null, "");
        }
    }

    /// The number in a file that holds one and nothing else.
    private static OptionalLong pid(Path path) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || !Files.isReadable(path)) {
            return OptionalLong.empty();
        }
        try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            String text = new String(in.readNBytes(MAX_LENGTH + 1), StandardCharsets.ISO_8859_1);
            Matcher content = CONTENT.matcher(text);
            return content.matches() ? OptionalLong.of(Long.parseLong(content.group(1))) : OptionalLong.empty();
        }
    }

    /// Whether a process has not ended; one that ended but has not been waited for has. In a container our own number
    /// is often our predecessor's.
    private static boolean isAlive(long pid) {
        if (pid == ProcessHandle.current().pid()) {
            return false;
        }
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (NoSuchFileException gone) {
            return false;
        } catch (IOException unknown) {
            return true;
        }
    }

    private static IOException refusal(String name, Exception refused) {
        String owner = refused instanceof FileAlreadyExistsException exists && exists.getReason() != null
                ? exists.getReason() : "";
        return new IOException("Error in pidfile creation: " + reason(refused) + " '" + name + "'" + owner, refused);
    }

    private static String reason(Exception refused) {
        return switch (refused) {
            case FileAlreadyExistsException exists -> Errno.EEXIST.text();
            case NoSuchFileException missing -> Errno.ENOENT.text();
            case AccessDeniedException denied -> Errno.EACCES.text();
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> refused.getMessage();
        };
    }

    /// Removes the file.
    ///
    /// @throws IOException if it cannot be removed
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
