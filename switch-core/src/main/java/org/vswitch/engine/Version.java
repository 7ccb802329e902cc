package org.vswitch.engine;

/// The version of this switch, as commands and the console print it.
public final class Version {
    /// Without a leading `v`.
    public static final String TEXT = "0.1.0";

    private Version() {
    }
}
