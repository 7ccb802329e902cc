package org.vswitch.control;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.vswitch.bridge.BridgePort;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.PeerLink;
import org.vswitch.link.ShmHello;
import org.vswitch.linux.Errno;
import org.vswitch.linux.FileEntry;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;

/// One client on the control socket, from connect to end of stream, which is when it unplugs.
///
/// | state | meanwhile | leads to |
/// |---|---|---|
/// | REQUEST | bytes come in, until a request is complete or the time is up | RESERVING, CLOSED |
/// | RESERVING | the data plane chooses a port | ATTACHING, CLOSED |
/// | ATTACHING | the data plane puts the link to use | PLUGGED, CLOSED |
/// | PLUGGED | frames flow; what else the client says is ignored | CLOSED |
/// | CLOSED | an answer of the data plane may be outstanding, and is undone | |
///
/// Whatever is refused closes the connection, so that no client waits for an answer. Runs on the control thread.
final class CtlConnection extends ChannelInboundHandlerAdapter {
    /// What a connection is doing: see above.
    private enum State {
        /// Bytes come in.
        REQUEST,
        /// A port is being chosen.
        RESERVING,
        /// The link is being put to use.
        ATTACHING,
        /// Frames flow.
        PLUGGED,
        /// Nothing more happens.
        CLOSED
    }

    private static final String MODULE = "unix prog";

    private final CtlSocket.Surroundings around;
    private final int peer;
    private final int id;
    private final Function<ByteBuf, CtlRequest> form;
    private final ByteBuf received = Unpooled.buffer(CtlRequest.MAX_LENGTH, CtlRequest.MAX_LENGTH);
    private State state = State.REQUEST;
    private ChannelHandlerContext context;
    private Future<?> timeout;
    private String description;
    private Client client;
    private Carrier carrier;
    private Endpoint endpoint;

    /// A new connection.
    ///
    /// @param around what all connections share
    /// @param peer user id of the client, as the kernel says
    /// @param id the connection's descriptor, VDE's endpoint ID
    /// @param form how requests are read that come on its socket
    CtlConnection(CtlSocket.Surroundings around, int peer, int id, Function<ByteBuf, CtlRequest> form) {
        this.around = around;
        this.peer = peer;
        this.id = id;
        this.form = form;
    }

