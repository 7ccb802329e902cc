package org.vswitch.console;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What Debian's vde_switch 2.3.2 says to some hundred lines, one after the other: `> ` and the line, then the reply in
/// its [Normal] form.
final class Golden {
    private Golden() {
    }

    record Exchange(String line, String reply) {
    }

    static List<Exchange> read() throws IOException {
        String text;
        try (InputStream resource = Golden.class.getResourceAsStream("debian.golden")) {
            text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<Exchange> exchanges = new ArrayList<>();
        for (String part : text.substring(2).split("\n> ", -1)) {
            int newline = part.indexOf('\n');
            String line = newline < 0 ? part : part.substring(0, newline);
            exchanges.add(new Exchange(line, newline < 0 ? "" : part.substring(newline + 1) + "\n"));
        }
        return exchanges;
    }
}
