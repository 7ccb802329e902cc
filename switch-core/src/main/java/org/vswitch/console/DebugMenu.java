package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.vswitch.control.EventCategory;
import org.vswitch.control.SwitchEvents;
import org.vswitch.linux.Errno;

/// `debug/...`: which events a session gets.
final class DebugMenu implements Menu {
    private static final String FORMAT = "%-22s %-3s %-6s %s\n";
    private static final Row HEADING = new Heading(FORMAT.formatted("CATEGORY", "TAG", "STATUS", "HELP")
            + FORMAT.formatted("------------", "---", "------", "----"));
    /// Categories that VDE keeps for its plugins: no session ever gets them, but they can be left.
    private static final List<String> HIDDEN = List.of("mgmt/+", "mgmt/-", "sig/hup", "packet/in", "packet/out");

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("debug", "DEBUG MENU"),
                Command.printing("debug/list", "", "list debug categories", ofSession(DebugMenu::list)),
                Command.of("debug/add", "dbgpath", "enable debug info for a given category",
                        ofSession(DebugMenu::add)),
                Command.of("debug/del", "dbgpath", "disable debug info for a given category",
                        ofSession(DebugMenu::remove)));
    }

    private static Command.Action ofSession(BiFunction<SwitchEvents.Subscription, String, Reply> action) {
        return Command.atOnce(call -> {
            Optional<SwitchEvents.Subscription> events = call.events();
            return events.isEmpty() ? Reply.failure(Errno.EBADF) : action.apply(events.get(), call.argument());
        });
    }

    private static Reply list(SwitchEvents.Subscription events, String prefix) {
        List<Row> rows = new ArrayList<>();
        rows.add(HEADING);
        for (EventCategory category : matching(prefix)) {
            rows.add(new Category(category, events.includes(category)));
        }
        return new Reply.Rows(rows, rows.size() > 1 ? 0 : Errno.ENOENT.number());
    }

    private static Reply add(SwitchEvents.Subscription events, String prefix) {
        List<EventCategory> wanted = matching(prefix);
        if (wanted.isEmpty()) {
            return Reply.failure(Errno.EINVAL);
        }
        boolean any = wanted.stream().anyMatch(category -> !events.includes(category));
        wanted.forEach(category -> events.include(category, true));
        return any ? Reply.SUCCESS : Reply.failure(Errno.EEXIST);
    }

    private static Reply remove(SwitchEvents.Subscription events, String prefix) {
        List<EventCategory> unwanted = matching(prefix);
        if (unwanted.isEmpty() && HIDDEN.stream().noneMatch(path -> path.startsWith(prefix))) {
            return Reply.failure(Errno.EINVAL);
        }
        boolean any = unwanted.stream().anyMatch(events::includes);
        unwanted.forEach(category -> events.include(category, false));
        return any ? Reply.SUCCESS : Reply.failure(Errno.ENOENT);
    }

    private static List<EventCategory> matching(String prefix) {
        return EventCategory.ALL.stream().filter(category -> category.path().startsWith(prefix)).toList();
    }

    private record Category(EventCategory category, boolean on) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append(FORMAT.formatted(category.path(), "%03o".formatted(category.tag()), on ? "ON" : "OFF",
                    category.help()));
        }

        @Override
        public void json(Json json) {
            json.object().member("category", category.path()).member("tag", "%03o".formatted(category.tag()))
                    .member("on", on).member("help", category.help()).endObject();
        }
    }
}
