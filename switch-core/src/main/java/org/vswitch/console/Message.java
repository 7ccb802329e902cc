package org.vswitch.console;

/// A sentence.
///
/// @param sentence one line
record Message(String sentence) implements Row {
    @Override
    public void text(StringBuilder lines) {
        lines.append(sentence).append('\n');
    }

    @Override
    public void json(Json json) {
        json.object().member("message", sentence).endObject();
    }
}
