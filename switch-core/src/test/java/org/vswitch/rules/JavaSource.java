package org.vswitch.rules;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// One parsed source file.
final class JavaSource {
    private final String path;
    private final String text;
    private final CompilationUnitTree unit;
    private final DocTrees trees;

    private JavaSource(String path, String text) throws IOException {
        this.path = path;
        this.text = text;
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, List.of(), null, List.of(new Text(path, text)));
        this.unit = task.parse().iterator().next();
        this.trees = DocTrees.instance(task);
    }

    static JavaSource read(Path root, Path file) throws IOException {
        return new JavaSource(root.relativize(file).toString(), Files.readString(file));
    }

    /// For samples: `path` is only a name, relative to the checkout.
    static JavaSource of(String path, String text) throws IOException {
        return new JavaSource(path, text);
    }

    /// Relative to the checkout.
    String path() {
        return path;
    }

    /// The file's name without `.java`.
    String name() {
        return path.substring(path.lastIndexOf('/') + 1, path.length() - ".java".length());
    }

    String text() {
        return text;
    }

    List<String> lines() {
        return text.lines().toList();
    }

    CompilationUnitTree unit() {
        return unit;
    }

    /// The package, or the empty text in a module descriptor.
    String packageName() {
        return unit.getPackageName() == null ? "" : unit.getPackageName().toString();
    }

    /// Is this the product's own code rather than a test or a benchmark?
    boolean isMain() {
        return path.contains("/src/main/") && !path.startsWith("benchmarks/");
    }

    /// Lines from the first annotation to the closing brace.
    long lineCount(Tree tree) {
        var positions = trees.getSourcePositions();
        return line(positions.getEndPosition(unit, tree)) - line(positions.getStartPosition(unit, tree)) + 1;
    }

    /// `path:line` of a declaration or statement.
    String place(Tree tree) {
        return path + ":" + line(trees.getSourcePositions().getStartPosition(unit, tree));
    }

    boolean hasDocComment(TreePath element) {
        return trees.getDocComment(element) != null;
    }

    /// The text of the comment in front of a declaration, empty if there is none.
    String docComment(TreePath element) {
        return hasDocComment(element) ? trees.getDocComment(element) : "";
    }

    private long line(long position) {
        return unit.getLineMap().getLineNumber(position);
    }

    private static final class Text extends SimpleJavaFileObject {
        private final String text;

        private Text(String path, String text) {
            super(URI.create("string:///" + path), JavaFileObject.Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
