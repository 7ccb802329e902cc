package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FdPassing;
import org.vswitch.linux.Sockets;

/// The stream between a front-end and us, in pieces of any size.
class VhostSocketTest {
    private static final byte[] KICK = FrontEndTalk.joined(FrontEndTalk.u32(12, 1, 8), FrontEndTalk.u64(1));
    private static final byte[] OWNER = FrontEndTalk.u32(3, 1, 0);

    private Fd front;
    private VhostSocket socket;

    @BeforeEach
    void connect() throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.STREAM, true);
        front = pair.first();
        socket = new VhostSocket(pair.second());
    }

    @AfterEach
    void close() {
        front.close();
        socket.close();
    }

    @Test
    void shouldReadMessagesOneByOneWithTheirDescriptors() throws IOException {
        FdPassing.send(front, OWNER, List.of());
        FdPassing.send(front, KICK, List.of(front));
        FdPassing.send(front, KICK, List.of(front, front));
        assertEquals("SET_OWNER", socket.read().orElseThrow().name());
        assertEquals(List.of(), socket.takeDescriptors());
        for (int count = 1; count <= 2; count++) {
            VhostMessage message = socket.read().orElseThrow();
            assertEquals("SET_VRING_KICK", message.name());
            assertEquals(1, message.value());
            List<Fd> descriptors = socket.takeDescriptors();
            assertEquals(count, descriptors.size());
            descriptors.forEach(Fd::close);
        }
        assertEquals(Optional.empty(), socket.read());
        assertFalse(socket.isHalf());
    }

    @Test
    void shouldPutTogetherWhatComesInPieces() throws IOException {
        for (int i = 0; i < KICK.length; i++) {
            assertEquals(i > 0, socket.isHalf());
            FdPassing.send(front, Arrays.copyOfRange(KICK, i, i + 1), i == 0 ? List.of(front) : List.of());
            Optional<VhostMessage> message = socket.read();
            assertEquals(i == KICK.length - 1, message.isPresent(), "byte " + i);
        }
        List<Fd> descriptors = socket.takeDescriptors();
        assertEquals(1, descriptors.size());
        descriptors.forEach(Fd::close);
    }

    @Test
    void shouldEndWithTheStream() throws IOException {
        FdPassing.send(front, Arrays.copyOf(KICK, 5), List.of());
        assertEquals(Optional.empty(), socket.read());
        assertTrue(socket.isHalf());
        Processes.close(front::close);
        assertThrows(EOFException.class, socket::read);
        assertThrows(EOFException.class, () -> socket.send(new byte[20]));
    }

    @Test
    void shouldRefuseMoreDescriptorsThanThereCanBe() {
        FdPassing.send(front, KICK, Collections.nCopies(VhostMessage.MAX_DESCRIPTORS + 1, front));
        assertEquals("more than 8 descriptors", assertThrows(VhostRefusal.class, socket::read).getMessage());
    }

    /// The descriptors of a message are counted together, however many writes bring them.
    @Test
    void shouldRefuseDescriptorsThatComeInPieces() throws IOException {
        for (int i = 0; i < VhostMessage.MAX_DESCRIPTORS; i++) {
            FdPassing.send(front, Arrays.copyOfRange(KICK, i, i + 1), List.of(front));
            socket.read();
        }
        FdPassing.send(front, Arrays.copyOfRange(KICK, 8, 9), List.of(front));
        assertThrows(VhostRefusal.class, socket::read);
    }

    /// The kernel cuts off what there is no room for.
    @Test
    void shouldRefuseDescriptorsThatWereCutOff() throws IOException {
        FdPassing.send(front, Arrays.copyOf(KICK, 1), Collections.nCopies(FdPassing.MAX_DESCRIPTORS, front));
        assertThrows(VhostRefusal.class, socket::read);
        socket.close();
    }

    @Test
    void shouldCloseWhatNobodyTook() throws IOException {
        try (Epoll epoll = new Epoll(4)) {
            // closing the last reference to a watched event takes it out of an epoll set: that shows what stays open
            EventFd passed = new EventFd();
            epoll.add(passed.fd(), Epoll.READABLE, 1);
            passed.signal();
            Fd duplicate = new Fd(passed.fd()).duplicate();
            FdPassing.send(front, Arrays.copyOf(KICK, 15), Collections.nCopies(3, duplicate));
            assertEquals(Optional.empty(), socket.read());
            passed.close();
            duplicate.close();
            assertEquals(1, epoll.await(0));
            socket.close();
            Sandbox.await("nothing refers to the event any more", () -> epoll.await(0) == 0);
        }
    }

    @Test
    void shouldRefuseWhatIsTooLong() {
        FdPassing.send(front, FrontEndTalk.u32(5, 1, 513), List.of());
        assertEquals("payload of 513 bytes, at most 512",
                assertThrows(VhostRefusal.class, socket::read).getMessage());
    }

    @Test
    void shouldSendRepliesAndGiveUpWhereNobodyReadsThem() throws IOException {
        socket.send(OWNER);
        byte[] read = new byte[OWNER.length];
        assertEquals(read.length, Sockets.receive(front, read));
        assertArrayEquals(OWNER, read);
        assertEquals("replies are not read", assertThrows(IOException.class, () -> {
            for (int i = 0; i < 1_000_000; i++) {
                socket.send(new byte[20]);
            }
        }).getMessage());
    }
}
