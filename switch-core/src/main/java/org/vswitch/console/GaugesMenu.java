package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.vswitch.bridge.BridgePort;
import org.vswitch.control.SwitchControl;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.MeasuredLink;

/// `port/gauges`: what links with more inside than frames have to tell, such as a router. VDE has nothing like it.
final class GaugesMenu implements Menu {
    private final SwitchControl control;

    GaugesMenu(SwitchControl control) {
        this.control = control;
    }

    @Override
    public List<Command> commands() {
        return List.of(Command.printing("port/gauges", "[N]", "print what routers and lines hold and have dropped",
                this::print));
    }

    private CompletableFuture<Reply> print(Call call) {
        List<CompletableFuture<Void>> told = new ArrayList<>();
        return control.ask(bridge -> PortMenu.ownRows(bridge, call.argument(), GaugesMenu::isMeasured,
                port -> GaugesRow.of(port, told)))
                .thenCompose(reply -> CompletableFuture.allOf(told.toArray(CompletableFuture[]::new))
                        .handle((_, _) -> reply)); // of a link that has ended meanwhile there is less to show
    }

    private static boolean isMeasured(BridgePort port) {
        for (Endpoint endpoint : port.endpoints()) {
            if (endpoint.link() instanceof MeasuredLink) {
                return true;
            }
        }
        return false;
    }

    private record Gauge(String name, long value, long limit) {
    }

    private record Counter(String name, long count) {
    }

    private record Inside(long id, LinkLabel label, List<Gauge> gauges, List<Counter> counters)
            implements MeasuredLink.Measures {
        @Override
        public void gauge(String name, long value, long limit) {
            gauges.add(new Gauge(name, value, limit));
        }

        @Override
        public void counter(String name, long count) {
            if (count != 0) {
                counters.add(new Counter(name, count));
            }
        }
    }

    private record GaugesRow(int port, List<Inside> endpoints) implements Row {
        /// Asks the links of a port; to be shown once all have told.
        static GaugesRow of(BridgePort port, List<CompletableFuture<Void>> told) {
            List<Inside> measured = new ArrayList<>();
            for (Endpoint endpoint : port.endpoints()) {
                if (endpoint.link() instanceof MeasuredLink link) {
                    Inside inside = new Inside(endpoint.id(), endpoint.label(), new ArrayList<>(), new ArrayList<>());
                    told.add(link.measure(inside));
                    measured.add(inside);
                }
            }
            return new GaugesRow(port.number(), measured);
        }

        @Override
        public void text(StringBuilder lines) {
            for (Inside inside : endpoints) {
                lines.append("Port %04d endpoint ID %04d module %-12s: %s\n".formatted(port, inside.id,
                        inside.label.module(), inside.label.description()));
                inside.gauges.forEach(gauge -> lines.append("      %-24s %d of %d\n".formatted(gauge.name,
                        gauge.value, gauge.limit)));
                inside.counters.forEach(counter -> lines.append("      %-24s %d\n".formatted(counter.name,
                        counter.count)));
            }
        }

        @Override
        public void json(Json json) {
            json.object().member("port", port).name("endpoints").array();
            for (Inside inside : endpoints) {
                json.object().member("id", inside.id).member("module", inside.label.module())
                        .member("description", inside.label.description()).name("gauges").object();
                for (Gauge gauge : inside.gauges) {
                    json.name(gauge.name).object().member("value", gauge.value).member("limit", gauge.limit)
                            .endObject();
                }
                json.endObject().name("counters").object();
                inside.counters.forEach(counter -> json.member(counter.name, counter.count));
                json.endObject().endObject();
            }
            json.endArray().endObject();
        }
    }
}
