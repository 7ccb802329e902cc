package org.vswitch.console;

import java.util.List;
import java.util.Random;

/// Random lines for two switches: mostly sense, some nonsense. Left out is what Debian's vde_switch does not survive (a
/// user id of ten digits), and what we do otherwise on purpose: VLAN 0 is never removed, and there are at most 4,096
/// ports.
final class CommandSource {
    private static final List<String> TEMPLATES = List.of("port/create P", "port/createauto", "port/remove P",
            "port/print", "port/print P", "port/allprint", "port/allprint P", "port/setvlan P V", "port/setvlan P V",
            "port/allocatable P B", "port/setuser P U", "port/setgroup P U", "port/epclose P P", "port/resetcounter",
            "port/resetcounter P", "port/setnumports S", "port/showinfo", "port/sethub B", "vlan/create V",
            "vlan/create V", "vlan/remove R", "vlan/addport V P", "vlan/addport V P", "vlan/delport V P",
            "vlan/print", "vlan/print V", "vlan/allprint", "vlan/allprint V", "hash/showinfo", "hash/setsize S",
            "hash/setgcint B", "hash/setexpire N", "hash/setminper N", "hash/find 2:0:0:0:0:P V", "hash/print",
            "fstp/showinfo", "fstp/bonus V P N", "fstp/print", "fstp/print V", "ds/showinfo", "showinfo",
            "debug/list C", "debug/del C", "plugin/list", "plugin/del N", "plugin/add nosuchN", "help fstp", "bogus",
            "#N", "", "  ");
    private static final List<String> PORTS = List.of("0", "1", "2", "3", "4", "5", "0x6", "07", "8", "31", "32", "-1",
            "x", "99");
    private static final List<String> VLANS = List.of("0", "1", "2", "3", "0x4", "010", "4092", "4093", "4094", "4095",
            "4096", "-1", "y");
    private static final List<String> SIZES = List.of("1", "2", "31", "32", "33", "64", "100", "1000", "0", "-4", "z");
    private static final List<String> NUMBERS = List.of("0", "1", "17", "0x20", "-9", "99999999999", "5x", "w");
    private static final List<String> USERS = List.of("root", "daemon", "NONE", "ANY", "0", "1", "12345", "nosuch", "",
            " root", "root ", "7x");
    private static final List<String> CATEGORIES = List.of("", "port", "hash/+", "fstp", "port/ep", "mgmt", "xx");

    private final Random random;

    CommandSource(Random random) {
        this.random = random;
    }

    String next() {
        StringBuilder line = new StringBuilder();
        for (char c : pick(TEMPLATES).toCharArray()) {
            switch (c) {
                case 'P' -> line.append(pick(PORTS));
                case 'V' -> line.append(pick(VLANS));
                case 'R' -> line.append(pick(VLANS.subList(1, 4)));
                case 'S' -> line.append(pick(SIZES));
                case 'N' -> line.append(pick(NUMBERS));
                case 'B' -> line.append(random.nextInt(3));
                case 'U' -> line.append(pick(USERS));
                case 'C' -> line.append(pick(CATEGORIES));
                default -> line.append(c);
            }
        }
        if (random.nextInt(12) == 0) {
            line.insert(random.nextInt(line.length() + 1), "\t -x0 ".charAt(random.nextInt(6)));
        }
        if (random.nextInt(12) == 0 && !line.isEmpty()) {
            line.deleteCharAt(random.nextInt(line.length()));
        }
        return line.toString();
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
