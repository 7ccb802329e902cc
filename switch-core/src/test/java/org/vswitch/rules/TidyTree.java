package org.vswitch.rules;

import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePathScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/// What can be said of a source file's declarations: lengths, parameters, doc comments, swallowed exceptions.
final class TidyTree extends TreePathScanner<Void, Void> {
    static final int MAX_METHOD_LINES = 60;
    static final int MAX_PARAMETERS = 4;
    static final int MAX_CONSTRUCTOR_PARAMETERS = 6;
    /// Here the kernel decides how many parameters there are.
    private static final String SYSTEM_CALLS = "org/vswitch/linux/LibC.java";

    private final JavaSource source;
    private final List<String> complaints = new ArrayList<>();

    private TidyTree(JavaSource source) {
        this.source = source;
    }

    static List<String> check(JavaSource source) {
        TidyTree tree = new TidyTree(source);
        tree.scan(source.unit(), null);
        return tree.complaints;
    }

    @Override
    public Void visitClass(ClassTree type, Void nothing) {
        wantDocComment(type, type.getModifiers().getFlags(), type.getSimpleName().toString());
        return super.visitClass(type, nothing);
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
        String name = method.getName().toString();
        boolean isConstructor = method.getReturnType() == null;
        if (source.lineCount(method) > MAX_METHOD_LINES) {
            complain(method, name + " has " + source.lineCount(method) + " lines, at most " + MAX_METHOD_LINES);
        }
        if (method.getParameters().size() > (isConstructor ? MAX_CONSTRUCTOR_PARAMETERS : MAX_PARAMETERS)
                && !isOverride(method) && !source.path().endsWith(SYSTEM_CALLS)) {
            complain(method, name + " has " + method.getParameters().size() + " parameters; a record would name them");
        }
        if (!isOverride(method)) {
            wantDocComment(method, method.getModifiers().getFlags(), name);
        }
        return super.visitMethod(method, nothing);
    }

    @Override
    public Void visitVariable(VariableTree variable, Void nothing) {
        if (getCurrentPath().getParentPath().getLeaf() instanceof ClassTree) {
            wantDocComment(variable, variable.getModifiers().getFlags(), variable.getName().toString());
        }
        return super.visitVariable(variable, nothing);
    }

    @Override
    public Void visitCatch(CatchTree clause, Void nothing) {
        if (clause.getBlock().getStatements().isEmpty()) {
            complain(clause, "an exception is swallowed");
        }
        return super.visitCatch(clause, nothing);
    }

    private void wantDocComment(Tree tree, Set<Modifier> flags, String name) {
        if (source.isMain() && flags.contains(Modifier.PUBLIC) && !source.hasDocComment(getCurrentPath())) {
            complain(tree, "public " + name + " has no doc comment");
        }
    }

    private static boolean isOverride(MethodTree method) {
        return method.getModifiers().getAnnotations().stream()
                .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"));
    }

    private void complain(Tree tree, String complaint) {
        complaints.add(source.place(tree) + ": " + complaint);
    }
}
