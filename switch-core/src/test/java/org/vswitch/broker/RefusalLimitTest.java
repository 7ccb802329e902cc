package org.vswitch.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.vswitch.grant.GrantStatus;

class RefusalLimitTest {
    private static final int ALICE = 1001;
    private static final int HIGHEST = -2;
    private static final long START_NS = Long.MAX_VALUE - 7;

    private final RefusalLimit limit = new RefusalLimit();

    private int admitted(int uid, GrantStatus status, int times) {
        int admitted = 0;
        for (int i = 0; i < times; i++) {
            admitted += limit.admits(uid, status, START_NS + i) ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void shouldTellSomeRefusalsAndCountTheRest() {
        assertEquals(RefusalLimit.LINES, admitted(ALICE, GrantStatus.NAME, RefusalLimit.LINES + 3));
        assertEquals(0, admitted(ALICE, GrantStatus.MALFORMED, 1000));
        assertEquals(OptionalLong.of(START_NS + RefusalLimit.MINUTE_NS), limit.deadlineNs());
        assertEquals(List.of(), limit.over(START_NS + RefusalLimit.MINUTE_NS - 1));
        assertEquals(List.of("left out uid=1001 refusals=1003 MALFORMED=1000 NAME=3"),
                limit.over(START_NS + RefusalLimit.MINUTE_NS));
        assertTrue(limit.admits(ALICE, GrantStatus.NAME, START_NS + RefusalLimit.MINUTE_NS), "another minute");
    }

    @Test
    void shouldSayNothingOfUsersOfWhomAllWasTold() {
        admitted(ALICE, GrantStatus.NAME, RefusalLimit.LINES);
        assertEquals(List.of(), limit.over(START_NS + RefusalLimit.MINUTE_NS));
        assertEquals(OptionalLong.empty(), limit.deadlineNs());
    }

    @Test
    void shouldLimitEachUserForHimself() {
        assertEquals(RefusalLimit.LINES, admitted(ALICE, GrantStatus.NAME, 100));
        assertEquals(RefusalLimit.LINES, admitted(HIGHEST, GrantStatus.USER, 50));
        assertEquals(List.of("left out uid=1001 refusals=80 NAME=80", "left out uid=4294967294 refusals=30 USER=30"),
                limit.rest());
        assertEquals(List.of(), limit.rest());
    }

    /// A user may have many ids of his own.
    @Test
    void shouldBoundTheUsersItKnows() {
        int told = 0;
        for (int uid = 0; uid < 10 * RefusalLimit.MAX_USERS; uid++) {
            told += admitted(uid, GrantStatus.USER, 1);
        }
        assertEquals(RefusalLimit.MAX_USERS + RefusalLimit.LINES, told);
        assertEquals(List.of("left out uid=others refusals=" + (9 * RefusalLimit.MAX_USERS - RefusalLimit.LINES)
                + " USER=" + (9 * RefusalLimit.MAX_USERS - RefusalLimit.LINES)), limit.rest());
        assertFalse(limit.deadlineNs().isPresent());
    }
}
