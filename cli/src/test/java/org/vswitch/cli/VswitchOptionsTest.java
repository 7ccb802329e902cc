package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.control.BridgeSettings;
import org.vswitch.control.GuardWishes;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.guard.GuardSettings;

class VswitchOptionsTest {
    private final List<String> warnings = new ArrayList<>();

    @Test
    void shouldHaveTheDefaultsOfVdeSwitch() throws BadCommandLine {
        VswitchOptions options = parse("--sock=/d");
        assertEquals(BridgeSettings.DEFAULT, options.config().bridge());
        assertEquals(1, options.config().threads());
        assertEquals("/d", options.config().ctl().directory());
        assertEquals(0600, options.config().ctl().sockets().mode());
        assertEquals(02700, options.config().ctl().directoryMode());
        assertEquals(Optional.empty(), options.config().management());
        assertTrue(options.stdin());
        assertFalse(options.daemon());
    }

    @Test
    void shouldReadEveryOption() throws BadCommandLine {
        VswitchOptions options = parse("--hub", "--fstp", "--numports=0x40", "--hashsize=256", "--macaddr=0:FF:1:2:3:4",
                "--priority=010", "--sock=/d", "--mod=660", "--dirmode=750", "--group=root", "--pidfile=p",
                "--rcfile=r",
                "--mgmt=/m", "--mgmtmode=666", "--mgmtgroup=root", "--debugclients=5", "--tap=a", "--tap=b",
                "--link=x=null://", "--nostdin", "--threads=64");
        assertEquals(new BridgeSettings(64, true, true, 0x00ff_0102_0304L, 8, new BridgeSettings.Addresses(256,
                BridgeSettings.DEFAULT.addresses().capacity()), GuardWishes.NONE), options.config().bridge());
        assertEquals(new SocketPermissions(0660, 0), options.config().ctl().sockets());
        assertEquals(0750, options.config().ctl().directoryMode());
        assertEquals(Optional.of(new ManagementSettings("/m", new SocketPermissions(0666, 0))),
                options.config().management());
        assertEquals(List.of("a", "b"), options.config().taps());
        assertEquals(List.of("x=null://"), options.config().links());
        assertEquals(Optional.of("p"), options.pidFile());
        assertEquals(Optional.of("r"), options.startupFile());
        assertFalse(options.stdin());
        assertEquals(64, options.config().threads());
    }

