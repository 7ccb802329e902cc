package org.vswitch.engine;

import io.netty.util.internal.logging.AbstractInternalLogger;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.MessageFormatter;
import java.util.Set;
import java.util.function.Consumer;

/// What Netty warns of, as lines of our log; the rest is dropped.
///
/// Without this, Netty looks for logging libraries in every module and ends up with `java.util.logging`, which takes a
/// tenth of a switch's start-up time, and would then print in a form of its own.
final class NettyLog extends AbstractInternalLogger {
    private static final long serialVersionUID = 1;
    /// What looks for the host's interfaces, for channel names and defaults that nothing here uses; a new namespace has
    /// none, and that is no trouble.
    private static final Set<String> ABOUT_NETWORKS = Set.of("io.netty.util.NetUtil",
            "io.netty.util.NetUtilInitializations", "io.netty.util.internal.MacAddressUtil",
            "io.netty.channel.DefaultChannelId");

    private final transient Consumer<String> sink;

    private NettyLog(String name, Consumer<String> sink) {
        super(name);
        this.sink = sink;
    }

    /// A source of such logs, for the whole process.
    ///
    /// @param sink takes lines, on any thread
    static InternalLoggerFactory factory(Consumer<String> sink) {
        return new InternalLoggerFactory() {
            @Override
            protected InternalLogger newInstance(String name) {
                return new NettyLog(name, ABOUT_NETWORKS.contains(name) ? line -> { } : sink);
            }
        };
    }

    @Override
    public boolean isTraceEnabled() {
        return false;
    }

    @Override
    public void trace(String message) {
        // nobody reads it
    }

    @Override
    public void trace(String format, Object value) {
        // nobody reads it
    }

    @Override
    public void trace(String format, Object first, Object second) {
        // nobody reads it
    }

    @Override
    public void trace(String format, Object... values) {
        // nobody reads it
    }

    @Override
    public void trace(String message, Throwable cause) {
        // nobody reads it
    }

    @Override
    public boolean isDebugEnabled() {
        return false;
    }

    @Override
    public void debug(String message) {
        // nobody reads it
    }

    @Override
    public void debug(String format, Object value) {
        // nobody reads it
    }

    @Override
    public void debug(String format, Object first, Object second) {
        // nobody reads it
    }

    @Override
    public void debug(String format, Object... values) {
        // nobody reads it
    }

    @Override
    public void debug(String message, Throwable cause) {
        // nobody reads it
    }

    @Override
    public boolean isInfoEnabled() {
        return false;
    }

    @Override
    public void info(String message) {
        // nobody reads it
    }

    @Override
    public void info(String format, Object value) {
        // nobody reads it
    }

    @Override
    public void info(String format, Object first, Object second) {
        // nobody reads it
    }

    @Override
    public void info(String format, Object... values) {
        // nobody reads it
    }

    @Override
    public void info(String message, Throwable cause) {
        // nobody reads it
    }

    @Override
    public boolean isWarnEnabled() {
        return true;
    }

    @Override
    public void warn(String message) {
        print(message);
    }

    @Override
    public void warn(String format, Object value) {
        print(MessageFormatter.format(format, value).getMessage());
    }

    @Override
    public void warn(String format, Object first, Object second) {
        print(MessageFormatter.format(format, first, second).getMessage());
    }

    @Override
    public void warn(String format, Object... values) {
        print(MessageFormatter.arrayFormat(format, values).getMessage());
    }

    @Override
    public void warn(String message, Throwable cause) {
        print(message + ": " + cause);
    }

    @Override
    public boolean isErrorEnabled() {
        return true;
    }

    @Override
    public void error(String message) {
        print(message);
    }

    @Override
    public void error(String format, Object value) {
        print(MessageFormatter.format(format, value).getMessage());
    }

    @Override
    public void error(String format, Object first, Object second) {
        print(MessageFormatter.format(format, first, second).getMessage());
    }

    @Override
    public void error(String format, Object... values) {
        print(MessageFormatter.arrayFormat(format, values).getMessage());
    }

    @Override
    public void error(String message, Throwable cause) {
        print(message + ": " + cause);
    }

    private void print(String message) {
        sink.accept("netty: " + message);
    }
}
