package org.vswitch.console;

/// Something a command prints: the same facts as text in VDE's form and as one JSON value. Made on the data-plane
/// thread as a snapshot, rendered by the console.
public interface Row {
    /// Appends the text form.
    ///
    /// @param lines gets whole lines, each with its newline
    void text(StringBuilder lines);

    /// Appends the JSON form.
    ///
    /// @param json gets one value, or none from lines above a table
    void json(Json json);
}
