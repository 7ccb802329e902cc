package org.vswitch.console;

/// Writes one JSON document (RFC 8259) without line breaks, value by value. Commas and colons come by themselves.
public final class Json {
    private final StringBuilder text = new StringBuilder();
    private boolean first = true;

    /// An empty document.
    public Json() {
    }

    /// Begins an object.
    ///
    /// @return this
    public Json object() {
        return open('{');
    }

    /// Ends an object.
    ///
    /// @return this
    public Json endObject() {
        return close('}');
    }

    /// Begins an array.
    ///
    /// @return this
    public Json array() {
        return open('[');
    }

    /// Ends an array.
    ///
    /// @return this
    public Json endArray() {
        return close(']');
    }

    /// Begins a member of an object; its value must follow.
    ///
    /// @param name of the member
    /// @return this
    public Json name(String name) {
        separate();
        quote(name);
        text.append(':');
        first = true;
        return this;
    }

    /// Writes a string.
    ///
    /// @param value null for JSON's null
    /// @return this
    public Json value(String value) {
        separate();
        if (value == null) {
            text.append("null");
        } else {
            quote(value);
        }
        return this;
    }

    /// Writes a number.
    ///
    /// @param value any
    /// @return this
    public Json value(long value) {
        separate();
        text.append(value);
        return this;
    }

    /// Writes true or false.
    ///
    /// @param value any
    /// @return this
    public Json value(boolean value) {
        separate();
        text.append(value);
        return this;
    }

    /// Writes a member with a string.
    ///
    /// @param name of the member
    /// @param value null for JSON's null
    /// @return this
    public Json member(String name, String value) {
        return name(name).value(value);
    }

    /// Writes a member with a number.
    ///
    /// @param name of the member
    /// @param value any
    /// @return this
    public Json member(String name, long value) {
        return name(name).value(value);
    }

    /// Writes a member with true or false.
    ///
    /// @param name of the member
    /// @param value any
    /// @return this
    public Json member(String name, boolean value) {
        return name(name).value(value);
    }

    /// What was written since the last call.
    ///
    /// @return a part of the document
    String take() {
        String part = text.toString();
        text.setLength(0);
        return part;
    }

    int length() {
        return text.length();
    }

    private Json open(char bracket) {
        separate();
        text.append(bracket);
        first = true;
        return this;
    }

    private Json close(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    private void separate() {
        if (!first) {
            text.append(',');
        }
        first = false;
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ') {
                        text.append("\\u%04x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
