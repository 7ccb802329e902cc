package org.vswitch.console;

import java.util.regex.Pattern;

/// Takes out of a reply what differs between any two switches: process ids, times, own addresses, descriptor numbers,
/// paths.
final class Normal {
    private static final Pattern OWN_ADDRESS = Pattern.compile("00:ff(:[0-9a-f]{2}){4}");

    private Normal() {
    }

    static String of(String reply) {
        return OWN_ADDRESS.matcher(reply).replaceAll("MAC")
                .replaceAll("pid \\d+ MAC MAC uptime \\d+", "pid N MAC MAC uptime N")
                .replaceAll("\\bage \\d+", "age N")
                .replaceAll("endpoint ID \\d{4}", "endpoint ID NNNN")
                .replaceAll("FD (?: \\d|\\d{2,})", "FD NN")
                .replaceAll("(?m)^ctl dir .*$", "ctl dir DIR")
                .replaceAll("(?m)^mgmt .* perm", "mgmt PATH perm");
    }

    /// The rows of commands that VDE does not have, taken out of `help`.
    static String withoutOwnCommands(String help) {
        return help.replaceAll("(?m)^(hash/limit|port/(trunk|mirror|drops|ledger|gauges|guard|setguard)"
                + "|link(/\\w+)?) .*\n", "");
    }
}
