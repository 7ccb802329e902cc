package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.linux.Fd;

/// What front-ends said to a switch, recorded, and said again. Each line is a message:
///
///     > NUMBER FLAGS DESCRIPTORS PAYLOAD    of the front-end
///     < NUMBER FLAGS PAYLOAD                of the switch
///     = RING...                             not a message: the rings that run now
class VhostTranscriptTest {
    private static final int MEMORY = 512 << 20;

    @ParameterizedTest
    @ValueSource(strings = {"qemu-7.2-reset-and-link", "testpmd-22.11"})
    void shouldAnswerAsItDid(String name) throws IOException {
        List<String> log = replay(name);
        assertTrue(log.stream().noneMatch(line -> line.contains("no memory")), log.toString());
    }

    @Test
    void shouldTellAGuestOfQemuHowToShareItsMemory() throws IOException {
        assertEquals(List.of("not used: MTU, MQ", "ring=0 lies in no memory that is shared with us; QEMU shares a "
                + "guest's with -object memory-backend-memfd,id=m,size=SIZE,share=on -machine memory-backend=m"),
                replay("qemu-7.2-unshared"));
    }

    /// Says it all again.
    ///
    /// @return what was logged
    private static List<String> replay(String name) throws IOException {
        try (FrontEndTalk talk = new FrontEndTalk(FrontEndTalk.offer(1), MEMORY)) {
            List<String> lines = read(name + ".txt");
            byte[] reply = {};
            int count = 0;
            for (String line : lines) {
                String[] words = line.split(" ");
                if (words[0].equals(">")) {
                    assertEquals(0, reply.length, "no answer was recorded before " + line);
                    reply = say(talk, words, answerTo(lines, count));
                } else if (words[0].equals("<")) {
                    assertEquals(line, shown(reply), "answer, line " + count);
                    reply = new byte[0];
                } else if (words[0].equals("=")) {
                    assertEquals(line, running(talk.device()), "line " + count);
                }
                count++;
            }
            assertTrue(count > 20, count + " lines");
            talk.session().close();
            assertEquals(0, talk.open());
            return talk.log();
        }
    }

    private static List<String> read(String name) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                VhostTranscriptTest.class.getResourceAsStream(name), StandardCharsets.US_ASCII))) {
            return lines.lines().toList();
        }
    }

    /// The recorded answer, whose rings stood where ours are to stand.
    private static String answerTo(List<String> lines, int question) {
        return question + 1 < lines.size() ? lines.get(question + 1) : "";
    }

    private static byte[] say(FrontEndTalk talk, String[] words, String answer) throws IOException {
        int number = Integer.parseInt(words[1]);
        if (number == VhostRequest.GET_VRING_BASE.number()) {
            byte[] state = HexFormat.of().parseHex(answer.split(" ")[3]);
            talk.device().index(Integer.reverseBytes(ByteBuffer.wrap(state).getInt(4)));
        }
        List<Fd> files = new ArrayList<>();
        for (int i = Integer.parseInt(words[3]); i > 0; i--) {
            files.add(talk.fd());
        }
        byte[] payload = words.length > 4 ? HexFormat.of().parseHex(words[4]) : new byte[0];
        return talk.session().handle(new VhostMessage(number, Integer.parseInt(words[2]), payload), files);
    }

    private static String shown(byte[] reply) {
        if (reply.length < VhostMessage.HEADER_LENGTH) {
            return "no answer";
        }
        ByteBuffer bytes = ByteBuffer.wrap(reply);
        return "< " + Integer.reverseBytes(bytes.getInt(0)) + " " + Integer.reverseBytes(bytes.getInt(4)) + " "
                + HexFormat.of().formatHex(reply, VhostMessage.HEADER_LENGTH, reply.length);
    }

    private static String running(ToldDevice device) {
        StringJoiner running = new StringJoiner(" ", "= ", "");
        for (int ring = 0; ring < device.rings(); ring++) {
            if (device.setup(ring) != null) {
                running.add(Integer.toString(ring));
            }
        }
        return running.toString().strip();
    }
}
