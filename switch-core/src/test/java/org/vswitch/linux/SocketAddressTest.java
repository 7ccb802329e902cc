package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class SocketAddressTest {
    @Test
    void shouldLayOutAPathAsSockaddrUn() throws IOException {
        SocketAddress address = SocketAddress.ofPath("/run/x");
        byte[] bytes = address.bytes();
        assertEquals(110, bytes.length);
        assertEquals(1, bytes[0]);
        assertEquals('/', bytes[2]);
        assertEquals('x', bytes[7]);
        assertEquals(0, bytes[8]);
        assertEquals("/run/x", address.path());
        assertEquals("/run/x", address.toString());
        assertFalse(address.isAbstract());
    }

    @Test
    void shouldTakePathsOfUpTo107Bytes() throws IOException {
        String longest = "/" + "p".repeat(106);
        assertEquals(longest, SocketAddress.ofPath(longest).path());
        LinuxException refusal = assertThrows(LinuxException.class, () -> SocketAddress.ofPath(longest + "q"));
        assertTrue(refusal.is(Errno.ENAMETOOLONG));
        assertTrue(refusal.getMessage().contains(longest + "q (108 bytes, at most 107)"));
        assertThrows(LinuxException.class, () -> SocketAddress.ofPath(""));
    }

    @Test
    void shouldReadAPathThatFillsTheStructure() {
        byte[] bytes = new byte[110];
        bytes[0] = 1;
        java.util.Arrays.fill(bytes, 2, 110, (byte) 'x');
        assertEquals(108, SocketAddress.ofBytes(bytes).path().length());
    }

    @Test
    void shouldTellAbstractAndEmptyNames() {
        assertTrue(SocketAddress.ofBytes(new byte[] {1, 0}).isAbstract());
        assertTrue(SocketAddress.ofBytes(new byte[] {1, 0, 0, 'a'}).isAbstract());
        assertEquals("@a", SocketAddress.ofBytes(new byte[] {1, 0, 0, 'a'}).toString());
        assertEquals("", SocketAddress.ofBytes(new byte[] {1, 0, 0, 'a'}).path());
    }

    @Test
    void shouldLayOutInternetAddresses() throws IOException {
        SocketAddress v4 = SocketAddress.ofInet(InetAddress.getByName("192.0.2.1"), 0x1234);
        assertEquals(16, v4.length());
        assertEquals(0x12, v4.bytes()[2]);
        assertEquals(0x34, v4.bytes()[3]);
        assertEquals("192.0.2.1:4660", v4.toString());
        SocketAddress v6 = SocketAddress.ofInet(InetAddress.getByName("2001:db8::1"), 65_535);
        assertEquals(28, v6.length());
        assertEquals(65_535, v6.port());
        assertEquals("[2001:db8:0:0:0:0:0:1]:65535", v6.toString());
    }
}
