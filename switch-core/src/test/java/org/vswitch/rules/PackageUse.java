package org.vswitch.rules;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which of our packages a class names: in code, in descriptors, in generic signatures, in annotations. All of them
/// pass through the text entries of the constant pool, so these are all that is read.
///
/// @param type the class, as in source code
/// @param layer the package of the class, the part after `org.vswitch.`
/// @param uses the packages it names, likewise, its own among them
record PackageUse(String type, String layer, Set<String> uses) {
    private static final Pattern OURS = Pattern.compile("org/vswitch/([a-z]+)/");
    private static final Pattern SLIRP =
            Pattern.compile("(?m)^(?:import|package) org\\.vswitch\\.(slirp)(?:\\.([a-z]+))?");

    /// Of a source of the router's module, which is built after this one. Its root package is called as itself.
    ///
    /// @param type its name
    /// @param source its text
    static PackageUse ofRouter(String type, String source) {
        Set<String> uses = new TreeSet<>();
        String layer = "";
        Matcher matcher = SLIRP.matcher(source);
        while (matcher.find()) {
            String used = matcher.group(2) == null ? matcher.group(1) : matcher.group(2);
            uses.add(used);
            layer = matcher.group().startsWith("package") ? used : layer;
        }
        return new PackageUse(type, layer, uses);
    }

    static PackageUse of(byte[] classFile) {
        ClassModel model = ClassFile.of().parse(classFile);
        Set<String> uses = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof Utf8Entry text) {
                Matcher matcher = OURS.matcher(text.stringValue());
                while (matcher.find()) {
                    uses.add(matcher.group(1));
                }
            }
        }
        String name = model.thisClass().asInternalName();
        Matcher own = OURS.matcher(name);
        return new PackageUse(name.replace('/', '.'), own.find() ? own.group(1) : "", uses);
    }
}
