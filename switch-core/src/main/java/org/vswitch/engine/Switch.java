package org.vswitch.engine;

import java.util.concurrent.CompletableFuture;
import org.vswitch.control.StartException;
import org.vswitch.control.SwitchControl;

/// A running switch. Callable from any thread but the data plane's.
public final class Switch implements AutoCloseable {
    private Switch() {
    }

    /// What the surroundings of a switch provide.
    @FunctionalInterface
    public interface Hooks {
        /// Takes a line for the log: stderr or syslog. Called by any thread; must not block for long.
        ///
        /// @param line without time and program name
        void log(String line);
    }

    /// Why a switch ended.
    ///
    /// @param reason what happened
    /// @param detail for people; empty if the reason says it all
    public record Ending(Reason reason, String detail) {
        /// What ends a switch.
        public enum Reason {
            /// [Switch#close].
            CLOSED,
            /// The command `shutdown`.
            SHUTDOWN,
            /// An error of this program.
            FAILED
        }
    }

    /// Starts a switch.
    ///
    /// @param config what it is to be
    /// @param hooks its surroundings
    /// @return a switch that accepts plugs
    /// @throws StartException if it cannot be started; nothing is left behind
    public static Switch start(SwitchConfig config, Hooks hooks) throws StartException {
        throw new StartException(StartException.Kind.SYSTEM, "not there yet: " + config.ctl().directory());
    }

    /// Questions and commands.
    ///
    /// @return control of this switch
    public SwitchControl control() {
        throw new IllegalStateException();
    }

    /// The end, whoever brings it about.
    ///
    /// @return completed when everything is cleaned up; go on with an executor of your own
    public CompletableFuture<Ending> ended() {
        return new CompletableFuture<>();
    }

    /// Ends the switch and cleans up; returns when that is done. A further call has no effect.
    @Override
    public void close() {
        // nothing runs yet
    }
}
