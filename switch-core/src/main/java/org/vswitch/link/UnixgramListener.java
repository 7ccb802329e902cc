package org.vswitch.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongHashSet;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.NamedDatagrams;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A datagram socket that guests send to, each from a name of its own, by which it is known: a link each.
///
/// Theory of operation. Datagrams have no connections to accept: all guests send to one socket, so a daemon thread
/// reads it and puts frames into the guests' rings ([UnixgramLink]). Most guests are connected to it (vfkit, libkrun),
/// and hear nobody else: what they are sent must come from that very socket, whose buffer all of them would share, so
/// that one who does not read would keep it from the others. So whenever a guest has said its first word, the name is
/// given to a new socket, and the old one is left to that guest, and to those who are connected to it and have not
/// spoken yet. Whoever is not connected, as QEMU, is sent to from a socket of its own.
///
/// A guest whose name comes by another socket than before has been started again: its link is replaced. Rejected:
/// connecting the first socket to its guest (others who found it meanwhile would be refused for ever).
final class UnixgramListener implements LinkScheme.Attachment {
    /// What is behind the path of a socket that is to have it next.
    static final String NEXT = ".next";
    private static final int STOP = -1;
    private static final int MAGIC_LENGTH = 4;
    private static final int MAX_EVENTS = 64;
    private static final int REFUSED_MS = 1000;
    private static final int MAX_REFUSED = 1000;

    private final SocketFile file;
    private final int most;
    private final LinkHost host;
    private final Epoll epoll;
    private final EventFd wake;
    private final NamedDatagrams datagrams = new NamedDatagrams();
    private final FrameBatch batch = FrameBatch.forReceiving();
    private final List<Door> doors = new ArrayList<>();
    private final Long2ObjectHashMap<Guest> guests = new Long2ObjectHashMap<>();
    private final LongHashSet refused = new LongHashSet();
    private final Queue<Guest> leaving = new LinkedBlockingQueue<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private String told = "";

    /// A socket that has or had the name.
    private static final class Door {
        private final Fd socket;
        private int guests;

        Door(Fd socket) {
            this.socket = socket;
        }
    }

    /// Who has spoken.
    private static final class Guest {
        private final byte[] name;
        private final long key;
        private final Door door;
        private final boolean isConnected;
        private final UnixgramLink link;
        private long attachment;
        private boolean offered;

        Guest(byte[] name, long key, Door door, Way way) throws LinuxException {
            this.name = name;
            this.key = key;
            this.door = door;
            this.isConnected = way.isConnected;
            this.link = UnixgramLink.open(way.link);
        }
    }

    /// How a guest is sent to.
    private record Way(Link link, boolean isConnected) {
    }

    private UnixgramListener(SocketFile file, int most, LinkHost host, Epoll epoll, EventFd wake) {
        this.file = file;
        this.most = most;
        this.host = host;
        this.epoll = epoll;
        this.wake = wake;
        for (int i = 0; i < NamedDatagrams.CAPACITY; i++) {
            datagrams.receiveInto(i, batch.slot(i), FrameSlab.MAX_FRAME);
        }
    }

