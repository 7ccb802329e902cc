package org.vswitch.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;

/// Input that nobody means: near what is right, or far from it.
final class Nonsense {
    private static final int BPDU_LENGTH = 53;
    private static final long BPDU_ADDRESS = 0x0180_c200_0000L;

    /// Whatever may be asked for but `shutdown`, and scripts that would not end.
    private static final List<String> COMMANDS = List.of("help", "showinfo", "logout", "load", "ds/showinfo",
            "debug/list", "debug/add", "debug/del", "plugin/list", "plugin/add", "plugin/del", "hash/showinfo",
            "hash/setsize", "hash/setgcint", "hash/setexpire", "hash/setminper", "hash/limit", "hash/print",
            "hash/find", "fstp/showinfo", "fstp/setfstp", "fstp/setedge", "fstp/bonus", "fstp/print",
            "port/showinfo", "port/setnumports", "port/sethub", "port/setvlan", "port/createauto", "port/create",
            "port/remove", "port/allocatable", "port/setuser", "port/setgroup", "port/epclose", "port/resetcounter",
            "port/print", "port/allprint", "port/drops", "port/ledger", "port/gauges",
            "port/mirror", "port/trunk", "vlan/create",
            "vlan/remove", "vlan/addport", "vlan/delport", "vlan/print", "vlan/allprint", "link/add", "link/del",
            "link/list", "no/such", "");

    /// Port and VLAN numbers, but not those of the probes, however they are read; and what is no number at all.
    private static final List<String> WORDS = List.of("0", "1", "2", "3", "5", "7", "29", "32", "40", "255", "4093",
            "4094", "4095", "4096", "65536", "-1", "-2147483648", "2147483647", "99999999999999999999", "0x10", "010",
            "0x", "1.5", "NONE", "ANY", "root", "nobody", "off", "--json", "null://", "a=null://", "b=null://[x=1]",
            "udp://", "udp://127.0.0.1:0->127.0.0.1:9", "vde:///nowhere", "x://y", "://", "%s%n", "port", "/",
            "/nowhere", "02:00:00:00:00:0a", "2:0:0:0:0:a", "02.00", "gg:gg:gg:gg:gg:gg", "\u00e4\u00f6", "'", "\"",
            "\t");

    private Nonsense() {
    }

    static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /// A request that a client might send: any bytes, or a right one with a type, a length or some bytes wrong.
    static byte[] request(PlugClient client, Random random) {
        int type = random.nextInt(3) == 0 ? random.nextInt() : random.nextInt(3) | random.nextInt(30) << 8;
        byte[] request = client.request(type, "nonsense".repeat(random.nextInt(40)));
        return switch (random.nextInt(5)) {
            case 0 -> bytes(random, 1 + random.nextInt(600));
            case 1 -> Arrays.copyOf(request, 1 + random.nextInt(request.length));
            case 2, 3 -> flipped(request, random);
            default -> request;
        };
    }

    private static byte[] flipped(byte[] bytes, Random random) {
        for (int i = random.nextInt(6); i >= 0; i--) {
            bytes[random.nextInt(Math.min(bytes.length, 140))] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    /// A line for a console, without its end.
    static String line(Random random) {
        if (random.nextInt(6) == 0) {
            String any = new String(bytes(random, random.nextInt(200)), StandardCharsets.ISO_8859_1);
            return "?" + any.replace('\n', '?');
        }
        StringBuilder line = new StringBuilder(" ".repeat(random.nextInt(3)));
        line.append(pick(COMMANDS, random));
        for (int i = random.nextInt(5); i > 0; i--) {
            line.append(random.nextInt(5) == 0 ? "" : " ").append(pick(WORDS, random));
        }
        return random.nextInt(40) == 0 ? line.toString().repeat(300) : line.toString();
    }

    private static String pick(List<String> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }

    /// A frame with any content: of any length, tagged, to a station, to all or to the spanning tree.
    static byte[] frame(Random random) {
        int length = switch (random.nextInt(6)) {
            case 0 -> random.nextInt(20);
            case 1 -> random.nextInt(65_536);
            default -> 14 + random.nextInt(1600);
        };
        byte[] frame = bytes(random, length);
        if (length < 18) {
            return frame;
        }
        long destination = switch (random.nextInt(4)) {
            case 0 -> Frames.BROADCAST;
            case 1 -> BPDU_ADDRESS;
            case 2 -> Frames.A;
            default -> random.nextLong() >>> 16;
        };
        int type = random.nextInt(3) == 0 ? Frames.VLAN : random.nextInt(1 << 16);
        byte[] payload = Arrays.copyOfRange(frame, 14, length);
        if (destination == BPDU_ADDRESS && random.nextBoolean()) {
            byte[] start = {0x42, 0x42, 0x03, 0, 0, 2, 2};
            System.arraycopy(start, 0, payload, 0, Math.min(start.length, payload.length));
            payload = Arrays.copyOf(payload, BPDU_LENGTH - 14);
            type = payload.length;
        }
        return Frames.ethernet(destination, random.nextLong() >>> 16, type, payload);
    }
}
