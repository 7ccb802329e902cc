package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import org.vswitch.bridge.BridgePort;
import org.vswitch.control.SwitchControl;
import org.vswitch.frame.Drop;
import org.vswitch.link.Endpoint;

/// `port/drops` and `port/ledger`: where every frame of a port went. VDE has neither.
final class LedgerMenu implements Menu {
    private final SwitchControl control;

    LedgerMenu(SwitchControl control) {
        this.control = control;
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.printing("port/drops", "[N]", "print the frames that were lost, by reason",
                        call -> print(call, true)),
                Command.printing("port/ledger", "[N]", "print where all frames went",
                        call -> print(call, false)));
    }

    private CompletableFuture<Reply> print(Call call, boolean byReason) {
        return control.ask(bridge -> PortMenu.ownRows(bridge, call.argument(), _ -> true, port -> {
            Ledger ledger = Ledger.of(port);
            return byReason ? new DropsRow(ledger) : new LedgerRow(ledger);
        }));
    }

    private record Reason(Drop drop, long frames) {
        static List<Reason> of(ToLongFunction<Drop> counter) {
            List<Reason> reasons = new ArrayList<>();
            for (Drop drop : Drop.ALL) {
                if (counter.applyAsLong(drop) != 0) {
                    reasons.add(new Reason(drop, counter.applyAsLong(drop)));
                }
            }
            return reasons;
        }

        static long sum(List<Reason> reasons) {
            return reasons.stream().mapToLong(Reason::frames).sum();
        }

        static void json(Json json, List<Reason> reasons) {
            json.object();
            reasons.forEach(reason -> json.member(reason.drop.key(), reason.frames));
            json.endObject();
        }
    }

    /// received = consumed + discarded + passed on
    private record Ledger(int port, long received, long consumed, List<Reason> discarded, long passedOn,
            List<EgressLedger> endpoints) {
        static Ledger of(BridgePort port) {
            List<EgressLedger> endpoints = new ArrayList<>();
            for (Endpoint endpoint : port.endpoints()) {
                Endpoint.Ledger ledger = endpoint.ledger();
                endpoints.add(new EgressLedger(endpoint.id(), ledger.offered(), ledger.sent(), ledger.queued(),
                        Reason.of(ledger::lost)));
            }
            return new Ledger(port.number(), port.received(), port.consumed(), Reason.of(port::discarded),
                    port.passedOn(), endpoints);
        }
    }

    /// offered = sent + queued + dropped
    private record EgressLedger(long id, long offered, long sent, long queued, List<Reason> dropped) {
    }

    private record LedgerRow(Ledger ledger) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("Port %04d received %d = consumed %d + discarded %d + passed %d\n".formatted(ledger.port,
                    ledger.received, ledger.consumed, Reason.sum(ledger.discarded), ledger.passedOn));
            for (EgressLedger endpoint : ledger.endpoints) {
                lines.append("  -- endpoint ID %04d offered %d = sent %d + queued %d + dropped %d\n".formatted(
                        endpoint.id, endpoint.offered, endpoint.sent, endpoint.queued,
                        Reason.sum(endpoint.dropped)));
            }
        }

        @Override
        public void json(Json json) {
            json.object().member("port", ledger.port).member("received", ledger.received)
                    .member("consumed", ledger.consumed).member("discarded", Reason.sum(ledger.discarded))
                    .member("passed", ledger.passedOn).name("endpoints").array();
            for (EgressLedger endpoint : ledger.endpoints) {
                json.object().member("id", endpoint.id).member("offered", endpoint.offered)
                        .member("sent", endpoint.sent).member("queued", endpoint.queued)
                        .member("dropped", Reason.sum(endpoint.dropped)).endObject();
            }
            json.endArray().endObject();
        }
    }

    private record DropsRow(Ledger ledger) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("Port %04d discarded %d\n".formatted(ledger.port, Reason.sum(ledger.discarded)));
            ledger.discarded.forEach(reason -> line(lines, reason));
            for (EgressLedger endpoint : ledger.endpoints) {
                lines.append("  -- endpoint ID %04d dropped %d\n".formatted(endpoint.id,
                        Reason.sum(endpoint.dropped)));
                endpoint.dropped.forEach(reason -> line(lines, reason));
            }
        }

        private static void line(StringBuilder lines, Reason reason) {
            lines.append("      %-16s %d\n".formatted(reason.drop.key(), reason.frames));
        }

        @Override
        public void json(Json json) {
            json.object().member("port", ledger.port).name("discarded");
            Reason.json(json, ledger.discarded);
            json.name("endpoints").array();
            for (EgressLedger endpoint : ledger.endpoints) {
                json.object().member("id", endpoint.id).name("dropped");
                Reason.json(json, endpoint.dropped);
                json.endObject();
            }
            json.endArray().endObject();
        }
    }
}
