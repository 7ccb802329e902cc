package org.vswitch.control;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.vswitch.link.LinkUrl;

/// Links that were asked for by URL, on the command line or on a console. Callable from any thread; opening may take as
/// long as a handshake, so everything is answered later.
public interface SwitchLinks {
    /// The port of a link that takes any free one.
    int ANY_PORT = -1;

    /// Opens a link.
    ///
    /// @param name unique among the links of the switch; null for one made from scheme and port number
    /// @param url what to open
    /// @param port the port its endpoints go to, or [#ANY_PORT]
    /// @return the link; exceptionally with an [IOException] of one line that names the value at fault
    CompletableFuture<Opened> add(String name, LinkUrl url, int port);

    /// Withdraws a link.
    ///
    /// @param name as [#list] shows it
    /// @return false if there is no such link
    CompletableFuture<Boolean> remove(String name);

    /// All links that are open, those without endpoint at the moment included, and the last of those that have ended by
    /// themselves, whose names are free.
    ///
    /// @return by name
    CompletableFuture<List<Opened>> list();

    /// A link that is open.
    ///
    /// @param name unique among the links of the switch
    /// @param url as it was asked for
    /// @param port the port its endpoints go to, or [#ANY_PORT] if it has none yet
    /// @param ended whether what it named has gone for good
    record Opened(String name, LinkUrl url, int port, boolean ended) {
    }
}