    /// Who a client is.
    ///
    /// @param uid who counts as the user of the port
    /// @param fileOwner owner of the client's socket, which consoles show; [BridgePort#NOBODY] for abstract names
    private record Client(int uid, int fileOwner) {
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        timeout = loop().schedule(() -> close(), around.requestTimeoutMs(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (state == State.REQUEST) {
                received.writeBytes(bytes, Math.min(bytes.readableBytes(), received.writableBytes()));
                act(form.apply(received));
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        if (state == State.PLUGGED) {
            Endpoint ending = endpoint;
            around.gate().ask(() -> {
                around.gate().detach(ending);
                return null;
            });
        }
        state = State.CLOSED;
        timeout.cancel(false);
        if (carrier != null) {
            carrier.close();
        }
        around.ended().accept(peer);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        refuse(cause instanceof java.io.IOException ? null : "ctl connection: " + cause);
    }

    private void act(CtlRequest parsed) {
        switch (parsed) {
            case CtlRequest.Incomplete _ -> {
                // more may come
            }
            case CtlRequest.Unusable unusable -> refuse(unusable.reason());
            case CtlRequest.Plug plug -> begin(plug);
            case CtlRequest.Share share -> begin(share.hello());
        }
    }

    private void begin(CtlRequest.Plug plug) {
        timeout.cancel(false);
        try {
            client = identify(plug.client());
            if (client != null) {
                SocketPermissions permissions = plug.management() ? around.managementPermissions()
                        : around.directory().settings().sockets();
                carrier = new DatagramCarrier(DataSocket.connectedTo(plug.client()), around.directory(),
                        DataSocket.Access.of(permissions, client.fileOwner()));
                begin(plug.management() ? 0 : plug.port() == CtlRequest.Plug.ANY_PORT ? PortAccess.Claim.ANY
                        : plug.port(), plug.description());
            }
        } catch (LinuxException failure) {
            refuse("Connecting to client data socket " + Errno.text(failure.errno()));
        }
    }

    private void begin(ShmHello hello) {
        timeout.cancel(false);
        client = new Client(peer, peer);
        carrier = new SharedCarrier(hello);
        begin(hello.port() == CtlRequest.Plug.ANY_PORT ? PortAccess.Claim.ANY : hello.port(), hello.description());
    }

    private void begin(int wanted, String shown) {
        description = shown;
        state = State.RESERVING;
        reserve(new PortAccess.Claim(wanted, client.uid(), null));
    }

    /// The kernel's word counts. Only root may plug in for others; with an abstract name nobody can.
    private Client identify(SocketAddress address) throws LinuxException {
        if (address.isAbstract()) {
            return new Client(peer, BridgePort.NOBODY);
        }
        if (!FileEntry.isUsable(address)) {
            refuse(null);
            return null;
        }
        int owner = FileEntry.status(address).uid();
        if (owner != peer && peer != 0) {
            refuse("user " + Integer.toUnsignedString(peer) + " refused: the data socket belongs to user "
                    + Integer.toUnsignedString(owner));
            return null;
        }
        return new Client(owner, owner);
    }

    private void reserve(PortAccess.Claim claim) {
        around.gate().ask(() -> around.access().reserve(claim)).whenCompleteAsync((port, failure) -> {
            if (failure != null) {
                close();
            } else {
                reserved(claim, port);
            }
        }, loop());
    }

    private void reserved(PortAccess.Claim claim, int port) {
        if (state == State.CLOSED) {
            release(port);
            return;
        }
        switch (port) {
            case PortAccess.GROUPS_NEEDED -> reserve(new PortAccess.Claim(claim.wanted(), claim.uid(),
                    around.accounts().groupsOf(claim.uid())));
            case PortAccess.NO_PORT -> deny(claim, claim.wanted() == PortAccess.Claim.ANY ? "no free port"
                    : "no port " + claim.wanted());
            case PortAccess.OCCUPIED -> deny(claim, "port " + claim.wanted() + " is somebody else's");
            case PortAccess.DENIED -> deny(claim, "port " + claim.wanted()
                    + " is kept for others (port/setuser, port/setgroup)");
            case PortAccess.TOO_MANY -> deny(claim, "too many ports (--userports)");
            default -> attach(port);
        }
    }

    /// The client cannot be told why.
    private void deny(PortAccess.Claim claim, String reason) {
        refuse("user " + Integer.toUnsignedString(claim.uid()) + " refused: " + reason
                + (description.isEmpty() ? "" : ", for " + description));
    }

    private void attach(int port) {
        PeerLink link;
        try {
            link = carrier.link(port);
        } catch (LinuxException failure) {
            release(port);
            refuse(carrier.deed() + " " + Errno.text(failure.errno()));
            return;
        }
        state = State.ATTACHING;
        LinkLabel label = new LinkLabel(MODULE, description);
        DataPlaneGate.Plug plug = new DataPlaneGate.Plug(id, port, link, label, () -> {
            around.access().release(port);
            loop().execute(() -> refuse(link.complaint().map(what -> "port " + port + ": " + description + " " + what
                    + ", and is unplugged").orElse(null)));
        });
        around.gate().ask(() -> around.access().attach(plug, client.fileOwner()))
                .whenCompleteAsync((attached, failure) -> {
                    if (attached == null) {
                        link.close();
                        release(port);
                        refuse(failure == null ? null : "port " + port + ": " + failure.getMessage());
                    } else {
                        attached(attached);
                    }
                }, loop());
    }

    private void attached(Endpoint attached) {
        if (state == State.CLOSED) {
            around.gate().ask(() -> {
                around.gate().detach(attached);
                return null;
            });
            return;
        }
        endpoint = attached;
        state = State.PLUGGED;
        carrier.answer(context.channel());
    }

    private void release(int port) {
        if (port >= 0) {
            around.gate().ask(() -> {
                around.access().release(port);
                return null;
            });
        }
    }

    /// Tells the client by closing, and people by the log.
    private void refuse(String reason) {
        if (reason != null) {
            around.log().accept(reason);
        }
        close();
    }

    /// Ends the connection; [#channelInactive] does the rest.
    private void close() {
        context.close();
    }

    private EventLoop loop() {
        return context.channel().eventLoop();
    }
}
