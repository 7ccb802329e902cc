package org.vswitch.slirp.service;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The value of DHCP's option 119 (RFC 3397, 2): domain names as in DNS, compressed by pointers into the value itself
/// (RFC 1035, 4.1.4).
final class SearchList {
    private static final int POINTER = 0xc000;
    /// What a pointer can point to.
    private static final int MAX_OFFSET = 0x3fff;

    private SearchList() {
    }

    /// Encodes domain names.
    ///
    /// @param domains labels with dots between
    /// @return empty if there is none
    static byte[] encode(List<String> domains) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        Map<String, Integer> offsets = new HashMap<>();
        for (String domain : domains) {
            append(domain, value, offsets);
        }
        return value.toByteArray();
    }

    private static void append(String domain, ByteArrayOutputStream value, Map<String, Integer> offsets) {
        String rest = domain;
        while (!rest.isEmpty()) {
            Integer before = offsets.get(rest);
            if (before != null) {
                value.write((POINTER | before) >>> Byte.SIZE);
                value.write(before);
                return;
            }
            if (value.size() <= MAX_OFFSET) {
                offsets.put(rest, value.size());
            }
            int dot = rest.indexOf('.');
            String label = dot < 0 ? rest : rest.substring(0, dot);
            value.write(label.length());
            value.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
            rest = dot < 0 ? "" : rest.substring(dot + 1);
        }
        value.write(0);
    }
}
