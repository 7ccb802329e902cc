package org.vswitch.console;

/// Lines above a table, which the JSON form does not have.
///
/// @param lines with newlines
record Heading(String lines) implements Row {
    @Override
    public void text(StringBuilder text) {
        text.append(lines);
    }

    @Override
    public void json(Json json) {
        // an array tells by itself what its objects are
    }
}
