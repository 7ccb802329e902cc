package org.vswitch.console;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.vswitch.control.SwitchEvents;
import org.vswitch.linux.Errno;

/// One dialogue: bytes in, replies out, one command at a time and in order.
///
/// Theory of operation. Received bytes are cut into lines; all lines of one write run, unlike with VDE, which takes one
/// read as one command. A line is run only when the reply to the one before has been written and the reader has taken
/// it, and more input is asked for only when no line is left: so a slow reader stops its own commands and nothing else,
/// and memory is bounded by what one read brings, one reply, and [#MAX_EVENTS]. `load` puts a script on a stack; its
/// lines run before what was typed behind it. Events wait while a reply is being written.
///
/// Used on one thread, its executor. Replies come to it by way of the thread that delivers events, so that what a
/// command causes is reported before its reply, as with VDE.
final class ConsoleSession implements AutoCloseable {
    /// The longest line, in bytes; a longer one is answered by `Message too long` and does nothing.
    static final int MAX_LINE = 4096;
    /// How deep scripts may load scripts.
    static final int MAX_SCRIPTS = 16;
    /// How many events may wait for the reader.
    static final int MAX_EVENTS = 4096;

    private final Menus menus;
    private final Terminal terminal;
    private final Executor executor;
    private final Executor eventThread;
    private final Optional<SwitchEvents.Subscription> events;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final Queue<Line> lines = new ArrayDeque<>();
    private final Deque<Script> scripts = new ArrayDeque<>();
    private final Queue<String> heldEvents = new ArrayDeque<>();
    private final AtomicInteger waitingEvents = new AtomicInteger();
    private Iterator<String> pieces;
    private boolean tooLong;
    private boolean awaiting;
    private boolean ended;

    private record Line(String text, boolean tooLong) {
    }

    /// A session of somebody who may watch events.
    ///
    /// @param host the switch
    /// @param terminal where its text goes
    /// @param executor runs one task at a time, in order; the session lives on it
    ConsoleSession(ConsoleHost host, Terminal terminal, Executor executor) {
        this.menus = host.menus();
        this.terminal = terminal;
        this.executor = executor;
        this.eventThread = host.eventThread();
        this.events = Optional.of(host.events().subscribe(this::onEvent));
    }

    /// A session of nobody, for a script.
    ///
    /// @param menus its commands
    /// @param script run by [#start]
    /// @param terminal where its text goes
    /// @param executor runs one task at a time, in order
    ConsoleSession(Menus menus, Script script, Terminal terminal, Executor executor) {
        this.menus = menus;
        this.terminal = terminal;
        this.executor = executor;
        this.eventThread = executor;
        this.events = Optional.empty();
        scripts.add(script);
    }

    /// Begins: asks for input, or runs the script.
    void start() {
        proceed();
    }

