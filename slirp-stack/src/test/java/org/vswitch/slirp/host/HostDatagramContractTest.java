package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;

/// What the stack may expect of a host network's UDP sockets, held against the real one and the fake one.
abstract class HostDatagramContractTest extends HostNetworkRig {
    @ParameterizedTest
    @CsvSource({"true,0", "true,1", "true,1472", "true,65507", "false,0", "false,1", "false,1472", "false,65507"})
    void shouldGoBothWaysWhole(boolean v4, int length) throws IOException {
        HostWorld.Correspondent correspondent = world.correspondent(v4);
        int socket = network.openDatagram(v4, 0);
        byte[] bytes = pattern(length);
        NativeMemory.copyIn(bytes, 0, room, length);
        address(v4, correspondent.port(), length);
        assertEquals(length, network.send(socket, datagram));
        FakeDatagram received = await("a datagram", correspondent::receive);
        assertArrayEquals(bytes, received.bytes());
        correspondent.send(bytes, received.port());
        assertEquals(READABLE, awaitReady(socket, READABLE));
        assertArrayEquals(bytes, receiveDatagram(socket));
        assertEquals(0, datagram.peerHigh);
        assertEquals(loopback(v4), datagram.peerLow);
        assertEquals(correspondent.port(), datagram.peerPort);
        assertEquals(64, datagram.hopLimit);
        assertEquals(0, datagram.trafficClass);
        assertEquals(AGAIN, network.receive(socket, datagram));
    }

