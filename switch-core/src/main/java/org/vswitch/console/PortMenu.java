package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.TreeSettings;
import org.vswitch.bridge.VlanTable;
import org.vswitch.control.Accounts;
import org.vswitch.control.SwitchControl;
import org.vswitch.link.Endpoint;
import org.vswitch.linux.Errno;

/// `port/...`: ports and their endpoints.
final class PortMenu implements Menu {
    private final SwitchControl control;
    private final Accounts accounts;
    private final TreeSettings tree;

    PortMenu(SwitchControl control, Accounts accounts, TreeSettings tree) {
        this.control = control;
        this.accounts = accounts;
        this.tree = tree;
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("port", "PORT STATUS MENU"),
                Command.printing("port/showinfo", "", "show port info", this::showInfo),
                Command.of("port/setnumports", "N", "set the number of ports", this::setCount),
                Command.of("port/sethub", "0/1", "1=HUB 0=switch", this::setHub),
                Command.of("port/setvlan", "N VLAN", "set port VLAN (untagged)", this::setVlan),
                Command.printing("port/createauto", "", "create a port with an automatically allocated id "
                        + "(inactive|notallocatable)", this::createAuto),
                Command.of("port/create", "N", "create the port N (inactive|notallocatable)", this::create),
                Command.of("port/remove", "N", "remove the port N", this::remove),
                Command.of("port/allocatable", "N 0/1", "Is the port allocatable as unnamed? 1=Y 0=N",
                        this::setAllocatable),
                Command.of("port/setuser", "N user", "access control: set user", this::setUser),
                Command.of("port/setgroup", "N user", "access control: set group", this::setGroup),
                Command.of("port/epclose", "N ID", "remove the endpoint port N/id ID", this::closeEndpoint),
                Command.of("port/resetcounter", "[N]", "reset the port (N) counters", this::resetCounters),
                Command.printing("port/print", "[N]", "print the port/endpoint table",
                        call -> print(call, BridgePort::isActive)),
                Command.printing("port/allprint", "[N]",
                        "print the port/endpoint table (including inactive port)", call -> print(call, _ -> true)),
                Command.of("port/trunk", "N 0/1", "Does the port pass every tag? 1=Y 0=N", this::setTrunk),
                Command.of("port/mirror", "N TO|off", "send copies of the frames of port N to port TO",
                        this::setMirror));
    }

    private CompletableFuture<Reply> showInfo(Call call) {
        return control.ask(bridge -> new Reply.One(new Counts(bridge.ports().count(), bridge.isHub())));
    }

    private CompletableFuture<Reply> setCount(Call call) {
        int count = Scan.decimal(call.argument());
        return control.ask(bridge -> {
            if (count <= 0 || count > BridgePorts.MAX_COUNT) {
                return Reply.failure(Errno.EINVAL);
            }
            return bridge.ports().count(count) ? Reply.SUCCESS : Reply.failure(Errno.EADDRINUSE);
        });
    }

    private CompletableFuture<Reply> setHub(Call call) {
        boolean hub = Scan.decimal(call.argument()) != 0;
        return control.ask(bridge -> {
            if (hub && tree.isEnabled()) {
                tree.enable(false);
            }
            bridge.hub(hub);
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> setVlan(Call call) {
        Optional<int[]> numbers = Scan.integers(call.argument(), 2);
        return control.ask(bridge -> {
            if (numbers.isEmpty()) {
                return Reply.failure(Errno.EINVAL);
            }
            int number = numbers.get()[0];
            int vid = numbers.get()[1];
            if (vid < 0 || vid > VlanTable.NO_VLAN || number < 0 || number >= bridge.ports().count()) {
                return Reply.failure(Errno.EINVAL);
            }
            BridgePort port = bridge.ports().port(number);
            if (vid != VlanTable.NO_VLAN && !bridge.vlans().exists(vid) || port == null) {
                return Reply.failure(Errno.ENXIO);
            }
            control.settings().untaggedVlan(port, vid, bridge.events());
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> createAuto(Call call) {
        return control.ask(bridge -> {
            int number = createFree(bridge);
            return number < 0 ? Reply.failure(Errno.ENOSPC) : Reply.rows(List.of(new Created(number)));
        });
    }

    /// VDE takes `port/create 0` as a wish for any port, unless port 0 exists.
    private CompletableFuture<Reply> create(Call call) {
        int number = Scan.decimal(call.argument());
        return control.ask(bridge -> {
            if (number < 0 || number >= bridge.ports().count()) {
                return Reply.failure(Errno.EINVAL);
            }
            if (bridge.ports().port(number) != null) {
                return Reply.failure(Errno.EEXIST);
            }
            if (number == 0) {
                return createFree(bridge) < 0 ? Reply.failure(Errno.ENOSPC) : Reply.SUCCESS;
            }
            control.settings().create(number, false);
            return Reply.SUCCESS;
        });
    }

    /// Takes the lowest free port, which may exist, out of the automatic ones.
    private int createFree(Bridge bridge) {
        int number = bridge.ports().free();
        if (number >= 0 && bridge.ports().port(number) == null) {
            control.settings().create(number, false);
        } else if (number >= 0) {
            bridge.ports().port(number).allocatable(false);
        }
        return number;
    }

    private CompletableFuture<Reply> remove(Call call) {
        return onPort(Optional.of(Scan.decimal(call.argument())), (bridge, port) -> {
            if (port.isActive()) {
                return Reply.failure(Errno.EADDRINUSE);
            }
            control.settings().remove(port.number());
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> setAllocatable(Call call) {
        Optional<int[]> numbers = Scan.integers(call.argument(), 2);
        return onPort(numbers.map(both -> both[0]), (_, port) -> {
            port.allocatable(numbers.get()[1] != 0);
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> setUser(Call call) {
        OptionalInt uid = account(call.argument(), accounts::userId);
        return onPort(accountPort(call.argument()), (_, port) -> {
            uid.ifPresent(port::allowedUser);
            return uid.isPresent() ? Reply.SUCCESS : Reply.failure(Errno.EINVAL);
        });
    }

    private CompletableFuture<Reply> setGroup(Call call) {
        OptionalInt gid = account(call.argument(), accounts::groupId);
        return onPort(accountPort(call.argument()), (_, port) -> {
            gid.ifPresent(port::allowedGroup);
            return gid.isPresent() ? Reply.SUCCESS : Reply.failure(Errno.EINVAL);
        });
    }

    private CompletableFuture<Reply> closeEndpoint(Call call) {
        Optional<int[]> numbers = Scan.integers(call.argument(), 2);
        return onPort(numbers.map(both -> both[0]), (_, port) -> {
            for (Endpoint endpoint : port.endpoints()) {
                if (endpoint.id() == numbers.get()[1]) {
                    control.gate().detach(endpoint);
                    return Reply.SUCCESS;
                }
            }
            return Reply.failure(Errno.ENXIO);
        });
    }

    private CompletableFuture<Reply> resetCounters(Call call) {
        int wanted = Scan.decimal(call.argument());
        boolean all = call.argument().isEmpty();
        return control.ask(bridge -> {
            BridgePorts ports = bridge.ports();
            if (!all && (wanted < 0 || wanted >= ports.count())) {
                return Reply.failure(Errno.EINVAL);
            }
            for (int number = 0; number < ports.count(); number++) {
                if (ports.port(number) != null && (all || number == wanted)) {
                    ports.port(number).resetCounters();
                }
            }
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> print(Call call, Function<BridgePort, Boolean> shown) {
        PortRow.Names names = new PortRow.Names(accounts);
        return control.ask(bridge -> rows(bridge, call.argument(), shown, port -> PortRow.of(port, names)));
    }

    private CompletableFuture<Reply> setTrunk(Call call) {
        Optional<int[]> numbers = Scan.integers(call.argument(), 2);
        return onPort(numbers.map(both -> both[0]), (_, port) -> {
            control.settings().trunk(port, numbers.get()[1] != 0);
            return Reply.SUCCESS;
        });
    }

    private CompletableFuture<Reply> setMirror(Call call) {
        Optional<int[]> from = Scan.integers(call.argument(), 1);
        String target = secondWord(call.argument()).strip();
        Optional<int[]> to = Scan.integers(target, 1);
        return onPort(from.map(first -> first[0]), (bridge, port) -> {
            if (target.equals("off")) {
                control.settings().mirror(port, null);
                return Reply.SUCCESS;
            }
            if (to.isEmpty() || to.get()[0] < 0 || to.get()[0] >= bridge.ports().count()
                    || to.get()[0] == port.number()) {
                return Reply.failure(Errno.EINVAL);
            }
            BridgePort mirror = bridge.ports().port(to.get()[0]);
            if (mirror == null) {
                return Reply.failure(Errno.ENXIO);
            }
            control.settings().mirror(port, mirror);
            return Reply.SUCCESS;
        });
    }

    /// Does something to a port, if the number is one and the port exists.
    private CompletableFuture<Reply> onPort(Optional<Integer> number, BiFunction<Bridge, BridgePort, Reply> action) {
        return control.ask(bridge -> {
            if (number.isEmpty() || number.get() < 0 || number.get() >= bridge.ports().count()) {
                return Reply.failure(Errno.EINVAL);
            }
            BridgePort port = bridge.ports().port(number.get());
            return port == null ? Reply.failure(Errno.ENXIO) : action.apply(bridge, port);
        });
    }

    /// Describes one port or all.
    ///
    /// @param bridge whose ports
    /// @param argument a number, or nothing for all
    /// @param shown which of them
    /// @param description of a port
    /// @return the rows, or EINVAL or ENXIO for a port that cannot be or is not shown
    static Reply rows(Bridge bridge, String argument, Function<BridgePort, Boolean> shown,
            Function<BridgePort, Row> description) {
        BridgePorts ports = bridge.ports();
        if (!argument.isEmpty()) {
            int number = Scan.decimal(argument);
            if (number < 0 || number >= ports.count()) {
                return Reply.failure(Errno.EINVAL);
            }
            BridgePort port = ports.port(number);
            return port == null || !shown.apply(port) ? Reply.failure(Errno.ENXIO)
                    : Reply.rows(List.of(description.apply(port)));
        }
        List<Row> rows = new ArrayList<>();
        for (int number = 0; number < ports.count(); number++) {
            if (ports.port(number) != null && shown.apply(ports.port(number))) {
                rows.add(description.apply(ports.port(number)));
            }
        }
        return Reply.rows(rows);
    }

    /// Describes one port or all, for commands that VDE does not have: with VDE's codes, but what is no number is not
    /// taken for 0, and a line says what is wrong.
    ///
    /// @param bridge whose ports
    /// @param argument a number, or nothing for all
    /// @param shown which of them have something to tell
    /// @param description of a port
    /// @return the rows, or EINVAL or ENXIO
    static Reply ownRows(Bridge bridge, String argument, Function<BridgePort, Boolean> shown,
            Function<BridgePort, Row> description) {
        String text = argument.strip();
        int number = Scan.decimal(text);
        if (!text.isEmpty() && (!text.matches("\\d{1,9}") || number >= bridge.ports().count())) {
            return Reply.failure("port " + text + ": must be 0 to " + (bridge.ports().count() - 1),
                    Errno.EINVAL.number());
        }
        if (!text.isEmpty() && bridge.ports().port(number) == null) {
            return Reply.failure("port " + text + ": there is none", Errno.ENXIO.number());
        }
        if (!text.isEmpty() && !shown.apply(bridge.ports().port(number))) {
            return Reply.failure("port " + text + ": nothing to show", Errno.ENXIO.number());
        }
        return rows(bridge, text, shown, description);
    }

    /// The port of `N user`, if there is a user.
    private static Optional<Integer> accountPort(String argument) {
        return secondWord(argument).isEmpty() ? Optional.empty()
                : Scan.integers(argument, 1).map(numbers -> numbers[0]);
    }

    /// The id of `N user`: a name, else what begins with a digit is a number, else nobody in particular.
    private static OptionalInt account(String argument, Function<String, OptionalInt> byName) {
        String name = secondWord(argument);
        OptionalInt known = byName.apply(name);
        if (known.isPresent() || name.isEmpty()) {
            return known;
        }
        if (name.charAt(0) >= '0' && name.charAt(0) <= '9') {
            return OptionalInt.of(Scan.decimal(name));
        }
        return name.equals("NONE") || name.equals("ANY") ? OptionalInt.of(BridgePort.NOBODY) : OptionalInt.empty();
    }

    /// What follows the first word and the blanks behind it, to the end of the line.
    private static String secondWord(String argument) {
        int blank = argument.indexOf(' ');
        int from = blank < 0 ? argument.length() : blank;
        while (from < argument.length() && argument.charAt(from) == ' ') {
            from++;
        }
        return argument.substring(from);
    }

    private record Counts(int ports, boolean hub) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("Numports=%d\nHUB=%s\ncounters=true\n".formatted(ports, hub));
        }

        @Override
        public void json(Json json) {
            json.object().member("ports", ports).member("hub", hub).endObject();
        }
    }

    private record Created(int port) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("Port %04d\n".formatted(port));
        }

        @Override
        public void json(Json json) {
            json.object().member("port", port).endObject();
        }
    }
}
