package org.vswitch.console;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.vswitch.control.NamedUrl;
import org.vswitch.control.SwitchLinks;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;

/// `link/...`: links made from URLs. VDE has nothing like it.
final class LinkMenu implements Menu {
    private final SwitchLinks links;

    LinkMenu(SwitchLinks links) {
        this.links = links;
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("link", "LINK MENU"),
                Command.printing("link/add", "[NAME=]URL [N]", "plug a link into a free port or port N", this::add),
                Command.of("link/del", "NAME", "unplug a link", this::remove),
                Command.printing("link/list", "", "print the links", this::list));
    }

    private CompletableFuture<Reply> add(Call call) {
        LinkWish wish = LinkWish.parse(call.argument());
        if (wish == null) {
            return CompletableFuture.completedFuture(Reply.failure("needs a URL", Errno.EINVAL.number()));
        }
        return links.add(wish.name(), wish.url(), wish.port()).handle((opened, trouble) ->
                trouble == null ? Reply.rows(List.of(new LinkRow(opened))) : refused(trouble));
    }

    private CompletableFuture<Reply> remove(Call call) {
        String name = call.argument().strip();
        if (name.isEmpty()) {
            return CompletableFuture.completedFuture(Reply.failure("needs the NAME of a link, as link/list has it",
                    Errno.EINVAL.number()));
        }
        return links.remove(name).thenApply(found -> found ? Reply.SUCCESS
                : Reply.failure("link " + name + ": there is none", Errno.ENXIO.number()));
    }

    private CompletableFuture<Reply> list(Call call) {
        if (!call.argument().isBlank()) {
            return CompletableFuture.completedFuture(Reply.failure("link/list takes no argument but --json",
                    Errno.EINVAL.number()));
        }
        return links.list().thenApply(opened -> Reply.rows(opened.stream().map(LinkRow::new).toList()));
    }

    private static Reply refused(Throwable trouble) {
        Throwable cause = trouble instanceof CompletionException ? trouble.getCause() : trouble;
        return Reply.failure(cause.getMessage(), errno(cause));
    }

    /// What the kernel said, if it was the kernel.
    private static int errno(Throwable trouble) {
        for (Throwable cause = trouble; cause != null; cause = cause.getCause()) {
            if (cause instanceof LinuxException failed) {
                return failed.errno();
            }
        }
        return Errno.EINVAL.number();
    }

    /// What is asked for: `[NAME=]URL [PORT]`.
    ///
    /// @param name null for one made from scheme and port number
    /// @param url what to open
    /// @param port the port wanted, or [SwitchLinks#ANY_PORT]
    record LinkWish(String name, LinkUrl url, int port) {
        /// Takes an argument apart. A blank and digits at the end are a port; a word before `=` is a name if it stands
        /// before any character of a URL.
        ///
        /// @param argument as given
        /// @return null if there is no URL
        static LinkWish parse(String argument) {
            String rest = argument.strip();
            int port = SwitchLinks.ANY_PORT;
            int blank = rest.lastIndexOf(' ');
            if (blank > 0 && rest.substring(blank + 1).matches("\\d{1,5}")) {
                port = Integer.parseInt(rest.substring(blank + 1));
                rest = rest.substring(0, blank).strip();
            }
            NamedUrl wanted = NamedUrl.parse(rest);
            return rest.isEmpty() ? null : new LinkWish(wanted.name(), wanted.url(), port);
        }
    }

    private record LinkRow(SwitchLinks.Opened link) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("%-16s %-9s %s\n".formatted(link.name(),
                    link.ended() ? "ended" : link.port() < 0 ? "-" : "Port %04d".formatted(link.port()), link.url()));
        }

        @Override
        public void json(Json json) {
            json.object().member("name", link.name()).name("port");
            if (link.ended() || link.port() < 0) {
                json.value(null);
            } else {
                json.value(link.port());
            }
            json.member("url", link.url().toString()).member("ended", link.ended()).endObject();
        }
    }
}
