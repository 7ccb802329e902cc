package org.vswitch.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.control.Accounts;
import org.vswitch.grant.GrantRequest;
import org.vswitch.grant.GrantStatus;
import org.vswitch.grant.IpPrefix;
import org.vswitch.linux.OwnProcess;

class PolicyTest {
    private static final Rule.Peer ALICE = new Rule.Peer(77, 1001, Set.of(1001, 2001));
    private static final Rule.Peer BOB = new Rule.Peer(78, 1002, Set.of(1002));
    private static final String ALLOW = "allow user=alice taps=2 name=al* mac=any source=any ";

    @TempDir
    private Path folder;
    private Accounts accounts;

    @BeforeEach
    void write() throws IOException {
        accounts = new Accounts(
                Files.writeString(folder.resolve("passwd"), "alice:x:1001:1001::/:/bin/sh\nbob:x:1002:1002::/:\n"),
                Files.writeString(folder.resolve("group"), "alice:x:1001:\nlab:x:2001:alice\n"));
    }

    private Policy policy(String... lines) throws IOException {
        return Policy.parse("conf", List.of(lines), accounts);
    }

    private static GrantRequest named(String name) {
        return new GrantRequest(name, "", 0, 0, Optional.empty(), Optional.empty());
    }

    private static GrantStatus decide(Policy policy, Rule.Peer peer, GrantRequest request) {
        return policy.decide(peer, request, 0, 0).status();
    }

    @Test
    void shouldRefuseWhatNoLineAllows() throws IOException {
        assertEquals(GrantStatus.USER, decide(policy(), ALICE, named("al0")));
        assertEquals(GrantStatus.USER, decide(policy("# nobody", "  ", "total 3"), ALICE, named("al0")));
        assertEquals(GrantStatus.USER, decide(policy(ALLOW), BOB, named("al0")));
        assertEquals(GrantStatus.GRANTED, decide(policy(ALLOW + "# a comment"), ALICE, named("al0")));
    }

    @Test
    void shouldKnowUsersAndGroupsByNameAndNumber() throws IOException {
        for (String who : List.of("user=1001", "group=lab", "group=2001", "everybody")) {
            assertEquals(GrantStatus.GRANTED, decide(policy("allow " + who + " taps=1 name=* mac=any source=any"),
                    ALICE, named("x")), who);
        }
        assertEquals(GrantStatus.USER, decide(policy("allow group=lab taps=1 name=* mac=any source=any"), BOB,
                named("x")));
    }

    @ParameterizedTest
    @CsvSource({"al0, GRANTED", "al, GRANTED", "al.x-y_z, GRANTED", "bo0, NAME", "a, NAME", "'', NAME", "al/0, NAME",
        "al%d, NAME", "'al 0', NAME", "al0123456789abcd, NAME", "'al\n0', NAME", "../all, NAME"})
    void shouldAllowNamesThatFitAPattern(String name, GrantStatus expected) throws IOException {
        assertEquals(expected, decide(policy(ALLOW), ALICE, named(name)));
    }

    @Test
    void shouldNeverTakeWhatStandsBesideInterfacesForOne() throws IOException {
        Policy all = policy("allow everybody taps=1 name=* mac=any source=any");
        for (String name : List.of("all", "default", "lo", ".", "..", "-x")) {
            assertEquals(GrantStatus.NAME, decide(all, ALICE, named(name)), name);
        }
    }

    @Test
    void shouldAllowOnlyBridgesThatAreNamed() throws IOException {
        GrantRequest request = new GrantRequest("al0", "br1", 0, 0, Optional.empty(), Optional.empty());
        assertEquals(GrantStatus.BRIDGE, decide(policy(ALLOW), ALICE, request));
        assertEquals(GrantStatus.BRIDGE, decide(policy(ALLOW + "bridge=br0"), ALICE, request));
        assertEquals(GrantStatus.GRANTED, decide(policy(ALLOW + "bridge=br0,br1"), ALICE, request));
    }

