package org.vswitch.grant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantMessageTest {
    private static final GrantRequest REQUEST = new GrantRequest("tap0", "br0", 9000, 0x52_54_00_12_34_56L,
            IpPrefix.parse("10.0.2.1/24"), IpPrefix.parse("fd00::1/64"));

    @Test
    void shouldReadWhatItWrites() {
        assertEquals(GrantRequest.LENGTH, REQUEST.bytes().length);
        assertEquals(Optional.of(REQUEST), GrantRequest.parse(REQUEST.bytes()).request());
        GrantRequest least = new GrantRequest("t", "", 0, 0, Optional.empty(), Optional.empty());
        assertEquals(Optional.of(least), GrantRequest.parse(least.bytes()).request());
        GrantAnswer answer = new GrantAnswer(GrantStatus.KERNEL, "tap0", 1);
        assertEquals(GrantAnswer.LENGTH, answer.bytes().length);
        assertEquals(Optional.of(answer), GrantAnswer.parse(answer.bytes()));
    }

    @Test
    void shouldRefuseEveryOtherLength() {
        for (int length = 0; length <= 2 * GrantRequest.LENGTH; length++) {
            if (length != GrantRequest.LENGTH) {
                assertEquals(GrantStatus.MALFORMED,
                        GrantRequest.parse(Arrays.copyOf(REQUEST.bytes(), length)).status(), "length=" + length);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0, MALFORMED", "5, 2, VERSION", "7, 2, MALFORMED", "23, 1, MALFORMED", "13, 1, MALFORMED",
        "30, 1, MALFORMED", "43, 1, MALFORMED", "44, -1, MALFORMED", "54, 33, MALFORMED", "54, 0, MALFORMED",
        "55, -127, MALFORMED", "55, 0, MALFORMED", "79, 1, MALFORMED"})
    void shouldGuessNothing(int at, int value, GrantStatus expected) {
        byte[] bytes = REQUEST.bytes();
        bytes[at] = (byte) value;
        assertEquals(expected, GrantRequest.parse(bytes).status());
    }

    /// Whatever is taken for a request is written as it came: no byte of it was overlooked.
    @Test
    void shouldOverlookNoByte() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = REQUEST.bytes();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Optional<GrantRequest> request = GrantRequest.parse(bytes).request();
            if (request.isPresent() && request.get().ipv6().stream().noneMatch(IpPrefix::isIpv4)) {
                assertEquals(Arrays.toString(bytes), Arrays.toString(request.get().bytes()), "seed=" + seed);
                taken++;
            }
        }
        assertTrue(taken > 1000, "taken=" + taken);
    }
}