    @Test
    void shouldLetTheLastOfSeveralValuesCount() throws BadCommandLine {
        assertEquals("/b", parse("--sock=/a", "--sock=/b").config().ctl().directory());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--slirp|slirp://", "--slirp=|slirp://", "--slirp=mtu=9|slirp:///mtu=9",
        "--slirp=/mtu=9/v4|slirp:///mtu=9/v4", "--slirp=[mtu=9,v4]|slirp://[mtu=9,v4]",
        "--link=slirp:///v4|slirp:///v4"})
    void shouldTakeARouterForALink(String option, String url) throws BadCommandLine {
        assertEquals(List.of(url), parse(option).config().links());
    }

    @Test
    void shouldTakeEveryRouterThatIsAskedFor() throws BadCommandLine {
        assertEquals(List.of("null://", "slirp://", "slirp:///host=10.1.0.1/v4"),
                parse("--slirp", "--slirp=host=10.1.0.1/v4", "--link=null://").config().links());
    }

    @Test
    void shouldHaveASocketOfEachKindAndARouterInADirectoryForGuests() throws BadCommandLine {
        VswitchOptions options = parse("--vm=/no/vm");
        assertEquals("/no/vm", options.config().ctl().directory());
        assertEquals(List.of("stream=qemu:///no/vm/stream", "vhost=vhost-user:///no/vm/vhost[guests=64]",
                "unixgram=unixgram:///no/vm/unixgram", "bess=bess:///no/vm/bess", "slirp://"),
                options.config().links());
        assertEquals(Optional.of("/no/vm"), options.vm().map(VmDirectory::path));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--slirp=host=10.1.0.1|slirp:///host=10.1.0.1",
        "--link=r=slirp://[v4]|r=slirp://[v4]"})
    void shouldHaveTheRouterThatWasAskedForInstead(String option, String link) throws BadCommandLine {
        assertEquals(List.of(link), parse("--vm=/no/vm", option).config().links().subList(4, 5));
        assertEquals(5, parse("--vm=/no/vm", option).config().links().size());
    }

    @Test
    void shouldPermitGuestsInADirectoryWhatVdesClientsMay() throws BadCommandLine {
        assertEquals("vhost=vhost-user:///no/vm/vhost[guests=64,mode=660,group=root,guard=clean-traffic]",
                parse("--vm=/no/vm", "--mode=660", "--group=root", "--guard=clean-traffic", "--guard=3=trusted")
                        .config().links().get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--vm", "--sock", "--mgmt", "--pidfile", "--rcfile", "--tap", "--link"})
    void shouldRefuseEmptyNames(String option) {
        assertEquals(option + " '': must not be empty", mistake(option + "="));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--mod=999|--mode 999: not an octal mode", "--mode=8|--mode 8: not an octal mode",
        "--vm=/no/vm --sock=/no/s|--vm /no/vm: not with --sock (it is the directory of the control socket as well)",
        "--mode=17777|--mode 17777: must be 0 to 07777", "--dirmode=x|--dirmode x: not an octal mode",
        "--threads=0|--threads 0: must be 1 to 64", "--threads=65|--threads 65: must be 1 to 64",
        "--threads=x|--threads x: not a number"})
    void shouldNameTheOptionThatIsAtFault(String option, String complaint) {
        assertEquals(complaint, mistake(option));
    }

    private String mistake(String options) {
        return assertThrows(BadCommandLine.class, () -> parse(options.split(" "))).getMessage();
    }

    @Test
    void shouldReadGuardsOfPortsAndClients() throws Exception {
        GuardWishes guards = parse("--guard=3=trusted", "--guard", "clean-traffic", "--guard=3=ra+isolated")
                .config().bridge().guards();
        assertEquals(new GuardWishes(GuardSettings.parse("clean-traffic"),
                Map.of(3, GuardSettings.parse("ra+isolated"))), guards);
        assertEquals(GuardWishes.NONE, parse().config().bridge().guards());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--guard=32=ra|--guard 32=ra: ports are 0 to 31",
        "--guard=99999999999=ra|--guard 99999999999=ra: ports are 0 to 31", "--guard=1=mac=x|--guard: mac=x: must be "
            + "the address of one station", "--guard=ip=1|--guard: ip=1: no IP address"})
    void shouldNameTheGuardThatIsAtFault(String option, String complaint) {
        assertEquals(complaint, mistake(option));
    }

    @Test
    void shouldLeaveValuesAsTheyAre() throws BadCommandLine {
        assertEquals("\"${x}\"=@y ", parse("--sock=\"${x}\"=@y ").config().ctl().directory());
    }

    @Test
    void shouldRoundTheHashSizeAndSaySo() throws BadCommandLine {
        assertEquals(128, parse("--hashsize=100").config().bridge().addresses().hashSize());
        assertEquals(List.of("Hash size must be a power of 2. 100 rounded to 128"), warnings);
        assertEquals(1, parse("--hashsize=1").config().bridge().addresses().hashSize());
    }

    @Test
    void shouldKeepTheLowBitsOfThePriority() throws BadCommandLine {
        assertEquals(0xffff, parse("--priority=-1").config().bridge().priority());
        assertEquals(1, parse("--priority=0x10001").config().bridge().priority());
    }

    @ParameterizedTest
    @CsvSource({"--numports=0", "--numports=-1", "--numports=4097", "--numports=99999999999", "--numports=many",
        "--numports=''", "--numports=#10", "--hashsize=0", "--hashsize=2000000000", "--priority=low", "--macaddr=1:2:3",
        "--macaddr=1:2:3:4:5:6:7", "--macaddr=1:2.3:4.5:6", "--macaddr=100:2:3:4:5:6", "--mod=8", "--mod=17777",
        "--mod=-1", "--mod=+1", "--dirmode=rwx", "--mgmtmode=''", "--group=no-such-group", "--mgmtgroup=no-such-group",
        "--debugclients=x"})
    void shouldNameAValueThatMakesNoSense(String option) {
        String value = option.substring(option.indexOf('=') + 1);
        String message = assertThrows(BadCommandLine.class, () -> parse(option)).getMessage();
        assertTrue(message.contains(value), message);
        assertEquals(1, message.lines().count(), message);
    }

    private VswitchOptions parse(String... options) throws BadCommandLine {
        return VswitchOptions.of(VswitchOptions.declaration().parser().parseArgs(options), warnings::add);
    }
}
