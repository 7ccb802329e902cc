package org.vswitch.console;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Errors;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// Consoles on a Unix socket (`--mgmt`).
///
/// At most [#MAX_SESSIONS] at a time; VDE knows no limit but its descriptors. A reader who takes nothing for
/// [#WRITE_TIMEOUT_SECONDS] while there is something to read is disconnected.
public final class ConsoleServer implements AutoCloseable {
    /// How many sessions there may be.
    public static final int MAX_SESSIONS = 32;
    /// How long a reader may take nothing.
    public static final int WRITE_TIMEOUT_SECONDS = 30;

    /// `S_IFMT` and `S_IFSOCK` of stat(2).
    private static final int TYPE_OF_FILE = 0xf000;
    private static final int TYPE_SOCKET = 0xc000;
    private static final int BACKLOG = 15;
    private static final int READ_BYTES = 4096;
    private static final WriteBufferWaterMark WRITE_LIMITS = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private final Path path;
    private final ConsoleHost host;
    private final EventLoop loop;
    private final ChannelGroup sessions;
    private Channel listener;

    private ConsoleServer(Path path, ConsoleHost host, EventLoop loop) {
        this.path = path;
        this.host = host;
        this.loop = loop;
        this.sessions = new DefaultChannelGroup("consoles", loop);
    }

    /// Listens.
    ///
    /// @param settings where, and who may connect
    /// @param host what sessions are about
    /// @param loop an epoll event loop; all sessions live on it
    /// @return accepting
    /// @throws IOException if somebody listens there already, or the kernel refuses; one line with the path
    public static ConsoleServer open(ManagementSettings settings, ConsoleHost host, EventLoop loop)
            throws IOException {
        ConsoleServer server = new ConsoleServer(Path.of(settings.path()), host, loop);
        server.removeStale();
        server.bind();
        server.restrict(settings.permissions());
        return server;
    }

    /// Stops listening, disconnects everybody and removes the socket.
    @Override
    public void close() {
        listener.close();
        sessions.close();
    }

    /// Removes the socket of a switch that did not clean up, and nothing that is no socket.
    private void removeStale() throws IOException {
        SocketAddress address = SocketAddress.ofPath(path.toString());
        if (!Files.exists(path)) {
            return;
        }
        try (Fd probe = Sockets.open(Sockets.Type.STREAM, true)) {
            Sockets.connect(probe, address);
        } catch (LinuxException refused) {
            if (refused.is(Errno.ECONNREFUSED) && isSocket()) {
                Files.delete(path);
                return;
            }
        }
        throw new LinuxException("bind " + path, Errno.EADDRINUSE.number());
    }

    private void restrict(SocketPermissions permissions) throws IOException {
        try {
            Files.setPosixFilePermissions(path, permissions(permissions.mode()));
            if (permissions.group() != SocketPermissions.NO_GROUP) {
                Files.setAttribute(path, "unix:gid", permissions.group());
            }
        } catch (IOException refused) {
            close();
            throw refused;
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode >> 8 - permission.ordinal() & 1) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    private boolean isSocket() throws IOException {
        return ((int) Files.getAttribute(path, "unix:mode") & TYPE_OF_FILE) == TYPE_SOCKET;
    }

    private void bind() throws IOException {
        ChannelFuture bound = new ServerBootstrap().group(loop).channel(EpollServerDomainSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(1))
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_LIMITS)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        admit(channel);
                    }
                }).bind(new DomainSocketAddress(path.toFile())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw bound.cause() instanceof Errors.NativeIoException refused
                    ? new LinuxException("bind " + path, -refused.expectedErr())
                    : new IOException("bind " + path + ": " + bound.cause().getMessage(), bound.cause());
        }
        listener = bound.channel();
    }

    private void admit(Channel channel) {
        if (sessions.size() >= MAX_SESSIONS) {
            host.log().accept("console: refused, sessions=" + MAX_SESSIONS);
            channel.close();
            return;
        }
        sessions.add(channel);
        channel.pipeline().addLast(new WriteTimeoutHandler(WRITE_TIMEOUT_SECONDS), new SocketConsole(host, loop));
    }
}