    /// Takes bytes in.
    ///
    /// @param bytes holds them
    /// @param count how many
    void receive(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] == '\n') {
                endLine();
            } else if (partial.size() < MAX_LINE) {
                partial.write(bytes[i]);
            } else {
                tooLong = true;
            }
        }
        proceed();
    }

    /// Whether a line has begun and not ended.
    ///
    /// @return true if [#flush] would run something
    boolean hasPartialLine() {
        return partial.size() > 0;
    }

    /// Takes what was received of a line as the whole.
    void flush() {
        if (hasPartialLine()) {
            endLine();
        }
        proceed();
    }

    /// The terminal may be written again.
    void writable() {
        writeEvents();
        proceed();
    }

    /// Ends the session; a command that runs goes on, its reply is lost.
    @Override
    public void close() {
        ended = true;
        events.ifPresent(SwitchEvents.Subscription::close);
    }

    private void endLine() {
        lines.add(new Line(partial.toString(StandardCharsets.UTF_8), tooLong));
        partial.reset();
        tooLong = false;
    }

    private void proceed() {
        while (!ended && !awaiting && (pieces == null ? runNext() : writeReply())) {
            writeEvents();
        }
    }

    /// Writes the reply as far as the terminal takes it.
    ///
    /// @return true at its end
    private boolean writeReply() {
        while (pieces.hasNext()) {
            if (!terminal.isWritable()) {
                return false;
            }
            terminal.write(pieces.next());
        }
        pieces = null;
        finishLine();
        return true;
    }

    /// Runs the next line of the innermost script, or the next one typed.
    ///
    /// @return false if there is none
    private boolean runNext() {
        if (!terminal.isWritable()) {
            return false;
        }
        if (!scripts.isEmpty()) {
            runScript(scripts.getLast());
            return true;
        }
        Line line = lines.poll();
        if (line == null) {
            terminal.wantsInput();
            return false;
        }
        if (line.tooLong) {
            answer(Reply.failure(Errno.EMSGSIZE), Reply.Form.STATUS);
        } else {
            run(line.text);
        }
        return true;
    }

    private void runScript(Script script) {
        String line = script.next();
        if (line == null) {
            scripts.removeLast();
            answer(Reply.SUCCESS, Reply.Form.STATUS);
        } else {
            terminal.write(script.echo(line));
            run(line);
        }
    }

    private void run(String text) {
        int end = text.indexOf('\0');
        String line = Command.stripBlanks(end < 0 ? text : text.substring(0, end));
        if (line.isEmpty() || line.startsWith("#")) {
            finishLine();
            return;
        }
        Optional<Command> command = menus.find(line);
        if (command.isEmpty()) {
            answer(Reply.failure(Errno.ENOSYS), Reply.Form.STATUS);
            return;
        }
        Optional<String> unknown = command.get().unknownOption(line);
        if (unknown.isPresent()) {
            answer(Reply.failure("unknown option " + unknown.get() + " (known: --json)", Errno.EINVAL.number()),
                    Reply.Form.TEXT);
            return;
        }
        awaiting = true;
        Reply.Form form = command.get().form(line);
        CompletableFuture<Reply> reply = command.get().action().run(new Call(command.get().argument(line), events));
        reply.exceptionally(_ -> Reply.failure(Errno.EIO))
                .thenAcceptAsync(done -> onExecutor(() -> answered(done, form)), eventThread);
    }

    private void answered(Reply reply, Reply.Form form) {
        awaiting = false;
        if (ended) {
            return;
        }
        writeEvents();
        switch (reply) {
            case Reply.End(boolean ofSwitch) -> end(ofSwitch);
            case Reply.Run(Script script) -> {
                if (scripts.size() < MAX_SCRIPTS) {
                    scripts.add(script);
                } else {
                    answer(Reply.failure(Errno.EMFILE), form);
                }
            }
            case Reply.Status _, Reply.Rows _, Reply.One _ -> answer(reply, form);
        }
        proceed();
    }

    private void answer(Reply reply, Reply.Form form) {
        pieces = reply.render(form);
    }

    /// Neither `logout` nor `shutdown` does anything in a script: so it is with VDE.
    private void end(boolean ofSwitch) {
        if (scripts.isEmpty() && terminal.end(ofSwitch)) {
            close();
        }
    }

    private void finishLine() {
        if (scripts.isEmpty()) {
            terminal.prompt();
        }
    }

    private void onEvent(String line) {
        int waiting = waitingEvents.incrementAndGet();
        if (waiting <= MAX_EVENTS) {
            onExecutor(() -> deliver(line));
        } else if (waiting == MAX_EVENTS + 1) {
            onExecutor(this::overflow);
        }
    }

    /// Goes on from the event thread.
    private void onExecutor(Runnable task) {
        if (executor == eventThread) {
            task.run();
        } else {
            executor.execute(task);
        }
    }

    private void deliver(String line) {
        if (!ended) {
            heldEvents.add(line);
            writeEvents();
        }
    }

    private void overflow() {
        if (!ended) {
            events.ifPresent(SwitchEvents.Subscription::close);
            terminal.overflowed();
        }
    }

    private void writeEvents() {
        while (pieces == null && !heldEvents.isEmpty() && terminal.isWritable()) {
            terminal.write(heldEvents.poll());
            waitingEvents.decrementAndGet();
        }
    }
}
