package org.vswitch.link;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SocketAddress;

/// What a plug asks of a switch, version 3 of VDE's request, packed and in the machine's byte order:
///
/// ```
/// | magic 0xfeedface (4) | version 3 (4) | type 1, port 3 (4) | sockaddr_un (110) | description (up to 128) |
/// ```
///
/// @param port the port wanted, up to [#MAX_PORT]; 0 for any free one; [#PORT_ZERO] for the port of management clients
/// @param own the plug's data socket
/// @param description for consoles; what is beyond 128 bytes is cut off
record VdeRequest(int port, SocketAddress own, String description) {
    /// The most a request can name.
    static final int MAX_PORT = 0xff_ffff;
    /// Asks for port 0, which nobody gets unasked.
    static final int PORT_ZERO = -1;

    private static final int MAGIC = 0xfeedface;
    private static final int VERSION = 3;
    private static final int NEW_PORT_0 = 1;
    private static final int ADDRESS = 12;
    private static final int DESCRIPTION = ADDRESS + SocketAddress.UNIX_LENGTH;
    private static final int MAX_DESCRIPTION = 128;

    /// The bytes to send, in one piece.
    byte[] emit() {
        byte[] text = description.getBytes(StandardCharsets.UTF_8);
        if (text.length > MAX_DESCRIPTION) {
            text = Arrays.copyOf(text, MAX_DESCRIPTION);
        }
        byte[] bytes = new byte[DESCRIPTION + text.length];
        long memory = NativeMemory.map(bytes.length);
        NativeMemory.putInt(memory, MAGIC);
        NativeMemory.putInt(memory + 4, VERSION);
        NativeMemory.putInt(memory + 8, port == PORT_ZERO ? NEW_PORT_0 : port << 8);
        NativeMemory.copyIn(own.bytes(), 0, memory + ADDRESS, SocketAddress.UNIX_LENGTH);
        NativeMemory.copyIn(text, 0, memory + DESCRIPTION, text.length);
        NativeMemory.copyOut(memory, bytes, 0, bytes.length);
        NativeMemory.unmap(memory, bytes.length);
        return bytes;
    }
}
