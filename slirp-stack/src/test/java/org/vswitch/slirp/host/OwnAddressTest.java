package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.vswitch.slirp.fixture.RoutedSandbox;

/// Whose an address is, as the kernel says. Guests can use up the ports that it needs for the answer.
class OwnAddressTest {
    private static final int PORT = 40_000;

    @RegisterExtension
    final RoutedSandbox host = new RoutedSandbox();

    @Test
    void shouldTakeAddressesForItsOwnWhileNobodyCanBeAsked() throws IOException {
        host.onlyPort(PORT);
        assertEquals(List.of("10.9.0.2 true", "10.9.0.1 false", "0", "10.9.0.2 true", "10.9.0.1 true"),
                host.run(AskWhoseAddress.class, String.valueOf(PORT), "10.9.0.2", "10.9.0.1"));
    }
}
