package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;

/// Messages of vde_switch 2.3.2 as they came out of it, and what is none.
class BpduTest {
    private static final int ROOM = 256;
    private static final String BLOCKED = "0180c200000000ff0000000c0027424203000002024a800000ff0000000a01312d00"
            + "800000ff0000000c8001010028000400000000";

    private final long memory = NativeMemory.map(ROOM);

    @AfterEach
    void unmap() {
        NativeMemory.unmap(memory, ROOM);
    }

    @ParameterizedTest
    @CsvSource({
        "3c, 800000ff0000000a00000000800000ff0000000a8001, 0000", // a root's first word on a new port
        "74, 800000ff0000000a01312d00800000ff0000000b8001, 0000", // agreement on the root port
        "0a, 800000ff0000000a01312d00800000ff0000000c8001, 0000", // proposal on a blocked port
        "3d, 700000ff0000000a00000000700000ff0000000a8003, 0000", // topology change
        "74, 800000ff0000000a01312d00800000ff0000000b8004, 0c00"}) // twelve seconds after the root was heard
    void shouldReadAndWriteWhatVdeSwitchWrites(String flags, String vector, String age) {
        String source = vector.substring(28, 40);
        String frame = "0180c2000000" + source + "00274242030000" + "0202" + flags + vector + age + "28000400000000";
        Bpdu bpdu = parse(frame).orElseThrow();
        assertEquals(frame, HexFormat.of().formatHex(bpdu.emit()));
        assertEquals(HexFormat.fromHexDigits(flags), bpdu.flags());
        assertEquals(HexFormat.fromHexDigits(age.substring(0, 2)), bpdu.ageSeconds());
    }

    @Test
    void shouldReadEveryField() {
        assertEquals(new Bpdu(Bpdu.AGREEMENT | Bpdu.BACKUP_PORT | Bpdu.PROPOSAL, 0x8000_00ff_0000_000aL, 20_000_000,
                0x8000_00ff_0000_000cL, 0x8001, 1), parse(BLOCKED).orElseThrow());
        assertEquals(Bpdu.BACKUP_PORT, parse(BLOCKED).orElseThrow().role());
    }

    @Test
    void shouldReadTaggedAndPaddedMessages() {
        String tagged = BLOCKED.substring(0, 24) + "81000007" + BLOCKED.substring(24);
        assertEquals(parse(BLOCKED), parse(tagged));
        assertEquals(parse(BLOCKED), parse(BLOCKED + "00000000000000"));
        assertEquals(Optional.empty(), parse(tagged.substring(0, tagged.length() - 2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"13:26", "14:43", "15:43", "16:07", "17:01", "18:80", "19:03", "20:80"})
    void shouldRefuseWhatIsNoneOfThisProtocol(String change) {
        byte[] frame = HexFormat.of().parseHex(BLOCKED);
        frame[Integer.parseInt(change.substring(0, 2))] = (byte) HexFormat.fromHexDigits(change.substring(3));
        assertEquals(Optional.empty(), parse(HexFormat.of().formatHex(frame)));
    }

    @Test
    void shouldRefuseEveryShorterFrame() {
        for (int length = 0; length < Bpdu.LENGTH; length++) {
            assertEquals(Optional.empty(), Bpdu.parse(memory, length));
            assertEquals(Optional.empty(), parse(BLOCKED.substring(0, 2 * length)));
        }
    }

    @Test
    void shouldReadWhatItWrote() {
        Seeds.check(1_000, random -> {
            Bpdu bpdu = new Bpdu(random.nextInt(1 << 8), random.nextLong(), random.nextLong(1L << 32),
                    random.nextLong(), random.nextInt(1 << 16), random.nextInt(1 << 16));
            assertEquals(bpdu, parse(HexFormat.of().formatHex(bpdu.emit())).orElseThrow());
        });
    }

    @Test
    void shouldReadNothingBehindTheFrame() {
        Seeds.check(1_000, random -> {
            byte[] frame = HexFormat.of().parseHex(BLOCKED + "0000000000");
            frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            frame[12] = random.nextBoolean() ? (byte) 0x81 : frame[12];
            int length = random.nextInt(frame.length);
            long start = memory + ROOM - length; // what lies behind is not registered, so that a load there throws
            NativeMemory.copyIn(frame, 0, start, length);
            Bpdu.parse(start, length);
        });
    }

    @ParameterizedTest
    @CsvSource({"0, 8000", "1, 8001", "15, 800f", "16, 8110", "31, 811f", "255, 8fff"})
    void shouldNumberPortsAsVdeSwitchDoes(int port, String id) {
        assertEquals(id, HexFormat.of().toHexDigits((short) Bpdu.portId(port)));
    }

    private Optional<Bpdu> parse(String hex) {
        byte[] frame = HexFormat.of().parseHex(hex);
        NativeMemory.copyIn(frame, 0, memory, frame.length);
        return Bpdu.parse(memory, frame.length);
    }
}
