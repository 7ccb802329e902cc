package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ManualNames;

class DropTest {
    @Test
    void shouldHaveEveryReasonInTheManual() throws IOException {
        List<String> reasons = Drop.ALL.stream().map(Drop::key).toList();
        List<String> explained = ManualNames.in("vswitch.1", "COUNTERS").stream().filter(reasons::contains).toList();
        assertEquals(reasons.stream().sorted().toList(), explained);
    }
}
