package org.vswitch.engine;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The control thread: one Netty event loop for the control socket and all consoles.
public final class ControlPlane implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;

    /// A thread that starts with its first task.
    public ControlPlane() {
        ThreadFactory threads = task -> daemon(task, "control");
        group = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
        loop = group.next();
    }

    /// Begins to initialise the classes of a control thread, on another thread, while the caller does something else:
    /// at a cold start that is a third of the time.
    public static void prepare() {
        daemon(() -> {
            ControlPlane unused = new ControlPlane();
            EpollDomainSocketChannel channel = new EpollDomainSocketChannel();
            channel.config().setAllocator(UnpooledByteBufAllocator.DEFAULT);
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter());
            channel.unsafe().closeForcibly();
            unused.close();
        }, "prepare").start();
    }

    /// Has Netty's warnings printed as lines of a log, in the whole process. To be called before the first control
    /// plane is made, by a program that owns its process.
    ///
    /// @param log takes lines, on any thread
    public static void nettyLog(Consumer<String> log) {
        InternalLoggerFactory.setDefaultFactory(NettyLog.factory(log));
    }

    /// The control thread.
    ///
    /// @return runs tasks in order
    public EventLoop loop() {
        return loop;
    }

    /// Runs something on the control thread a second from now.
    ///
    /// @param task short
    public void inASecond(Runnable task) {
        loop.schedule(task, 1, TimeUnit.SECONDS);
    }

    /// A thread that does not keep the process alive: whoever started the switch waits for its end.
    static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /// Ends the thread after the tasks that wait. Callable from any other thread; returns when it has ended.
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
