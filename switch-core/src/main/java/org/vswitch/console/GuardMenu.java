package org.vswitch.console;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.vswitch.bridge.BridgePort;
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
                        + "clean-traffic, ...", this::set));
    }

    private CompletableFuture<Reply> print(Call call) {
        return control.ask(bridge -> PortMenu.ownRows(bridge, call.argument(),
                port -> !port.guardSettings().equals(GuardSettings.OFF) || !call.argument().isBlank(),
                GuardRow::of));
    }

    private CompletableFuture<Reply> set(Call call) {
        String[] words = call.argument().strip().split("\\s+", 2);
        GuardSettings wanted;
        try {
            wanted = GuardSettings.parse(words.length < 2 ? "" : words[1]);
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

    private record GuardRow(int port, GuardSettings settings, List<Long> macs, List<OwnAddresses.Entry> addresses)
            implements Row {
        static GuardRow of(BridgePort port) {
            PortGuard guard = port.guard();
            return new GuardRow(port.number(), port.guardSettings(),
                    guard == null ? List.of() : guard.learnedMacs(),
                    guard == null ? List.of() : guard.ownAddresses());
        }

        @Override
        public void text(StringBuilder lines) {
            lines.append("Port %04d guard %s\n".formatted(port, settings));
            for (long mac : macs) {
                lines.append("  -- station %s\n".formatted(MacAddress.toText(mac)));
            }
            for (OwnAddresses.Entry address : addresses) {
                lines.append("  -- address %s vlan %04d%s\n".formatted(address.address(), address.vlan(),
                        address.seconds() < 0 ? "" : " for %d s".formatted(address.seconds())));
            }
        }

        @Override
        public void json(Json json) {
            json.object().member("port", port).member("guard", settings.toString()).name("stations").array();
            for (long mac : macs) {
                json.value(MacAddress.toText(mac));
            }
            json.endArray().name("addresses").array();
            for (OwnAddresses.Entry address : addresses) {
                json.object().member("address", address.address().toString()).member("vlan", address.vlan())
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
