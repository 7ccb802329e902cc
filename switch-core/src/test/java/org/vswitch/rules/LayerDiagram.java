package org.vswitch.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The layers as `docs/ARCHITECTURE.md` draws them: the first code block under a heading, top layer first, one a line,
/// its package name first. What stands indented further continues the line above.
final class LayerDiagram {
    private static final String BLOCK = "(?m)^## %s\\n.*?^```\\w*\\n(.*?)^```";
    private static final Pattern LAYER = Pattern.compile("([a-z]+)(  .*)?");

    /// Package name to depth; the top layer has depth 0.
    private final Map<String, Integer> depths = new LinkedHashMap<>();

    private LayerDiagram(List<String> lines) {
        for (String line : lines) {
            Matcher layer = LAYER.matcher(line);
            if (layer.matches()) {
                depths.put(layer.group(1), depths.size());
            }
        }
    }

    static LayerDiagram read(Path document, String heading) throws IOException {
        Matcher block = Pattern.compile(BLOCK.formatted(heading), Pattern.DOTALL).matcher(Files.readString(document));
        if (!block.find()) {
            throw new IllegalStateException(document + " has no code block under '## " + heading + "'");
        }
        return new LayerDiagram(block.group(1).lines().toList());
    }

    static LayerDiagram of(String... lines) {
        return new LayerDiagram(List.of(lines));
    }

    List<String> layers() {
        return List.copyOf(depths.keySet());
    }

    /// Arrows point down only: a layer knows itself and what is drawn below it.
    boolean allows(String from, String to) {
        Integer fromDepth = depths.get(from);
        Integer toDepth = depths.get(to);
        return fromDepth != null && toDepth != null && toDepth >= fromDepth;
    }
}