    @ParameterizedTest
    @CsvSource({"10.9.1.1/24, GRANTED", "10.9.0.1/16, GRANTED", "10.9.0.1/8, ADDRESS", "10.8.0.1/24, ADDRESS",
        "fd00:9::1/64, GRANTED", "fd00:8::1/64, ADDRESS"})
    void shouldAllowAddressesWithinTheNamedNetworks(String address, GrantStatus expected) throws IOException {
        IpPrefix prefix = IpPrefix.parse(address).orElseThrow();
        GrantRequest request = new GrantRequest("al0", "", 0, 0, Optional.of(prefix).filter(IpPrefix::isIpv4),
                Optional.of(prefix).filter(IpPrefix::isIpv6));
        assertEquals(GrantStatus.ADDRESS, decide(policy(ALLOW), ALICE, request));
        assertEquals(expected, decide(policy(ALLOW + "addr=10.9.0.0/16,fd00:9::/32"), ALICE, request));
        GrantRequest bridged = new GrantRequest("al0", "br0", 0, 0, request.ipv4(), request.ipv6());
        assertEquals(GrantStatus.ADDRESS, decide(policy(ALLOW + "bridge=br0 addr=0.0.0.0/0,::/0"), ALICE, bridged),
                "a port of a bridge has none");
    }

    @Test
    void shouldLetNobodyChangeABridge() throws IOException {
        Policy policy = policy(ALLOW + "bridge=br0");
        assertEquals(GrantStatus.MTU, decide(policy, ALICE,
                new GrantRequest("al0", "br0", 1400, 0, Optional.empty(), Optional.empty())));
        assertEquals(GrantStatus.MAC, decide(policy, ALICE,
                new GrantRequest("al0", "br0", 0, 0x02_00_00_00_00_01L, Optional.empty(), Optional.empty())));
    }

    @ParameterizedTest
    @CsvSource({"67, 0, MTU", "68, 0, GRANTED", "65521, 0, GRANTED", "65522, 0, MTU", "0, 0x010000000001, MAC",
        "0, 0x020000000001, GRANTED"})
    void shouldBoundWhatIsChosen(int mtu, String mac, GrantStatus expected) throws IOException {
        assertEquals(expected, decide(policy(ALLOW), ALICE,
                new GrantRequest("al0", "", mtu, Long.decode(mac), Optional.empty(), Optional.empty())));
    }

    @Test
    void shouldCountTapsOfAUserAndOfAll() throws IOException {
        Policy policy = policy("total 3", ALLOW);
        assertEquals(GrantStatus.GRANTED, policy.decide(ALICE, named("al0"), 1, 2).status());
        assertEquals(GrantStatus.USER_QUOTA, policy.decide(ALICE, named("al0"), 2, 2).status());
        assertEquals(GrantStatus.TOTAL_QUOTA, policy.decide(ALICE, named("al0"), 1, 3).status());
    }

