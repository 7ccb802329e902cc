package org.vswitch.link;

/// Who takes links: a switch gives each a port, a cable has two ends. Callable from any thread.
public interface LinkHost {
    /// Puts a link to use. The host owns it from now on, and closes it.
    ///
    /// @param link ready to carry frames
    /// @param label how consoles show it
    /// @param onDetached run once, on the control side, after the link was closed for whatever reason
    /// @return a name for [#detach]
    /// @throws java.io.IOException if it is refused: no port, a limit reached. The caller then closes the link
    long attach(Link link, LinkLabel label, Runnable onDetached) throws java.io.IOException;

    /// Takes a link out of use and closes it. Without effect if it has gone already.
    ///
    /// @param attachment as [#attach] returned
    void detach(long attachment);

    /// Hears that nothing will be attached any more: what the URL named has gone for good. Without effect where nobody
    /// asks about that.
    default void ended() {
    }

    /// Asks that the place of the first link be kept for those that follow, one at a time, when what the URL names has
    /// gone and comes back. Called before the first is attached.
    ///
    /// @return whether it is kept: a switch keeps the port until the URL is withdrawn, a cable ends with its link
    default boolean keepPlace() {
        return false;
    }

    /// The program, as other switches are to show its plugs.
    ///
    /// @return one word, such as `vswitch`
    String program();

    /// Tells people about trouble that is nobody's request.
    ///
    /// @param message one line
    void log(String message);
}
