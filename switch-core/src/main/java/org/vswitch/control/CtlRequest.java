package org.vswitch.control;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.vswitch.link.ShmHello;
import org.vswitch.linux.SocketAddress;

/// What a client sends once: on `shm` a [ShmHello], on the control socket where its data socket is and which port it
/// wants:
///
///     version 3:  magic (4)  version = 3 (4)  type (4)  sockaddr_un (110)  description (0 to 134)
///     version 1:  magic (4)  type (4)  MAC address (6)  sockaddr_un (110)  description (0 to 132)
///
/// Numbers are in the machine's byte order, which is little-endian on all machines this runs on; structures are packed,
/// but UML and dynamips send version 3 unpacked, 124 bytes. The low byte of the type is 0, or 1 for port 0; in version
/// 3 the rest is the port wanted. The description has no length: it ends with what has been sent. Source: vde-2
/// `datasock.c`.
sealed interface CtlRequest {
    /// The most bytes of a request; what follows is ignored.
    int MAX_LENGTH = 256;

    /// A client wants to plug in.
    ///
    /// @param port the port wanted, or [#ANY_PORT]
    /// @param management whether port 0 is wanted, which has the permissions of the management socket
    /// @param client address of the client's data socket
    /// @param description without control characters
    record Plug(int port, boolean management, SocketAddress client, String description) implements CtlRequest {
        /// Any free port.
        static final int ANY_PORT = 0;
    }

    /// A client of ours wants to plug in, and to share memory.
    ///
    /// @param hello valid; its port may be one that there cannot be
    record Share(ShmHello hello) implements CtlRequest {
    }

    /// More must come before anything can be said.
    record Incomplete() implements CtlRequest {
    }

    /// Nothing this switch can do.
    ///
    /// @param reason for the log, in vde_switch's words
    record Unusable(String reason) implements CtlRequest {
    }

    /// Reads a request.
    ///
    /// @param bytes what has come, readable and not yet consumed
    /// @return a request; incomplete below 122 bytes (124 in version 1), unless it plainly will never be one
    static CtlRequest parse(ByteBuf bytes) {
        return new Form(bytes).read();
    }

    /// Reads a request to share memory.
    ///
    /// @param bytes as above
    /// @return a request; incomplete until all of it is there
    static CtlRequest parseShare(ByteBuf bytes) {
        if (bytes.readableBytes() < ShmHello.LENGTH) {
            return new Incomplete();
        }
        byte[] hello = new byte[bytes.readableBytes()];
        bytes.getBytes(bytes.readerIndex(), hello);
        try {
            return new Share(ShmHello.parse(hello));
        } catch (IOException nonsense) {
            return new Unusable("A client of shared memory " + nonsense.getMessage());
        }
    }

    /// The bytes of a request, as they are laid out.
    ///
    /// @param bytes what has come
    record Form(ByteBuf bytes) {
        private static final int MAGIC = 0xfeedface;
        private static final int VERSION_3 = 3;
        private static final int WORDS = 8;
        private static final int TYPE_IN_3 = 8;
        private static final int ADDRESS_IN_3 = 12;
        private static final int TYPE_IN_1 = 4;
        private static final int ADDRESS_IN_1 = 14;
        private static final int NEW_CONTROL = 0;
        private static final int NEW_PORT_0 = 1;

        private CtlRequest read() {
            if (bytes.readableBytes() >= Integer.BYTES && word(0) != MAGIC) {
                return new Unusable("V0 request not supported");
            }
            if (bytes.readableBytes() < WORDS) {
                return new Incomplete();
            }
            int version = word(4);
            return switch (version) {
                case VERSION_3 -> plug(TYPE_IN_3, ADDRESS_IN_3);
                case NEW_CONTROL, NEW_PORT_0 -> plug(TYPE_IN_1, ADDRESS_IN_1);
                default -> new Unusable("Request for a version " + version
                        + " port, which this vde_switch doesn't support");
            };
        }

        private CtlRequest plug(int typeAt, int addressAt) {
            int end = addressAt + SocketAddress.UNIX_LENGTH;
            if (bytes.readableBytes() < end) {
                return new Incomplete();
            }
            int type = word(typeAt);
            int kind = type & 0xff;
            if (kind != NEW_CONTROL && kind != NEW_PORT_0) {
                return new Unusable("Bad request type : " + kind);
            }
            byte[] address = new byte[SocketAddress.UNIX_LENGTH];
            bytes.getBytes(bytes.readerIndex() + addressAt, address);
            SocketAddress client = SocketAddress.ofBytes(address);
            if (client.family() != SocketAddress.UNIX_FAMILY) {
                return new Unusable("Bad address family : " + client.family());
            }
            boolean management = kind == NEW_PORT_0;
            return new Plug(management ? Plug.ANY_PORT : type >>> 8, management, client, description(end));
        }

        /// Text up to the first NUL or the end, with `?` for what would disturb a console.
        private String description(int from) {
            int start = bytes.readerIndex() + from;
            int length = Math.min(bytes.readableBytes(), MAX_LENGTH) - from;
            int nul = bytes.indexOf(start, start + length, (byte) 0);
            String text = bytes.toString(start, nul < 0 ? length : nul - start, StandardCharsets.UTF_8);
            StringBuilder clean = new StringBuilder(text.length());
            text.codePoints().map(c -> Character.isISOControl(c) ? '?' : c).forEach(clean::appendCodePoint);
            return clean.toString();
        }

        private int word(int offset) {
            return bytes.getIntLE(bytes.readerIndex() + offset);
        }
    }
}
