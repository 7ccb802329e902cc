package org.vswitch.console;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/// Runs a file of commands when a switch starts. What the commands print is thrown away and what fails is passed
/// over, as with VDE; commands that need a session fail.
public final class StartupScript {
    private StartupScript() {
    }

    /// Runs a file.
    ///
    /// @param path of the file
    /// @param menus the commands
    /// @param executor runs one task at a time, in order; not the data-plane thread
    /// @return completed when all lines have run: true, or false if the file cannot be read
    public static CompletableFuture<Boolean> run(String path, Menus menus, Executor executor) {
        if (!(Script.read(path) instanceof Reply.Run(Script script))) {
            return CompletableFuture.completedFuture(false);
        }
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        ConsoleSession session = new ConsoleSession(menus, script, new Nobody(done), executor);
        executor.execute(session::start);
        return done;
    }

    private record Nobody(CompletableFuture<Boolean> done) implements Terminal {
        @Override
        public void write(String text) {
            // nobody reads it
        }

        @Override
        public void prompt() {
            // nobody sees it
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void wantsInput() {
            done.complete(true);
        }

        @Override
        public boolean end(boolean ofSwitch) {
            return false;
        }

        @Override
        public void overflowed() {
            throw new IllegalStateException("a script watches nothing");
        }
    }
}
