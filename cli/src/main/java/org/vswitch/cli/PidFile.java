package org.vswitch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.vswitch.linux.Errno;

/// A file with the process id and a newline. One that exists already is left alone, and is an error.
final class PidFile implements AutoCloseable {
    private final Path path;

    private PidFile(Path path) {
        this.path = path;
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
            Files.writeString(path, ProcessHandle.current().pid() + "\n", StandardCharsets.US_ASCII,
                    StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new PidFile(path);
        } catch (InvalidPathException | IOException refused) {
            throw new IOException("Error in pidfile creation: " + reason(refused) + " '" + name + "'", refused);
        }
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
