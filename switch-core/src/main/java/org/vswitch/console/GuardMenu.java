package org.vswitch.console;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.control.SwitchControl;
import org.vswitch.guard.GuardSettings;
import org.vswitch.guard.OwnAddresses;
import org.vswitch.guard.PortGuard;
import org.vswitch.linux.Errno;
import org.vswitch.wire.MacAddress;

/// `port/guard` and `port/setguard`: what ports may send. VDE has neither.
final class GuardMenu implements Menu {
    private static final String CLIENTS = "clients";

    private final SwitchControl control;

    GuardMenu(SwitchControl control) {
        this.control = control;
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.printing("port/guard", "[N]", "print what ports may send, and what they were found to use",
                        this::print),
                Command.of("port/setguard", "N|clients GUARD", "guard port N, or those of all clients: off, trusted, "
                        + "or words as clean-traffic+isolated (link URLs: [guard=GUARD])", this::set));
    }

    private CompletableFuture<Reply> print(Call call) {
        return control.ask(bridge -> {
            String text = call.argument().strip();
            BridgePorts ports = bridge.ports();
            int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : ports.count();
            if (number < ports.count() && control.guards().pending(number).isPresent()) {
                return Reply.rows(List.of(row(ports, number)));
            }
            if (!text.isEmpty()) {
                return PortMenu.ownRows(bridge, text, _ -> true, port -> row(ports, port.number()));
            }
            return Reply.rows(IntStream.range(0, ports.count()).mapToObj(each -> row(ports, each))
                    .filter(row -> !row.settings.equals(GuardSettings.OFF)).toList());
        });
    }

    /// A port as it is, or as it will be.
    private GuardRow row(BridgePorts ports, int number) {
        Optional<GuardSettings> pending = control.guards().pending(number);
        BridgePort port = ports.port(number);
        if (pending.isPresent() || port == null) {
            return new GuardRow(number, pending.orElse(GuardSettings.OFF), pending.isPresent(), List.of(), List.of());
        }
        PortGuard guard = port.guard();
        return new GuardRow(number, port.guardSettings(), false,
                guard == null ? List.of() : guard.learnedMacs(),
                guard == null ? List.of() : guard.ownAddresses());
    }

    private CompletableFuture<Reply> set(Call call) {
        String[] words = call.argument().strip().split("\\s+", 2);
        if (words.length < 2) {
            return CompletableFuture.completedFuture(Reply.failure("needs a port or clients, and a guard: "
                    + GuardSettings.KNOWN, Errno.EINVAL.number()));
        }
        GuardSettings wanted;
        try {
            wanted = GuardSettings.parse(words[1]);
        } catch (IOException mistake) {
            return CompletableFuture.completedFuture(Reply.failure(mistake.getMessage(), Errno.EINVAL.number()));
        }
        return control.ask(bridge -> {
            if (words[0].equals(CLIENTS)) {
                control.guards().askForClients(wanted);
                return Reply.SUCCESS;
            }
            if (!words[0].matches("\\d{1,9}") || Integer.parseInt(words[0]) >= bridge.ports().count()) {
                return Reply.failure("port " + words[0] + ": must be 0 to " + (bridge.ports().count() - 1)
                        + ", or clients", Errno.EINVAL.number());
            }
            control.guards().ask(Integer.parseInt(words[0]), wanted);
            return Reply.SUCCESS;
        });
    }

    /// @param pending whether the port gets the guard only when somebody is plugged in
    private record GuardRow(int port, GuardSettings settings, boolean pending, List<Long> macs,
            List<OwnAddresses.Entry> addresses) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("Port %04d guard %s%s\n".formatted(port, settings,
                    pending ? " (once in use)" : ""));
            for (long mac : macs) {
                lines.append("  -- station %s\n".formatted(MacAddress.toText(mac)));
            }
            for (OwnAddresses.Entry address : addresses) {
                lines.append("  -- address %s vlan %04d%s\n".formatted(address.range(), address.vlan(),
                        address.seconds() < 0 ? "" : " for %d s".formatted(address.seconds())));
            }
        }

        @Override
        public void json(Json json) {
            json.object().member("port", port).member("guard", settings.toString()).member("pending", pending)
                    .name("stations").array();
            for (long mac : macs) {
                json.value(MacAddress.toText(mac));
            }
            json.endArray().name("addresses").array();
            for (OwnAddresses.Entry address : addresses) {
                json.object().member("address", address.range().toString()).member("vlan", address.vlan())
                        .name("seconds");
                if (address.seconds() < 0) {
                    json.value(null);
                } else {
                    json.value(address.seconds());
                }
                json.endObject();
            }
            json.endArray().endObject();
        }
    }
}
