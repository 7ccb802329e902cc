package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.vswitch.bridge.TreeSettings;
import org.vswitch.bridge.VlanTable;
import org.vswitch.control.SwitchControl;
import org.vswitch.control.SwitchEvents;
import org.vswitch.linux.Errno;
import org.vswitch.wire.MacAddress;

/// `fstp/...`: the spanning tree.
final class FstpMenu implements Menu {
    private final SwitchControl control;
    private final TreeSettings tree;

    FstpMenu(SwitchControl control, TreeSettings tree) {
        this.control = control;
        this.tree = tree;
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("fstp", "FAST SPANNING TREE MENU"),
                Command.printing("fstp/showinfo", "", "show fstp info", this::showInfo),
                Command.printing("fstp/setfstp", "0/1", "Fast spanning tree protocol 1=ON 0=OFF", this::enable),
                Command.of("fstp/setedge", "VLAN PORT 1/0", "Define an edge port for a vlan 1=Y 0=N",
                        forVlanAndPort(numbers -> tree.edge(numbers[0], numbers[1], numbers[2] != 0))),
                Command.of("fstp/bonus", "VLAN PORT COST", "set the port bonus for a vlan",
                        forVlanAndPort(numbers -> tree.bonus(numbers[0], numbers[1], numbers[2]))),
                Command.printing("fstp/print", "[N]", "print fst data for the defined vlan", this::print));
    }

    private CompletableFuture<Reply> showInfo(Call call) {
        return control.ask(_ -> new Reply.One(new About(tree.bridgeId(), tree.isEnabled())));
    }

    private CompletableFuture<Reply> enable(Call call) {
        boolean on = Scan.decimal(call.argument()) != 0;
        return control.ask(bridge -> {
            if (bridge.isHub()) {
                return Reply.rows(List.of(new Message("Can't use fstp in hub mode")));
            }
            if (tree.isEnabled() != on) {
                tree.enable(on);
            }
            return Reply.rows(List.of());
        });
    }

    private Command.Action forVlanAndPort(Consumer<int[]> setting) {
        return call -> {
            Optional<int[]> numbers = Scan.integers(call.argument(), 3);
            return control.ask(bridge -> {
                if (numbers.isEmpty()) {
                    return Reply.failure(Errno.EINVAL);
                }
                int vid = numbers.get()[0];
                int port = numbers.get()[1];
                if (vid < 0 || vid >= VlanTable.NO_VLAN || port < 0 || port >= bridge.ports().count()) {
                    return Reply.failure(Errno.EINVAL);
                }
                if (!bridge.vlans().exists(vid)) {
                    return Reply.failure(Errno.ENXIO);
                }
                setting.accept(numbers.get());
                return Reply.SUCCESS;
            });
        };
    }

    private CompletableFuture<Reply> print(Call call) {
        int vid = Scan.decimal(call.argument());
        boolean all = call.argument().isEmpty();
        return control.ask(bridge -> {
            if (!all && !VlanMenu.isValid(vid)) {
                return Reply.failure(Errno.EINVAL);
            }
            if (!all && !bridge.vlans().exists(vid)) {
                return Reply.failure(Errno.ENXIO);
            }
            List<Row> rows = new ArrayList<>();
            for (int each = all ? 0 : vid; each <= (all ? VlanMenu.MAX_VLAN : vid); each++) {
                if (bridge.vlans().exists(each)) {
                    rows.add(new TreeRow(tree.view(each), tree.bridgeId(), tree.isEnabled()));
                }
            }
            return Reply.rows(rows);
        });
    }

    private record About(long bridgeId, boolean enabled) implements Row {
        @Override
        public void text(StringBuilder lines) {
            int priority = (int) (bridgeId >>> 48);
            lines.append("MAC %s Priority %d (0x%x)\nFSTP=%s\n".formatted(
                    MacAddress.toText(bridgeId & MacAddress.BROADCAST), priority, priority, enabled));
        }

        @Override
        public void json(Json json) {
            json.object().member("address", MacAddress.toText(bridgeId & MacAddress.BROADCAST))
                    .member("priority", bridgeId >>> 48).member("enabled", enabled).endObject();
        }
    }

    private record TreeRow(TreeSettings.View view, long bridgeId, boolean enabled) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("FST DATA VLAN %04d %s %s\n".formatted(view.vid(), isRoot() ? "ROOTSWITCH" : "",
                    enabled ? "" : "FSTP IS DISABLED"));
            lines.append(" ++ root %s\n".formatted(SwitchEvents.bridgeId(view.root())));
            lines.append(" ++ designated %s\n".formatted(SwitchEvents.bridgeId(view.designated())));
            lines.append(" ++ rootport %04d cost %d age %d bonusport %04d bonuscost %d\n".formatted(view.rootPort(),
                    view.rootCost(), view.ageSeconds(), view.bonusPort(), view.bonusCost()));
            for (TreeSettings.Member member : view.members()) {
                lines.append(" -- Port %04d tagged=%d portcost=%d role=%s\n".formatted(member.port(),
                        member.tagged() ? 1 : 0, member.cost(), member.role()));
            }
        }

        @Override
        public void json(Json json) {
            json.object().member("vlan", view.vid()).member("isRoot", isRoot()).member("enabled", enabled)
                    .member("root", SwitchEvents.bridgeId(view.root()))
                    .member("designated", SwitchEvents.bridgeId(view.designated()))
                    .member("rootPort", view.rootPort()).member("rootCost", view.rootCost())
                    .member("ageSeconds", view.ageSeconds()).member("bonusPort", view.bonusPort())
                    .member("bonusCost", view.bonusCost()).name("ports").array();
            for (TreeSettings.Member member : view.members()) {
                json.object().member("port", member.port()).member("tagged", member.tagged())
                        .member("cost", member.cost()).member("role", member.role()).endObject();
            }
            json.endArray().endObject();
        }

        private boolean isRoot() {
            return view.root() == bridgeId;
        }
    }
}
