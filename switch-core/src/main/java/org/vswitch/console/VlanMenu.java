package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.PortState;
import org.vswitch.bridge.Vlan;
import org.vswitch.bridge.VlanTable;
import org.vswitch.control.SwitchControl;
import org.vswitch.linux.Errno;

/// `vlan/...`: VLANs and their members.
final class VlanMenu implements Menu {
    /// The highest VLAN that VDE's commands take.
    static final int MAX_VLAN = 4093;

    private final SwitchControl control;

    VlanMenu(SwitchControl control) {
        this.control = control;
    }

    /// Whether VDE's commands take a VLAN.
    ///
    /// @param vid any number
    /// @return true for 0 to [#MAX_VLAN]
    static boolean isValid(int vid) {
        return vid >= 0 && vid <= MAX_VLAN;
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("vlan", "VLAN MANAGEMENT MENU"),
                Command.of("vlan/create", "N", "create the VLAN with tag N", this::create),
                Command.of("vlan/remove", "N", "remove the VLAN with tag N", this::remove),
                Command.of("vlan/addport", "N PORT", "add port to the vlan N (tagged)", this::addPort),
                Command.of("vlan/delport", "N PORT", "add port to the vlan N (tagged)", this::removePort),
                Command.printing("vlan/print", "[N]", "print the list of defined vlan",
                        call -> print(call, false)),
                Command.printing("vlan/allprint", "[N]",
                        "print the list of defined vlan (including inactive port)", call -> print(call, true)));
    }

    private CompletableFuture<Reply> create(Call call) {
        int vid = Scan.decimal(call.argument());
        return control.ask(bridge -> {
            if (vid == 0 || !isValid(vid)) {
                return Reply.failure(Errno.EINVAL);
            }
            if (bridge.vlans().exists(vid)) {
                return Reply.failure(Errno.EEXIST);
            }
            control.settings().createVlan(vid);
            return Reply.SUCCESS;
        });
    }

    /// VDE would remove VLAN 0, too, while it has no port, and leave new ports without VLAN; we never do.
    private CompletableFuture<Reply> remove(Call call) {
        int vid = Scan.decimal(call.argument());
        return control.ask(bridge -> {
            if (vid < 0 || vid >= VlanTable.NO_VLAN) {
                return Reply.failure(Errno.EINVAL);
            }
            if (!bridge.vlans().exists(vid)) {
                return Reply.failure(Errno.ENXIO);
            }
            Vlan vlan = bridge.vlans().vlan(vid);
            if (vid == 0 || !vlan.untagged().isEmpty() || !vlan.tagged().isEmpty()) {
                return Reply.failure(Errno.EADDRINUSE);
            }
            control.settings().removeVlan(vid, bridge.events());
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> addPort(Call call) {
        Optional<int[]> numbers = Scan.integers(call.argument(), 2);
        return control.ask(bridge -> {
            Errno trouble = trouble(bridge, numbers);
            if (trouble != null) {
                return Reply.failure(trouble);
            }
            int vid = numbers.get()[0];
            BridgePort port = bridge.ports().port(numbers.get()[1]);
            if (port.untaggedVlan() != vid) {
                control.settings().addTagged(port, vid);
            }
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> removePort(Call call) {
        Optional<int[]> numbers = Scan.integers(call.argument(), 2);
        return control.ask(bridge -> {
            Errno trouble = trouble(bridge, numbers);
            if (trouble != null) {
                return Reply.failure(trouble);
            }
            int vid = numbers.get()[0];
            BridgePort port = bridge.ports().port(numbers.get()[1]);
            if (port.untaggedVlan() == vid) {
                return Reply.failure(Errno.EADDRINUSE);
            }
            control.settings().removeTagged(port, vid, bridge.events());
            return Reply.SUCCESS;
        });
    }

    /// What is wrong with a VLAN and a port.
    private static Errno trouble(Bridge bridge, Optional<int[]> numbers) {
        if (numbers.isEmpty()) {
            return Errno.EINVAL;
        }
        int vid = numbers.get()[0];
        int port = numbers.get()[1];
        if (!isValid(vid) || port < 0 || port >= bridge.ports().count()) {
            return Errno.EINVAL;
        }
        return bridge.vlans().exists(vid) && bridge.ports().port(port) != null ? null : Errno.ENXIO;
    }

    /// VDE refuses `vlan/allprint 0`, and so do we.
    private CompletableFuture<Reply> print(Call call, boolean withInactive) {
        int vid = Scan.decimal(call.argument());
        boolean all = call.argument().isEmpty();
        return control.ask(bridge -> {
            if (!all && (!isValid(vid) || withInactive && vid == 0)) {
                return Reply.failure(Errno.EINVAL);
            }
            if (!all && !bridge.vlans().exists(vid)) {
                return Reply.failure(Errno.ENXIO);
            }
            List<Row> rows = new ArrayList<>();
            for (int each = all ? 0 : vid; each <= (all ? MAX_VLAN : vid); each++) {
                if (bridge.vlans().exists(each)) {
                    rows.add(new VlanRow(each, members(bridge, each, withInactive)));
                }
            }
            return Reply.rows(rows);
        });
    }

    private static List<Member> members(Bridge bridge, int vid, boolean withInactive) {
        Vlan vlan = bridge.vlans().vlan(vid);
        List<Member> members = new ArrayList<>();
        for (int number = 0; number < bridge.ports().count(); number++) {
            boolean tagged = vlan.tagged().contains(number);
            BridgePort port = bridge.ports().port(number);
            if ((tagged || vlan.untagged().contains(number)) && port != null && (withInactive || port.isActive())) {
                members.add(new Member(number, tagged, port.isActive(), vlan.state(number)));
            }
        }
        return members;
    }

    private record Member(int port, boolean tagged, boolean active, PortState state) {
        /// VDE counts a port that nobody uses as learning.
        String status() {
            PortState shown = !active && state == PortState.FORWARDING ? PortState.LEARNING : state;
            return switch (shown) {
                case DISCARDING -> "Discarding";
                case LEARNING -> "Learning";
                case FORWARDING -> "Forwarding";
            };
        }
    }

    private record VlanRow(int vid, List<Member> members) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("VLAN %04d\n".formatted(vid));
            for (Member member : members) {
                lines.append(" -- Port %04d tagged=%d active=%d status=%s\n".formatted(member.port,
                        member.tagged ? 1 : 0, member.active ? 1 : 0, member.status()));
            }
        }

        @Override
        public void json(Json json) {
            json.object().member("vlan", vid).name("ports").array();
            for (Member member : members) {
                json.object().member("port", member.port).member("tagged", member.tagged)
                        .member("active", member.active).member("status", member.status()).endObject();
            }
            json.endArray().endObject();
        }
    }
}