    /// Begins to read.
    ///
    /// @param file where
    /// @param most the most guests
    /// @param host takes the links
    /// @throws IOException with one line that says what is refused
    static UnixgramListener open(SocketFile file, int most, LinkHost host) throws IOException {
        Epoll epoll = new Epoll(MAX_EVENTS);
        EventFd wake = null;
        Fd socket = null;
        try {
            wake = new EventFd();
            epoll.add(wake.fd(), Epoll.READABLE, STOP);
            socket = Sockets.open(Sockets.Type.DATAGRAM, true);
            file.bind(socket, Sockets.Type.DATAGRAM);
            UnixgramListener opened = new UnixgramListener(file, most, host, epoll, wake);
            opened.watch(socket);
            Thread.ofPlatform().daemon().name("unixgram").start(opened::run);
            return opened;
        } catch (IOException refusal) {
            epoll.close();
            if (wake != null) {
                wake.close();
            }
            if (socket != null) {
                socket.close();
            }
            throw new IOException(file.scheme() + ": " + refusal.getMessage(), refusal);
        }
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            wake.signal();
            ended.join();
            wake.close();
        }
        ended.join();
    }

    private void watch(Fd socket) throws LinuxException {
        Sockets.sendBuffer(socket, LinkFeatures.MAX_BUFFERED * 3 / 4);
        epoll.add(socket.number(), Epoll.READABLE, socket.number());
        doors.add(new Door(socket));
    }

    private void run() {
        try {
            while (!closed.get()) {
                int count = epoll.await(refused.isEmpty() ? -1 : REFUSED_MS);
                if (count == 0 || refused.size() > MAX_REFUSED) {
                    refused.clear();
                }
                for (int i = 0; i < count; i++) {
                    if (epoll.token(i) == STOP) {
                        wake.drain();
                        forget();
                    }
                }
                for (int i = 0; i < count; i++) {
                    readDoor(epoll.token(i));
                }
            }
        } finally {
            file.remove();
            List.copyOf(guests.values()).forEach(guest -> host.detach(guest.attachment));
            while (!guests.isEmpty()) {
                forget(); // the host says when it uses the last one no more
                Thread.onSpinWait();
            }
            doors.forEach(door -> door.socket.close());
            epoll.close();
            datagrams.close();
            batch.free();
            ended.complete(null);
        }
    }

    private void readDoor(long number) {
        for (int i = 0; i < doors.size(); i++) {
            if (doors.get(i).socket.number() == number) {
                read(doors.get(i));
                return;
            }
        }
    }

    private void read(Door door) {
        int count = datagrams.receive(door.socket);
        for (int i = 0; i < count; i++) {
            Guest guest = guest(door, i);
            if (guest != null && !isMagic(i)) {
                offer(guest, i);
            }
        }
        for (int i = 0; i < count; i++) {
            Guest guest = guests.get(datagrams.nameHash(i));
            if (guest != null && guest.offered) {
                guest.offered = false;
                guest.link.wake();
            }
        }
    }

    private void offer(Guest guest, int index) {
        batch.clear();
        batch.addFrame(batch.slot(index), datagrams.length(index));
        if (batch.size() == 1) {
            guest.link.offer(batch, 0);
        } else {
            guest.link.offerTooShort();
        }
        guest.offered = true;
    }

    private boolean isMagic(int index) {
        return datagrams.length(index) == MAGIC_LENGTH && NativeMemory.getByte(batch.slot(index)) == 'V'
                && NativeMemory.getByte(batch.slot(index) + 1) == 'F'
                && NativeMemory.getByte(batch.slot(index) + 2) == 'K'
                && NativeMemory.getByte(batch.slot(index) + 3) == 'T';
    }

    /// Who sent a datagram; null if there is no place for it.
    private Guest guest(Door door, int index) {
        if (!datagrams.hasName(index)) {
            tell("a guest has no name of its own (it must bind its socket)");
            return null;
        }
        long key = datagrams.nameHash(index);
        Guest known = guests.get(key);
        if (known != null) {
            if (!datagrams.isNamed(index, known.name)) {
                return null;
            }
            if (!known.isConnected || known.door == door) {
                return known;
            }
            host.detach(known.attachment);
            remove(known);
        }
        return refused.contains(key) ? null : welcome(door, index, key);
    }

    private Guest welcome(Door door, int index, long key) {
        try {
            if (guests.size() >= most) {
                throw new IOException("more than guests=" + most);
            }
            SocketAddress name = datagrams.sender(index);
            Way way = wayTo(name, door);
            Guest guest;
            try {
                guest = new Guest(name.bytes(), key, door, way);
            } catch (LinuxException refusal) {
                way.link.close();
                throw refusal;
            }
            attach(guest, name);
            return guest;
        } catch (IOException refusal) {
            refused.add(key);
            tell(refusal.getMessage());
            return null;
        }
    }

    private void attach(Guest guest, SocketAddress name) throws IOException {
        guests.put(guest.key, guest);
        guest.door.guests++;
        try {
            if (guest.isConnected && guest.door == doors.getLast()) {
                giveNameToAnother(); // first: who comes from now on must not find the one that is taken
            }
            guest.attachment = host.attach(guest.link, new LinkLabel(file.scheme(),
                    printable(file.path() + " " + name)), () -> {
                leaving.add(guest);
                if (!closed.get()) {
                    wake.signal();
                }
            });
        } catch (IOException refusal) {
            guest.link.close();
            remove(guest);
            guest.link.dispose();
            throw refusal;
        }
    }

    /// A socket of its own for a guest that hears everybody, else the one that the guest is connected to.
    private static Way wayTo(SocketAddress name, Door door) throws LinuxException {
        var destination = new MessageBatch.Destination(name);
        Fd own = null;
        try {
            own = Sockets.open(Sockets.Type.DATAGRAM, true);
            if (Sockets.connect(own, destination)) {
                return new Way(DgramLink.buffered(own, destination, true), false);
            }
            own.close();
            own = Sockets.duplicate(door.socket);
            return new Way(DatagramLink.buffered(own, FrameSlab.MAX_FRAME, destination), true);
        } catch (LinuxException refusal) {
            destination.close();
            if (own != null) {
                own.close();
            }
            throw refusal;
        }
    }

    /// The name is never without a socket: the new one gets another name first.
    private void giveNameToAnother() throws IOException {
        SocketFile beside = new SocketFile(file.scheme(), file.path() + NEXT, file.mode(), file.group());
        Fd socket = Sockets.open(Sockets.Type.DATAGRAM, true);
        boolean given = false;
        try {
            beside.bind(socket, Sockets.Type.DATAGRAM);
            Files.move(Path.of(beside.path()), Path.of(file.path()), StandardCopyOption.ATOMIC_MOVE);
            watch(socket);
            given = true;
        } finally {
            if (!given) {
                beside.remove();
                socket.close();
            }
        }
    }

    /// Gives back what guests held whose links were closed.
    private void forget() {
        for (Guest guest = leaving.poll(); guest != null; guest = leaving.poll()) {
            remove(guest);
            guest.link.dispose();
        }
    }

    /// Takes a guest off the list, and closes its socket if nobody needs it any more.
    private void remove(Guest guest) {
        if (guests.remove(guest.key, guest)) {
            Door door = guest.door;
            door.guests--;
            if (door.guests == 0 && door != doors.getLast()) {
                epoll.remove(door.socket.number());
                door.socket.close();
                doors.remove(door);
            }
        }
    }

    /// A guest chooses its name, and consoles print it.
    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    private void tell(String trouble) {
        if (!trouble.equals(told)) {
            told = trouble;
            host.log(file.scheme() + ": " + file.path() + ": " + trouble);
        }
    }
}
