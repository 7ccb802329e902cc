package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.guard.GuardSettings;
import org.vswitch.link.LinkUrl;

class GuardedUrlTest {
    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
        "tap://t0[guard=isolated] tap://t0",
        "tap://t0[mtu=9000,guard=isolated,up] tap://t0[mtu=9000,up]",
        "vde:///run/vnet[5/guard=isolated] vde:///run/vnet[5]",
        "impair://tap://t0[up][loss=1%,guard=isolated] impair://tap://t0[up][loss=1%]"})
    void shouldFindTheGuardAmongTheOptions(String text, String url) throws IOException {
        GuardedUrl guarded = GuardedUrl.of(LinkUrl.parse(text));
        assertEquals(LinkUrl.parse(url), guarded.url());
        assertEquals(Optional.of(GuardSettings.parse("isolated")), guarded.guard());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
        "vde:///run/vnet[5/guard=ra+ip=10.0.0.0/24] ra+ip=10.0.0.0/24 vde:///run/vnet[5]",
        "vde:///run/vnet[guard=ip=10.0.0.0/24+ip=fd00::/48/5] ip=10.0.0.0/24+ip=fd00::/48 vde:///run/vnet[5]",
        "vde:///run/vnet[guard=ip=fd00::1+ra/5] ip=fd00::1+ra vde:///run/vnet[5]",
        "tap://t0[guard=ip=10.0.0.0/24] ip=10.0.0.0/24 tap://t0",
        "tap://t0[up,guard=ip=10.0.0.0/24] ip=10.0.0.0/24 tap://t0[up]"})
    void shouldTellPrefixesFromOptions(String text, String guard, String url) throws IOException {
        GuardedUrl guarded = GuardedUrl.of(LinkUrl.parse(text));
        assertEquals(LinkUrl.parse(url), guarded.url());
        assertEquals(Optional.of(GuardSettings.parse(guard)), guarded.guard());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"tap://t0", "tap://t0[up]", "vde:///run/guard=1", "tap://t0[netns=a_guard=1]",
        "vde:///run/thread=1", "slirp://[thread=own]", "tap://t0[netns=a_thread=1]"})
    void shouldLeaveTheRestAlone(String text) throws IOException {
        GuardedUrl guarded = GuardedUrl.of(LinkUrl.parse(text));
        assertEquals(new GuardedUrl(LinkUrl.parse(text), Optional.empty(), OptionalInt.empty()), guarded);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
        "tap://t0[thread=2] tap://t0",
        "tap://t0[mtu=9000,thread=2,guard=isolated,up] tap://t0[mtu=9000,up]",
        "vde:///run/vnet[5/thread=2] vde:///run/vnet[5]",
        "slirp://[thread=2,thread=own] slirp://[thread=own]"})
    void shouldFindTheThreadAmongTheOptions(String text, String url) throws IOException {
        GuardedUrl guarded = GuardedUrl.of(LinkUrl.parse(text));
        assertEquals(LinkUrl.parse(url), guarded.url());
        assertEquals(OptionalInt.of(2), guarded.thread());
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        assertThrows(IOException.class, () -> GuardedUrl.of(LinkUrl.parse("tap://t0[thread=1,thread=2]")));
        assertThrows(IOException.class, () -> GuardedUrl.of(LinkUrl.parse("tap://t0[guard=x]")));
        assertThrows(IOException.class, () -> GuardedUrl.of(LinkUrl.parse("tap://t0[guard=ra,guard=ip]")));
    }
}
