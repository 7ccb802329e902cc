package org.vswitch.slirp.tcp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/// A simple TCP of a guest's: it keeps what comes in any order, acknowledges each segment, reports ranges if it may,
/// and sends its window again from the start when 30 ms bring no progress. Numbers are offsets in long, from each
/// SYN.
final class ModelGuest {
    private static final int WINDOW = 60_000;
    private static final int SEGMENT = 1_400;
    private static final int TIMEOUT_TURNS = 30;

    final byte[] upload;
    private final TcpRig rig;
    private final Random random;
    private final boolean sack;
    private final byte[] download;
    private final TreeMap<Integer, Integer> ranges = new TreeMap<>();
    private final List<Out> out = new ArrayList<>();
    private boolean open;
    private int expected = 1;
    private int endAt = -1;
    private int acknowledged = 1;
    private int next = 1;
    private int remoteWindow;
    private int idleTurns;
    private int progressAt = 1;
    private int synTurns;

    /// A segment on its way to the router.
    private record Out(int seq, int ack, int flags, byte[] options, byte[] text) {
    }

    ModelGuest(TcpRig rig, Random random, boolean sack, int bytes) {
        this.rig = rig;
        this.random = random;
        this.sack = sack;
        upload = new byte[bytes];
        random.nextBytes(upload);
        download = new byte[bytes];
    }

    void open() {
        rig.window = WINDOW;
        if (sack) {
            rig.syn(0, 2, 4, 5, 180, 4, 2, 1, 1);
        } else {
            rig.syn(0, 2, 4, 5, 180);
        }
    }

    boolean isDone() {
        return endAt >= 0 && expected == endAt + 1 && acknowledged == upload.length + 2;
    }

    byte[] received() {
        return Arrays.copyOf(download, expected - 2);
    }

    /// A segment has come through.
    void arrive(TcpRig.Sent sent) {
        if (sent.has(TcpRig.SYN)) {
            if (!open) {
                rig.routerIsn += sent.seq();
                open = true;
                remoteWindow = sent.window();
            }
            acknowledge();
            return;
        }
        if (!open) {
            return;
        }
        if (sent.has(TcpRig.ACK) && sent.ack() >= acknowledged) {
            acknowledged = sent.ack();
            remoteWindow = sent.window();
        }
        int end = sent.seq() + sent.text().length;
        if (sent.text().length > 0 && end <= expected + WINDOW && sent.seq() >= 1) {
            System.arraycopy(sent.text(), 0, download, sent.seq() - 1, sent.text().length);
            ranges.merge(sent.seq(), end, Math::max);
        }
        if (sent.has(TcpRig.FIN)) {
            endAt = end;
        }
        while (!ranges.isEmpty() && ranges.firstKey() <= expected) {
            expected = Math.max(expected, ranges.pollFirstEntry().getValue());
        }
        if (expected == endAt) {
            expected++;
        }
        boolean probe = sent.text().length == 0 && sent.seq() < expected - 1;
        if (sent.text().length > 0 || sent.has(TcpRig.FIN) || probe) {
            acknowledge();
        }
    }

    /// Sends what its turn brings, through a link.
    void work(LossyLinkTest.Link link) {
        if (!open) {
            if (synTurns++ % 1_000 == 999) {
                rig.syn(0);
            }
            return;
        }
        idleTurns = acknowledged == progressAt ? idleTurns + 1 : 0;
        progressAt = acknowledged;
        next = idleTurns >= TIMEOUT_TURNS ? acknowledged : Math.max(next, acknowledged);
        idleTurns = idleTurns >= TIMEOUT_TURNS ? 0 : idleTurns;
        for (int segments = 0; segments < 20 && next <= upload.length + 1; segments++) {
            int length = Math.min(SEGMENT - random.nextInt(3) * 100, upload.length + 1 - next);
            length = Math.min(length, acknowledged + remoteWindow - next);
            boolean last = next + length == upload.length + 1;
            if (length < 0 || length == 0 && !last) {
                break;
            }
            byte[] text = Arrays.copyOfRange(upload, next - 1, next - 1 + length);
            out.add(new Out(next, expected, TcpRig.ACK | (last ? TcpRig.FIN : 0), new byte[0], text));
            next += length + (last ? 1 : 0);
        }
        for (Out one : link.carry(out)) {
            rig.nextOptions = one.options;
            rig.put(one.seq, one.ack, one.flags, one.text);
        }
    }

    private void acknowledge() {
        ByteBuffer options = ByteBuffer.allocate(sack && !ranges.isEmpty() ? 4 + 8 * Math.min(3, joined().size()) : 0);
        if (options.capacity() > 0) {
            options.putInt(0x0101_0500 | options.capacity() - 2);
            joined().descendingMap().entrySet().stream().limit(3).forEach(range -> options
                    .putInt(range.getKey() + rig.routerIsn).putInt(range.getValue() + rig.routerIsn));
        }
        out.add(new Out(next, expected, TcpRig.ACK, options.array(), new byte[0]));
    }

    private TreeMap<Integer, Integer> joined() {
        TreeMap<Integer, Integer> joined = new TreeMap<>();
        ranges.forEach((from, to) -> {
            var before = joined.floorEntry(from);
            if (before != null && before.getValue() >= from) {
                joined.put(before.getKey(), Math.max(before.getValue(), to));
            } else {
                joined.put(from, to);
            }
        });
        return joined;
    }

    @Override
    public String toString() {
        return "acknowledged=" + acknowledged + " next=" + next + " expected=" + expected + " end=" + endAt
                + " ranges=" + joined() + " window=" + remoteWindow;
    }
}
