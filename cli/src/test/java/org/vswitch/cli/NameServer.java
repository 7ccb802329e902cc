package org.vswitch.cli;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// A name server on the host's loopback, over UDP and TCP. It knows every name: `nx...` does not exist, `silent...` is
/// not answered, `large...` has too much text for a datagram; of the others it gives one record of the type that is
/// asked for, in which stands the server's number. It answers with the question as it came.
final class NameServer implements AutoCloseable {
    private static final int HEADER = 12;
    private static final int LARGE = 20;
    private static final int STRING = 200;
    private static final int TYPE_TXT = 16;

    private final int number;
    private final DatagramSocket datagrams;
    private final ServerSocket streams;

    private NameServer(int number, DatagramSocket datagrams, ServerSocket streams) {
        this.number = number;
        this.datagrams = datagrams;
        this.streams = streams;
        Thread.ofPlatform().daemon().start(this::serveDatagrams);
        Thread.ofPlatform().daemon().start(this::serveStreams);
    }

    /// Starts one.
    ///
    /// @param number the last byte of the addresses that it gives
    /// @param loopback where it listens
    static NameServer start(int number, String loopback) throws IOException {
        InetAddress address = InetAddress.ofLiteral(loopback);
        while (true) {
            ServerSocket streams = new ServerSocket(0, 16, address);
            try {
                return new NameServer(number, new DatagramSocket(streams.getLocalPort(), address), streams);
            } catch (java.net.BindException taken) {
                streams.close(); // the other protocol's port is somebody else's
            }
        }
    }

    /// Runs one in a process of its own, until its input ends.
    ///
    /// @param arguments where it listens, and the resolv.conf to be written once it does
    static void main(String... arguments) throws IOException {
        try (NameServer server = start(1, arguments[0])) {
            Files.writeString(Path.of(arguments[1]), server.line());
            System.in.readAllBytes();
        }
    }

    /// The line of resolv.conf that names it.
    String line() {
        return "nameserver [" + streams.getInetAddress().getHostAddress() + "]:" + streams.getLocalPort() + "\n";
    }

    private void serveDatagrams() {
        byte[] room = new byte[65_535];
        DatagramPacket datagram = new DatagramPacket(room, room.length);
        try {
            while (true) {
                datagram.setLength(room.length);
                datagrams.receive(datagram);
                byte[] answer = answer(Arrays.copyOf(room, datagram.getLength()), false);
                if (answer.length > 0) {
                    datagrams.send(new DatagramPacket(answer, answer.length, datagram.getSocketAddress()));
                }
            }
        } catch (IOException closed) {
            streamsAreClosed(closed);
        }
    }

    private void serveStreams() {
        try {
            while (true) {
                Socket stream = streams.accept();
                Thread.ofPlatform().daemon().start(() -> serve(stream));
            }
        } catch (IOException closed) {
            streamsAreClosed(closed);
        }
    }

    private void serve(Socket stream) {
        try (stream; DataInputStream in = new DataInputStream(stream.getInputStream());
                DataOutputStream out = new DataOutputStream(stream.getOutputStream())) {
            while (true) {
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), true);
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (IOException ended) {
            assert ended.getMessage() == null || !ended.getMessage().isEmpty();
        }
    }

    private byte[] answer(byte[] query, boolean stream) {
        int end = HEADER;
        while (query[end] != 0) {
            end += 1 + query[end];
        }
        String name = new String(query, HEADER + 1, query[HEADER], StandardCharsets.US_ASCII).toLowerCase();
        int type = ByteBuffer.wrap(query).getShort(end + 1) & 0xffff;
        if (name.startsWith("silent")) {
            return new byte[0];
        }
        boolean truncated = name.startsWith("large") && !stream;
        boolean missing = name.startsWith("nx");
        byte[] data = missing || truncated ? new byte[0] : data(type, name.startsWith("large"));
        ByteBuffer answer = ByteBuffer.allocate(end + 5 + (data.length == 0 ? 0 : HEADER + data.length));
        answer.put(query, 0, end + 5);
        if (data.length > 0) {
            answer.putShort((short) 0xc00c).putShort((short) type).putShort((short) 1).putInt(60)
                    .putShort((short) data.length).put(data);
        }
        answer.put(2, (byte) (query[2] | 0x80 | (truncated ? 2 : 0))).put(3, (byte) (0x80 | (missing ? 3 : 0)));
        answer.putShort(6, (short) (data.length == 0 ? 0 : 1)).putInt(8, 0);
        return answer.array();
    }

    private byte[] data(int type, boolean large) {
        byte[] address = {(byte) 192, 0, 2, (byte) number};
        if (type != TYPE_TXT) {
            return address;
        }
        ByteBuffer strings = ByteBuffer.allocate(large ? LARGE * (STRING + 1) : 2);
        while (strings.remaining() > 2) {
            strings.put((byte) STRING).put("x".repeat(STRING).getBytes(StandardCharsets.US_ASCII));
        }
        return large ? strings.array() : strings.put((byte) 1).put((byte) ('0' + number)).array();
    }

    private void streamsAreClosed(IOException failure) {
        if (!streams.isClosed()) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        try {
            streams.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        datagrams.close();
    }
}