    @ParameterizedTest
    @CsvSource({"true,65508", "false,65528"})
    void shouldRefuseWhatNoDatagramHolds(boolean v4, int length) throws IOException {
        address(v4, world.correspondent(v4).port(), length);
        assertEquals(-Errno.EMSGSIZE.number(), network.send(network.openDatagram(v4, 0), datagram));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGoBothWaysInBatches(boolean v4) throws IOException {
        HostWorld.Correspondent[] correspondents = {world.correspondent(v4), world.correspondent(v4)};
        int socket = network.openDatagram(v4, 0);
        HostDatagram[] batch = batch(v4, correspondents);
        assertEquals(4, network.sendAll(socket, batch, 1, 5));
        int port = 0;
        for (int i = 1; i < 5; i++) {
            FakeDatagram received = await("a datagram", correspondents[i & 1]::receive);
            assertArrayEquals(new byte[] {(byte) i}, received.bytes());
            port = received.port();
        }
        for (int i = 0; i < 5; i++) {
            correspondents[i & 1].send(new byte[10 * i], port);
        }
        awaitReady(socket, READABLE);
        for (int i = 0; i < 4; i++) {
            batch[i].length = i == 3 ? 29 : 30;
        }
        assertEquals(4, network.receiveAll(socket, batch, 4));
        for (int i = 0; i < 4; i++) {
            assertEquals(i == 3 ? -1 : 10 * i, batch[i].length, "one had no room");
            assertEquals(correspondents[i & 1].port(), batch[i].peerPort);
            assertEquals(loopback(v4), batch[i].peerLow);
            assertEquals(64, i == 3 ? 64 : batch[i].hopLimit, "of a lost one it may be unknown");
        }
        batch[0].length = 100;
        assertEquals(1, network.receiveAll(socket, batch, 4));
        assertEquals(40, batch[0].length);
        assertEquals(AGAIN, network.receiveAll(socket, batch, 4));
    }

    @Test
    void shouldTellOfABatchHowFarItWent() throws IOException {
        HostWorld.Correspondent correspondent = world.correspondent(true);
        HostDatagram[] batch = batch(true, correspondent, correspondent);
        batch[2].length = 65_508;
        int socket = network.openDatagram(true, 0);
        unreachable(socket);
        assertEquals(2, network.sendAll(socket, batch, 0, 5));
        assertEquals(-Errno.EMSGSIZE.number(), network.sendAll(socket, batch, 2, 5));
        assertEquals(2, network.sendAll(socket, batch, 3, 5));
    }

    /// Five datagrams, of one byte that says which, to one and the other; with room for 100.
    private HostDatagram[] batch(boolean v4, HostWorld.Correspondent... correspondents) {
        HostDatagram[] batch = new HostDatagram[5];
        for (int i = 0; i < batch.length; i++) {
            address(v4, correspondents[i & 1].port(), 1);
            batch[i] = new HostDatagram();
            batch[i].address = room + 100 * i;
            batch[i].length = 1;
            batch[i].peerLow = datagram.peerLow;
            batch[i].peerPort = datagram.peerPort;
            NativeMemory.putByte(batch[i].address, i);
        }
        return batch;
    }

    @Test
    void shouldLoseWhatHasNoRoom() throws IOException {
        HostWorld.Correspondent correspondent = world.correspondent(true);
        int socket = network.openDatagram(true, world.freePort(true));
        int port = sourcePort(socket, correspondent, true); // another, if somebody was faster
        correspondent.send(new byte[100], port);
        correspondent.send(new byte[50], port);
        awaitReady(socket, READABLE);
        datagram.address = room;
        datagram.length = 99;
        assertEquals(-Errno.EMSGSIZE.number(), network.receive(socket, datagram));
        assertEquals(50, await("the other", () -> receiveDatagram(socket)).length);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldKeepThePortWhereItIsFreeAndReplaceItWhereItIsTaken(boolean v4) throws IOException {
        HostWorld.Correspondent correspondent = world.correspondent(v4);
        int port = world.freePort(v4);
        assertEquals(port, sourcePort(network.openDatagram(v4, port), correspondent, v4));
        int second = sourcePort(network.openDatagram(v4, port), correspondent, v4);
        assertNotEquals(port, second);
        assertNotEquals(0, second);
    }

    @Test
    void shouldKeepThePortsOfBothFamiliesApart() throws IOException {
        int port = world.freePort(true);
        int v4 = network.openDatagram(true, port);
        int v6 = network.openDatagram(false, port);
        assertEquals(port, sourcePort(v6, world.correspondent(false), false));
        assertEquals(port, sourcePort(v4, world.correspondent(true), true));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldReportUnreachablePorts(boolean v4) throws IOException {
        int port = world.unreachablePort(v4);
        int socket = network.openDatagram(v4, 0);
        assertEquals(AGAIN, takeReport(socket));
        put(0, "to nobody");
        address(v4, port, 9);
        assertEquals(9, network.send(socket, datagram));
        assertEquals(BOTH, awaitReady(socket, READABLE));
        assertEquals(0, takeReport(socket));
        assertEquals(Errno.ECONNREFUSED.number(), error.errno);
        assertEquals(v4 ? 3 : 1, error.type);
        assertEquals(v4 ? 3 : 4, error.code);
        assertEquals(0, error.reporterHigh);
        assertEquals(loopback(v4), error.reporterLow);
        assertEquals(0, error.destinationHigh);
        assertEquals(loopback(v4), error.destinationLow);
        assertEquals(port, error.destinationPort);
        assertEquals("to nobody", text(error.quoteAddress - room, error.quoteLength));
        assertEquals(AGAIN, takeReport(socket));
        assertEquals(0, network.poll((token, readiness) -> { }), "nothing is left of it");
    }

    @Test
    void shouldSendAndReceiveThoughAReportWaits() throws IOException {
        HostWorld.Correspondent correspondent = world.correspondent(true);
        int socket = network.openDatagram(true, 0);
        int own = sourcePort(socket, correspondent, true);
        unreachable(socket);
        assertEquals(own, sourcePort(socket, correspondent, true));
        unreachable(socket);
        correspondent.send(new byte[7], own);
        await("the datagram behind the error", () -> receiveDatagram(socket));
        for (int i = 0; i < 2; i++) {
            await("a report", () -> takeReport(socket) == 0 ? true : null);
        }
        assertEquals(AGAIN, takeReport(socket));
    }

    private void unreachable(int socket) throws IOException {
        address(true, world.unreachablePort(true), 5);
        assertEquals(5, network.send(socket, datagram));
        assertEquals(BOTH, awaitReady(socket, READABLE));
    }

    private int sourcePort(int socket, HostWorld.Correspondent correspondent, boolean v4) {
        address(v4, correspondent.port(), 3);
        assertEquals(3, network.send(socket, datagram));
        return await("a datagram", correspondent::receive).port();
    }

    private int takeReport(int socket) {
        error.quoteAddress = room + 100;
        error.quoteLength = 200;
        return network.receiveError(socket, error);
    }
}
