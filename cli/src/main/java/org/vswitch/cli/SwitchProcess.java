package org.vswitch.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.vswitch.control.StartException;
import org.vswitch.engine.Switch;
import org.vswitch.linux.Signal;

/// The process around a switch: pid file, start-up file, console, background, signals and exit codes.
///
/// Theory of operation. Whatever may end the process is put in a queue by the thread that notices; the main thread
/// starts the switch, waits at the queue, and alone cleans up. So a signal that comes during the start is obeyed after
/// it.
final class SwitchProcess {
    /// vde_switch's -1: somebody else's, or none that can be had.
    static final int UNUSABLE_DIRECTORY = 255;
    private static final int FAILED_TO_START = 1;
    /// `EX_SOFTWARE` of sysexits.h.
    private static final int PROGRAM_ERROR = 70;
    private static final int KILLED_BY = 128;

    private final VswitchOptions options;
    private final Log log;
    private final BlockingQueue<End> ends = new LinkedBlockingQueue<>();

    /// Why the process ends.
    private sealed interface End {
        record BySignal(Signal signal) implements End {
        }

        record OfInput() implements End {
        }

        record OfSwitch(Switch.Ending ending) implements End {
        }
    }

    /// A process to run.
    ///
    /// @param options what was asked for
    /// @param log for people
    SwitchProcess(VswitchOptions options, Log log) {
        this.options = options;
        this.log = log;
    }

    /// Runs the switch until something ends it.
    ///
    /// @return exit code
    int run() {
        ExitSignals.handledBy(signal -> ends.add(new End.BySignal(signal)));
        try {
            PidFile.check(options.pidFile());
        } catch (IOException refused) {
            log.line(refused.getMessage());
            return FAILED_TO_START;
        }
        try (Switch running = Switch.start(options.config(), log::line)) {
            running.ended().thenAccept(ending -> ends.add(new End.OfSwitch(ending)));
            return run(running);
        } catch (StartException refused) {
            boolean another = refused.kind() == StartException.Kind.ADDRESS_IN_USE && options.vm().isPresent();
            log.line(refused.getMessage() + (another ? " (another switch runs there)" : ""));
            return switch (refused.kind()) {
                case ADDRESS_IN_USE, DIRECTORY -> UNUSABLE_DIRECTORY;
                case LINK, SYSTEM -> FAILED_TO_START;
            };
        }
    }

    private int run(Switch running) {
        Optional<PidFile> pidFile = Optional.empty();
        try {
            if (options.pidFile().isPresent()) {
                pidFile = Optional.of(PidFile.create(options.pidFile().get()));
            }
            SwitchConsole console = new SwitchConsole(running.consoles());
            console.runStartupFile(options.startupFile(), log::line);
            options.vm().ifPresent(directory -> welcome(directory.welcome(options.stdin())));
            if (options.daemon()) {
                Readiness.declare();
                log.daemon();
                log.line("VDE_SWITCH started");
            }
            if (options.stdin()) {
                console.serveStandardInput(() -> inputEnded(running));
            }
            return exitCode(await(), running);
        } catch (IOException refused) {
            log.line(refused.getMessage());
            return FAILED_TO_START;
        } finally {
            pidFile.ifPresent(this::remove);
        }
    }

    /// Before a daemon leaves its streams, and before the console writes to them.
    private static void welcome(String text) {
        System.out.print(text);
        System.out.flush();
    }

    /// The console also returns after `shutdown`, which is for the switch to report.
    private void inputEnded(Switch running) {
        if (!running.isEnding()) {
            ends.add(new End.OfInput());
        }
    }

    private End await() {
        try {
            return ends.take();
        } catch (InterruptedException nobodyDoes) {
            throw new IllegalStateException(nobodyDoes);
        }
    }

    private int exitCode(End end, Switch running) {
        return switch (end) {
            case End.BySignal(Signal signal) -> {
                log.line("Caught signal " + signal.number() + ", cleaning up and exiting");
                yield signal == Signal.SIGTERM ? 0 : KILLED_BY + signal.number();
            }
            case End.OfInput() -> {
                log.line("EOF on stdin, cleaning up and exiting");
                yield 0;
            }
            case End.OfSwitch(Switch.Ending ending) -> switch (ending.reason()) {
                case SHUTDOWN, CLOSED -> {
                    log.line("Shutdown from mgmt command");
                    yield 0;
                }
                case FAILED -> {
                    log.line("internal error: " + ending.detail());
                    yield PROGRAM_ERROR;
                }
            };
        };
    }

    private void remove(PidFile pidFile) {
        try {
            pidFile.close();
        } catch (IOException refused) {
            log.line(refused.getMessage());
        }
    }
}