    @Test
    void shouldUseTheFirstLineThatAllows() throws IOException {
        Policy policy = policy(ALLOW, "allow group=lab taps=9 name=lab* mac=52:54:00:00:00:01 source=10.0.0.1");
        assertEquals(SourcePin.NONE, policy.decide(ALICE, named("al0"), 0, 0).rule().orElseThrow().ingress().pin());
        SourcePin pin = policy.decide(ALICE, named("lab0"), 5, 5).rule().orElseThrow().ingress().pin();
        assertEquals(Optional.of(List.of(0x52_54_00_00_00_01L)), pin.macs());
        assertEquals("10.0.0.1/32", pin.sources().orElseThrow().getFirst().toString());
        assertEquals(GrantStatus.USER_QUOTA, policy.decide(ALICE, named("al0"), 5, 5).status(), "the first says why");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "permit user=alice | \"permit\": a line begins with allow, total or #",
        "total | \"total\": one number follows it",
        "total 0 | \"0\": 1 to 4096",
        "total many | \"many\": 1 to 4096",
        "allow taps=1 name=x mac=any source=any | NEEDS",
        "allow user=alice everybody taps=1 name=x mac=any source=any | NEEDS",
        "allow user=carol taps=1 name=x mac=any source=any | \"user=carol\": there is none of that name",
        "allow group=carol taps=1 name=x mac=any source=any | \"group=carol\": there is none of that name",
        "allow user=alice name=x mac=any source=any | \"allow\": needs taps=",
        "allow user=alice taps=x name=x mac=any source=any | \"taps=x\": 1 to 4096",
        "allow user=alice taps=1 mac=any source=any | \"allow\": needs name=",
        "allow everybody taps=1 name=x/y mac=any source=any | \"name=x/y\": not a name of an interface",
        "allow everybody taps=1 name=x source=any | \"allow\": needs mac=",
        "allow everybody taps=1 name=x mac=any | \"allow\": needs source=",
        "allow everybody taps=1 name=x mac=1 source=any | \"mac=1\": not the MAC address of a station",
        "allow everybody taps=1 name=x mac=1.2.3 source=any | \"mac=1.2.3\": not the MAC address of a station",
        "allow everybody taps=1 name=x mac=any source=10.0.0 | \"source=10.0.0\": not an address or network",
        "allow everybody taps=1 name=x mac=any source=10.0.0.0/33 | \"source=10.0.0.0/33\": not an address or network",
        "allow everybody taps=1 name=x mac=any source=10.0.0.9/24 | \"source=10.0.0.9/24\": an address within a"
            + " network; for the address alone leave /24 out",
        "allow everybody taps=1 name=x mac=any source=any bridge=b* | \"bridge=b*\": not a name of an interface",
        "allow everybody taps=1 name=x mac=any source=any addr= | \"addr=\": needs a value",
        "allow everybody taps=1 name=x mac=any colour=red | \"colour=red\": not a word that may follow allow",
        "allow everybody taps=1 name=x mac=any source=any reach=all | \"reach=all\": tap, the default, or any",
        "allow user=alice taps=1 taps=2 name=x mac=any source=any | \"taps=2\": given twice",
        "allow everybody taps=1 name=x mac=any source=any nobody | \"nobody\": not a word that may follow allow"})
    void shouldNameFileLineAndWord(String line, String complaint) {
        assertEquals("conf:2: " + complaint.replace("NEEDS", "\"allow\": needs one of user=, group= and everybody"),
                assertThrows(IOException.class, () -> policy("# first", line)).getMessage());
    }

    @Test
    void shouldLetATapLeadAnywhereOnlyIfTheLineSaysSo() throws IOException {
        for (String word : List.of("", "reach=tap", "reach=any")) {
            Ingress ingress = policy(ALLOW + word).rules().getFirst().ingress();
            assertEquals(word.equals("reach=any"), ingress.anywhere(), word);
        }
    }

    @Test
    void shouldTrustOnlyAFileThatNobodyElseMayWrite() throws IOException {
        Assumptions.assumeTrue(OwnProcess.userId() == 0, "needs root");
        Path file = Files.writeString(folder.resolve("policy"), ALLOW);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertEquals(1, Policy.load(file.toString(), accounts).rules().size());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        assertEquals(file + ": others than root may write to it (mode 664)", refusal(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setAttribute(file, "unix:uid", 65534);
        assertEquals(file + ": must belong to root, not to uid 65534", refusal(file));
        assertTrue(refusal(folder.resolve("none")).contains("none: No such file"));
    }

    private String refusal(Path file) {
        return assertThrows(IOException.class, () -> Policy.load(file.toString(), accounts)).getMessage();
    }

    @Test
    void shouldPrintNothingThatLooksLikeSomethingElse() {
        assertEquals("\"a\\x0a\\\"\\\\\\xe9\\x1b[0m\"", AuditLog.quoted("a\n\"\\\u00e9\u001b[0m"));
    }
}
