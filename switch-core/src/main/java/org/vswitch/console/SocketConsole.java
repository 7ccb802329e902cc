package org.vswitch.console;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.timeout.WriteTimeoutException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// A session on a Unix socket: banner first, then line by line; reads only when all that was read has been answered.
///
/// VDE takes a read as a command, whether or not a newline ends it. All known clients send one. For those that do
/// not, a line counts as complete when nothing follows for [#PAUSE_MS], and when the client sends no more.
final class SocketConsole extends ChannelInboundHandlerAdapter implements Terminal {
    /// How long a line without newline waits for its rest.
    static final int PAUSE_MS = 200;

    private final ConsoleHost host;
    private final Executor loop;
    private ChannelHandlerContext context;
    private ConsoleSession session;
    private Future<?> pause;
    private boolean inputEnded;

    /// A session to be.
    ///
    /// @param host the switch
    /// @param loop the event loop of its channel
    SocketConsole(ConsoleHost host, Executor loop) {
        this.host = host;
        this.loop = loop;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        session = new ConsoleSession(host, this, loop);
        write(Reply.BANNER);
        prompt();
        session.start();
    }

    @Override
    public void channelRead(ChannelHandlerContext active, Object message) {
        ByteBuf received = (ByteBuf) message;
        byte[] bytes = new byte[received.readableBytes()];
        received.readBytes(bytes);
        received.release();
        endPause();
        session.receive(bytes, bytes.length);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext active, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            endPause();
            session.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext active) {
        if (active.channel().isWritable()) {
            session.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext active) {
        endPause();
        session.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext active, Throwable cause) {
        if (cause instanceof WriteTimeoutException) {
            host.log().accept("console: closed, nothing read for " + ConsoleServer.WRITE_TIMEOUT_SECONDS + " s");
        } else if (!(cause instanceof IOException)) {
            host.log().accept("console: closed: " + cause);
        }
        active.close();
    }

    @Override
    public void write(String text) {
        context.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8), context.voidPromise());
    }

    @Override
    public void prompt() {
        write(Reply.PROMPT);
    }

    @Override
    public boolean isWritable() {
        return context.channel().isWritable();
    }

    @Override
    public void wantsInput() {
        if (inputEnded) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        context.read();
        if (session.hasPartialLine() && pause == null) {
            pause = context.executor().schedule(() -> {
                pause = null;
                session.flush();
            }, PAUSE_MS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public boolean end(boolean ofSwitch) {
        context.writeAndFlush(Unpooled.copiedBuffer(Reply.END_OF_SESSION, StandardCharsets.UTF_8))
                .addListener(ChannelFutureListener.CLOSE)
                .addListener(_ -> {
                    if (ofSwitch) {
                        host.shutdown().run();
                    }
                });
        return true;
    }

    @Override
    public void overflowed() {
        host.log().accept("console: closed, events not read=" + ConsoleSession.MAX_EVENTS);
        context.close();
    }

    private void endPause() {
        if (pause != null) {
            pause.cancel(false);
            pause = null;
        }
    }
}
