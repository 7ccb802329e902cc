package org.vswitch.rules;

import com.sun.source.tree.DirectiveTree;
import com.sun.source.tree.ProvidesTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The services that a module provides, told twice: in module-info for the module path, in META-INF/services for the
/// class path. Both as a map from the service's name to the providers' names.
final class ServiceDeclarations {
    private ServiceDeclarations() {
    }

    static Map<String, Set<String>> inModule(JavaSource moduleInfo) {
        Map<String, Set<String>> provided = new TreeMap<>();
        for (DirectiveTree directive : moduleInfo.unit().getModule().getDirectives()) {
            if (directive instanceof ProvidesTree provides) {
                provided.put(provides.getServiceName().toString(), provides.getImplementationNames().stream()
                        .map(Object::toString).collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        return provided;
    }

    /// @param services the folder META-INF/services; no folder means no services
    static Map<String, Set<String>> onClassPath(Path services) throws IOException {
        Map<String, Set<String>> provided = new TreeMap<>();
        if (Files.isDirectory(services)) {
            try (Stream<Path> files = Files.list(services)) {
                for (Path file : files.toList()) {
                    provided.put(file.getFileName().toString(), providers(file));
                }
            }
        }
        return provided;
    }

    private static Set<String> providers(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> line.replaceFirst("#.*", "").strip()).filter(line -> !line.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
