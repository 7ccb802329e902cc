package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Sockets;

/// A socket whose other end does as it likes.
class DatagramLinkTest {
    private final FrameTray tray = new FrameTray();
    private final FrameBatch batch = FrameBatch.forReceiving();
    private Sockets.Pair pair;
    private DatagramLink link;

    @BeforeEach
    void open() throws IOException {
        pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
        link = DatagramLink.buffered(pair.first(), FrameSlab.MAX_FRAME, null);
    }

    @AfterEach
    void close() {
        link.close();
        pair.second().close();
        tray.close();
    }

    @Test
    void shouldIgnoreEmptyDatagramsAmongFrames() {
        Sockets.send(pair.second(), new byte[0]);
        Sockets.send(pair.second(), new byte[60]);
        Sockets.send(pair.second(), new byte[0]);
        assertEquals(1, link.receive(batch));
        assertEquals(1, batch.size());
        assertEquals(0, batch.discards());
    }

    @Test
    void shouldHaveNoFrameWhereThereAreEmptyDatagramsAlone() {
        for (int i = 0; i < 65; i++) {
            Sockets.send(pair.second(), new byte[0]);
        }
        Sockets.send(pair.second(), new byte[60]);
        assertEquals(0, link.receive(batch));
        assertEquals(1, link.receive(batch), "the descriptor was still readable");
    }

    @Test
    void shouldCountFramesItCannotHold() throws IOException {
        Sockets.sendBuffer(pair.second(), 256 << 10);
        Sockets.send(pair.second(), new byte[13]);
        Sockets.send(pair.second(), new byte[FrameSlab.MAX_FRAME]);
        Sockets.send(pair.second(), new byte[FrameSlab.MAX_FRAME + 1]);
        assertEquals(3, link.receive(batch), "discarded ones included");
        assertEquals(1, batch.size());
        assertEquals(FrameSlab.MAX_FRAME, batch.length(0));
        assertEquals(1, batch.discarded(Drop.TOO_SHORT));
        assertEquals(1, batch.discarded(Drop.TOO_LONG));
    }

    @Test
    void shouldRefuseFramesToADeadPeerWithoutKeepingTheLoopBusy() throws IOException {
        pair.second().close();
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(link.descriptor(), Epoll.READABLE, 1);
            List<byte[]> frames = FrameTray.frames(0, 3, 60);
            int[] result = {0};
            Sandbox.await("the peer has gone", () -> (result[0] = tray.send(link, frames)) < 0);
            assertEquals(Link.refused(Errno.ECONNREFUSED.number()), result[0]);
            assertEquals(Link.refused(Errno.ENOTCONN.number()), tray.send(link, frames));
            assertEquals(0, epoll.await(0));
        }
    }

    @Test
    void shouldAllowNoMoreBufferingThanItsLimit() throws IOException {
        int accounted = Sockets.sendBuffer(pair.first(), LinkFeatures.MAX_BUFFERED * 3 / 4);
        assertEquals(LinkFeatures.MAX_BUFFERED, accounted / 2 + link.features().backlogBytes());
        assertTrue(link.features().maxFrame() <= accounted);
    }
}
