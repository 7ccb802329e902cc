package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Seeds;

class CtlRequestTest {
    private static final String MAGIC = "cefaedfe";
    private static final String VERSION_3 = "03000000";
    private static final String PATH = "/tmp/c";
    private static final byte[] ADDRESS = address(PATH);

    @Test
    void shouldReadWhatLibvdeplugSends() {
        CtlRequest.Plug plug = plug(bytes(MAGIC + VERSION_3 + "00070000", ADDRESS, text("vdeplug: user=a pid=7")));
        assertEquals(7, plug.port());
        assertEquals(false, plug.management());
        assertEquals(PATH, plug.client().path());
        assertEquals("vdeplug: user=a pid=7", plug.description());
    }

    @Test
    void shouldReadARequestWithoutDescription() {
        assertEquals("", plug(bytes(MAGIC + VERSION_3 + "00000000", ADDRESS, text(""))).description());
    }

    @Test
    void shouldReadTheUnpackedFormOfUmlAndDynamips() {
        CtlRequest.Plug plug = plug(bytes(MAGIC + VERSION_3 + "00000000", ADDRESS, new byte[] {0, 7}));
        assertEquals("", plug.description());
        assertEquals("??", plug(bytes(MAGIC + VERSION_3 + "00000000", ADDRESS, new byte[] {7, 10})).description());
    }

    @Test
    void shouldReadVersion1() {
        CtlRequest.Plug plug = plug(bytes(MAGIC + "00000000" + "020000000001", ADDRESS, text("old")));
        assertEquals(CtlRequest.Plug.ANY_PORT, plug.port());
        assertEquals(PATH, plug.client().path());
        assertEquals("old", plug.description());
    }

    @Test
    void shouldReadTheManagementPortAndIgnoreTheNumberBesideIt() {
        CtlRequest.Plug plug = plug(bytes(MAGIC + VERSION_3 + "01050000", ADDRESS, text("")));
        assertTrue(plug.management());
        assertTrue(plug(bytes(MAGIC + "01000000" + "020000000001", ADDRESS, text(""))).management());
    }

    @Test
    void shouldNotTakeAHugePortNumberForPort0() {
        assertEquals(0xffffff, plug(bytes(MAGIC + VERSION_3 + "00ffffff", ADDRESS, text(""))).port());
    }

    @Test
    void shouldKeepAllBytesOfAnAbstractName() {
        byte[] address = new byte[110];
        Arrays.fill(address, (byte) 0xa5);
        address[0] = 1;
        address[1] = 0;
        address[2] = 0;
        CtlRequest.Plug plug = plug(bytes(MAGIC + VERSION_3 + "00000000", address, text("")));
        assertTrue(plug.client().isAbstract());
        assertArrayEquals(address, plug.client().bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 7, 8, 12, 100, 121})
    void shouldWaitForTheRest(int length) {
        byte[] whole = bytes(MAGIC + VERSION_3 + "00000000", ADDRESS, text("x"));
        assertInstanceOf(CtlRequest.Incomplete.class, parse(Arrays.copyOf(whole, length)));
    }

    @Test
    void shouldWaitForTheLongerFormOfVersion1() {
        byte[] whole = bytes(MAGIC + "00000000" + "020000000001", ADDRESS, text(""));
        assertInstanceOf(CtlRequest.Incomplete.class, parse(Arrays.copyOf(whole, 123)));
        assertInstanceOf(CtlRequest.Plug.class, parse(whole));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "efbeadde         | V0 request not supported",
        "cefaedfe02000000 | Request for a version 2 port, which this vde_switch doesn't support",
        "cefaedfe04000000 | Request for a version 4 port, which this vde_switch doesn't support",
        "cefaedfeffffffff | Request for a version -1 port, which this vde_switch doesn't support"})
    void shouldRefuseAsSoonAsItIsPlain(String start, String reason) {
        CtlRequest.Unusable unusable = assertInstanceOf(CtlRequest.Unusable.class,
                parse(HexFormat.of().parseHex(start)));
        assertEquals(reason, unusable.reason());
    }

    @Test
    void shouldRefuseUnknownTypesAndFamilies() {
        assertEquals("Bad request type : 2", assertInstanceOf(CtlRequest.Unusable.class,
                parse(bytes(MAGIC + VERSION_3 + "02000000", ADDRESS, text("")))).reason());
        byte[] internet = ADDRESS.clone();
        internet[0] = 2;
        assertEquals("Bad address family : 2", assertInstanceOf(CtlRequest.Unusable.class,
                parse(bytes(MAGIC + VERSION_3 + "00000000", internet, text("")))).reason());
    }

    @Test
    void shouldMakeDescriptionsHarmless() {
        byte[] escape = text("a\u001b[2Jb\r\n1000 Success\u0085\tc\u00e9");
        assertEquals("a?[2Jb??1000 Success??c\u00e9",
                plug(bytes(MAGIC + VERSION_3 + "00000000", ADDRESS, escape)).description());
        byte[] broken = {'x', (byte) 0xff, 'y'};
        assertEquals("x\ufffdy", plug(bytes(MAGIC + VERSION_3 + "00000000", ADDRESS, broken)).description());
    }

    @Test
    void shouldNeverThrowWhateverComes() {
        byte[] start = HexFormat.of().parseHex(MAGIC + VERSION_3 + "00000000" + "0100");
        Seeds.check(20_000, random -> {
            byte[] bytes = new byte[random.nextInt(CtlRequest.MAX_LENGTH + 1)];
            random.nextBytes(bytes);
            System.arraycopy(start, 0, bytes, 0, Math.min(bytes.length, random.nextInt(start.length + 1)));
            if (parse(bytes) instanceof CtlRequest.Plug plug) {
                assertTrue(plug.port() >= 0 && plug.port() <= 0xffffff && (!plug.management() || plug.port() == 0));
                assertEquals(110, plug.client().length());
                assertTrue(plug.description().chars().noneMatch(Character::isISOControl));
            }
        });
    }

    private static CtlRequest.Plug plug(byte[] bytes) {
        return assertInstanceOf(CtlRequest.Plug.class, parse(bytes));
    }

    private static CtlRequest parse(byte[] bytes) {
        return CtlRequest.parse(Unpooled.wrappedBuffer(bytes));
    }

    private static byte[] address(String path) {
        byte[] bytes = Arrays.copyOf(new byte[] {1, 0}, 110);
        System.arraycopy(text(path), 0, bytes, 2, path.length());
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String header, byte[] address, byte[] description) {
        byte[] start = HexFormat.of().parseHex(header);
        byte[] whole = Arrays.copyOf(start, start.length + address.length + description.length);
        System.arraycopy(address, 0, whole, start.length, address.length);
        System.arraycopy(description, 0, whole, start.length + address.length, description.length);
        return whole;
    }
}
