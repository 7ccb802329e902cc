package org.vswitch.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.Sockets;

/// VDE's control socket, and the one beside it for clients who share memory: takes connections and gives each a
/// [CtlConnection], within limits per user.
///
/// A user beyond his limit is refused by closing at once, before anything is read. Descriptors are counted, so that
/// there is always one to accept with; if the whole system has none, the listener rests for a moment instead of trying
/// again and again.
///
/// Runs on the control thread.
public final class CtlSocket {
    private static final int REST_MS = 250;
    private static final int DESCRIPTORS_PER_PLUG = 2;

    private final EventLoop loop;
    private final Surroundings around;
    private final ConnectionCounts counts;
    private final ChannelGroup connections;
    private final List<EpollServerDomainSocketChannel> listeners = new ArrayList<>();

    /// What all connections share.
    ///
    /// @param control of the switch
    /// @param access to its ports
    /// @param directory where the data sockets are
    /// @param managementPermissions of data sockets of port 0
    /// @param requestTimeoutMs how long a client may take for its request
    /// @param log takes refusals
    /// @param ended told the user id of each connection that ended
    record Surroundings(SwitchControl control, PortAccess access, CtlDirectory directory,
            SocketPermissions managementPermissions, int requestTimeoutMs, Consumer<String> log, IntConsumer ended) {
        DataPlaneGate gate() {
            return control.gate();
        }

        Accounts accounts() {
            return new Accounts();
        }
    }

    /// What a control socket is made with.
    ///
    /// @param directory claimed; closed by its owner
    /// @param managementPermissions of data sockets of port 0
    /// @param limits what one user may occupy
    public record Options(CtlDirectory directory, SocketPermissions managementPermissions, UserLimits limits) {
    }

    /// A control socket that takes no connections yet.
    ///
    /// @param control of the switch
    /// @param loop the control thread
    /// @param options limits and permissions
    /// @param log takes refusals; bounded here
    public CtlSocket(SwitchControl control, EventLoop loop, Options options, Consumer<String> log) {
        this.loop = loop;
        int most = Math.max(1, (OwnProcess.descriptorLimit() - options.limits().descriptorReserve())
                / DESCRIPTORS_PER_PLUG);
        this.counts = new ConnectionCounts(options.limits().connections(), most);
        this.connections = new DefaultChannelGroup(loop);
        this.around = new Surroundings(control, new PortAccess(control, options.limits().ports()),
                options.directory(), options.managementPermissions(), options.limits().requestTimeoutMs(),
                new BoundedLog(log, loop), counts::remove);
    }

    /// Takes connections from now on. Called once, before any call of [#close].
    public void start() {
        start(around.directory().listener(), CtlRequest::parse);
        start(around.directory().sharing(), CtlRequest::parseShare);
    }

    private void start(Fd socket, Function<ByteBuf, CtlRequest> form) {
        EpollServerDomainSocketChannel listener = new EpollServerDomainSocketChannel(socket.release(), true);
        listener.config().setAllocator(UnpooledByteBufAllocator.DEFAULT);
        listener.pipeline().addLast(new Door(form));
        loop.register(listener);
        listeners.add(listener);
    }

    /// Takes no more connections and ends those there are: all of their endpoints are detached. Callable from any
    /// thread.
    ///
    /// @return completed when all are closed; the data plane then has been told
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            listeners.forEach(Channel::close);
            connections.close().addListener(_ -> done.complete(null));
        });
        return done;
    }

    /// The access to ports, for links that are not plugs.
    PortAccess access() {
        return around.access();
    }

    /// One of the listening sockets.
    private final class Door extends ChannelInboundHandlerAdapter {
        private final Function<ByteBuf, CtlRequest> form;

        Door(Function<ByteBuf, CtlRequest> form) {
            this.form = form;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            EpollDomainSocketChannel child = (EpollDomainSocketChannel) message;
            int descriptor = child.fd().intValue();
            int uid;
            try {
                uid = Sockets.peer(descriptor).uid();
            } catch (LinuxException gone) {
                child.unsafe().closeForcibly();
                return;
            }
            if (!counts.add(uid)) {
                around.log().accept("too many connections of user " + Integer.toUnsignedString(uid));
                child.unsafe().closeForcibly();
                return;
            }
            child.config().setAllocator(UnpooledByteBufAllocator.DEFAULT);
            child.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(CtlRequest.MAX_LENGTH));
            child.pipeline().addLast(new CtlConnection(around, uid, descriptor, form));
            connections.add(child);
            loop.register(child);
        }

        /// No descriptor left, most likely: whoever waits to be accepted waits a little longer.
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            around.log().accept("accept: " + cause.getMessage());
            Channel channel = context.channel();
            channel.config().setAutoRead(false);
            loop.schedule(() -> channel.config().setAutoRead(true), REST_MS, TimeUnit.MILLISECONDS);
        }
    }
}
