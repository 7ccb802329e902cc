package org.vswitch.rules;

import static java.lang.constant.ConstantDescs.CD_int;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Repository;

/// Arrows point down only, and the diagram in `docs/ARCHITECTURE.md` is the law: this compares it with the class files.
class LayersTest {
    private static final Path CLASSES = Repository.root().resolve("switch-core/target/classes/org/vswitch");
    private static final Path ROUTER = Repository.root().resolve("slirp-stack/src/main/java/org/vswitch");
    private static final Path DIAGRAM = Repository.root().resolve("docs/ARCHITECTURE.md");

    @Test
    void shouldPointDownOnly() throws IOException {
        assertEquals(List.of(), complaints(diagram(), packageUses()));
    }

    @Test
    void shouldPointDownOnlyWithinTheRouter() throws IOException {
        List<PackageUse> uses = new ArrayList<>();
        try (Stream<Path> files = Files.walk(ROUTER)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
                uses.add(PackageUse.ofRouter(file.getFileName().toString(), Files.readString(file)));
            }
        }
        LayerDiagram diagram = LayerDiagram.read(DIAGRAM, "The router");
        assertEquals(List.of(), complaints(diagram, uses));
        Set<String> layers = new TreeSet<>();
        uses.forEach(use -> layers.add(use.layer()));
        assertEquals(new TreeSet<>(diagram.layers()), layers, "packages of slirp-stack");
    }

    @Test
    void shouldDrawEveryPackage() throws IOException {
        assertEquals(Set.of(), undrawn(diagram(), packageUses()),
                "packages of switch-core that the diagram does not show");
    }

    @Test
    void shouldRefuseAnArrowThatPointsUp() {
        LayerDiagram diagram = LayerDiagram.of("engine   on top", "bridge", "wire     at the bottom");
        PackageUse up = PackageUse.of(ClassFile.of().build(ClassDesc.of("org.vswitch.wire.Planted"),
                type -> type.withField("field", ClassDesc.of("org.vswitch.bridge.Bridge"), 0)));
        PackageUse down = PackageUse.of(ClassFile.of().build(ClassDesc.of("org.vswitch.engine.Planted"),
                type -> type.withMethod("method", MethodTypeDesc.of(CD_int, ClassDesc.of("org.vswitch.wire.Ethernet")),
                        ClassFile.ACC_ABSTRACT, method -> { })));
        assertEquals(List.of("org.vswitch.wire.Planted uses bridge"), complaints(diagram, List.of(up, down)));
    }

    @Test
    void shouldRefuseAPackageThatIsNotDrawn() {
        LayerDiagram diagram = LayerDiagram.of("engine", "wire");
        assertFalse(diagram.allows("engine", "elsewhere"));
        assertTrue(diagram.allows("engine", "wire"));
        assertTrue(diagram.allows("wire", "wire"));
    }

    private static List<String> complaints(LayerDiagram diagram, List<PackageUse> uses) {
        List<String> complaints = new ArrayList<>();
        for (PackageUse use : uses) {
            for (String target : use.uses()) {
                if (!diagram.allows(use.layer(), target)) {
                    complaints.add(use.type() + " uses " + target);
                }
            }
        }
        return complaints;
    }

    private static LayerDiagram diagram() throws IOException {
        return LayerDiagram.read(DIAGRAM, "Layers");
    }

    private static Set<String> undrawn(LayerDiagram diagram, List<PackageUse> uses) {
        Set<String> undrawn = new TreeSet<>();
        uses.forEach(use -> undrawn.add(use.layer()));
        diagram.layers().forEach(undrawn::remove);
        return undrawn;
    }

    private static List<PackageUse> packageUses() throws IOException {
        List<PackageUse> uses = new ArrayList<>();
        try (Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).sorted().toList()) {
                uses.add(PackageUse.of(Files.readAllBytes(file)));
            }
        }
        assertFalse(uses.isEmpty(), "no class files under " + CLASSES);
        return uses;
    }
}
