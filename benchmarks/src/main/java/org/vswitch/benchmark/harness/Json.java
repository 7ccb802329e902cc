package org.vswitch.benchmark.harness;

import java.util.List;
import java.util.Map;

/// Writes maps, lists, strings, numbers and booleans as JSON.
final class Json {
    private Json() {
    }

    static String of(Object value) {
        StringBuilder text = new StringBuilder();
        write(text, value, "\n");
        return text.append('\n').toString();
    }

    private static void write(StringBuilder text, Object value, String newline) {
        String inner = newline + "  ";
        switch (value) {
            case Map<?, ?> map -> {
                String separator = "";
                text.append('{');
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text.append(separator).append(inner);
                    quote(text, String.valueOf(entry.getKey()));
                    write(text.append(": "), entry.getValue(), inner);
                    separator = ",";
                }
                text.append(newline).append('}');
            }
            case List<?> list -> {
                boolean flat = list.stream().allMatch(Number.class::isInstance);
                String separator = "";
                text.append('[');
                for (Object element : list) {
                    text.append(separator).append(flat ? "" : inner);
                    write(text, element, inner);
                    separator = flat ? ", " : ",";
                }
                text.append(flat ? "" : newline).append(']');
            }
            case Double number when number.isNaN() || number.isInfinite() -> text.append("null");
            case Number number -> text.append(number);
            case Boolean flag -> text.append(flag);
            default -> quote(text, String.valueOf(value));
        }
    }

    private static void quote(StringBuilder text, String value) {
        text.append('"');
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append("\\u%04x".formatted((int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
