package org.vswitch.slirp.service;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A frame of the server's, taken apart by offsets.
record DhcpAnswer(ByteBuffer frame, Map<Integer, String> options) {
    private static final int MESSAGE = 14 + 20 + 8;

    static DhcpAnswer of(byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        Map<Integer, String> options = new LinkedHashMap<>();
        int offset = MESSAGE + 240;
        while ((frame[offset] & 0xff) != 255) {
            int code = frame[offset] & 0xff;
            int length = frame[offset + 1] & 0xff;
            String value = HexFormat.of().formatHex(frame, offset + 2, offset + 2 + length);
            options.merge(code, value, String::concat);
            offset += 2 + length;
        }
        return new DhcpAnswer(bytes, options);
    }

    long station() {
        return frame.getLong(0) >>> 16;
    }

    int source() {
        return frame.getInt(26);
    }

    int destination() {
        return frame.getInt(30);
    }

    int destinationPort() {
        return frame.getShort(36) & 0xffff;
    }

    /// Bytes of the message.
    int length() {
        return (frame.getShort(38) & 0xffff) - 8;
    }

    int flags() {
        return frame.getShort(MESSAGE + 10) & 0xffff;
    }

    int ciaddr() {
        return frame.getInt(MESSAGE + 12);
    }

    int yiaddr() {
        return frame.getInt(MESSAGE + 16);
    }

    int giaddr() {
        return frame.getInt(MESSAGE + 24);
    }

    /// 0 in BOOTP.
    int type() {
        return Integer.parseInt(options.getOrDefault(53, "0"), 16);
    }

    /// In their order.
    List<Integer> codes() {
        return List.copyOf(options.keySet());
    }

    /// Digits of an option, null if it is absent.
    String option(int code) {
        return options.get(code);
    }
}
